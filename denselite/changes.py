"""A count of what was changed, process-wide: an attribute of a layer, a setting, where weights lie, what is tracked.

After a change, what was found out before may not hold any more; who keeps it compares one number.
"""

__all__ = ["changed", "changes"]

_count = 0


def changed() -> None:
    """Say that something has changed."""
    global _count
    _count += 1


def changes() -> int:
    """Return a number that is another one after a change."""
    return _count
