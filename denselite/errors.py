"""Every error that denselite raises on purpose.

    DenseliteError
    ├── ArgumentError (ValueError)         an argument is outside what is allowed
    │   └── UnknownNameError               a string names nothing we know
    ├── ShapeError (ValueError)            shapes do not fit together
    ├── DTypeError (TypeError)             a dtype we cannot compute with
    ├── DataError (ValueError)             arrays, labels or generators handed to fit/evaluate/predict
    ├── StateError (ValueError)            called too early or in the wrong state (fit before compile)
    │   ├── ScheduledRateError (TypeError) a learning rate assigned where a schedule sets it
    │   └── NoValueError               the value of a tensor was asked for where it has none yet
    ├── DivergenceError (RuntimeError)     the loss has become NaN or infinite
    ├── GradientError (NotImplementedError) an operation on the path has no gradient
    ├── GradientMismatchError (AssertionError) a gradient is not what differences say
    ├── MissingPackageError (ImportError)  a package that only this needs is not installed
    ├── UncoveredError (NotImplementedError) a NumPy or Keras name that denselite does not have
    │   └── UncoveredNameError (AttributeError) asked for as an attribute of a module
    └── FormatError (ValueError)           a file is not what it says it is

Each one also derives from the builtin that a caller would catch. A message says who, what was
expected, what was received and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "ArgumentError",
    "DTypeError",
    "DataError",
    "DenseliteError",
    "DivergenceError",
    "FormatError",
    "GradientError",
    "GradientMismatchError",
    "MissingPackageError",
    "NoValueError",
    "ScheduledRateError",
    "ShapeError",
    "StateError",
    "UncoveredError",
    "UncoveredNameError",
    "UnknownNameError",
    "suggestion",
]


class DenseliteError(Exception):
    """Base of every error that denselite raises on purpose."""


class ArgumentError(DenseliteError, ValueError):
    """An argument is outside what is allowed."""


class UnknownNameError(ArgumentError):
    """A string names nothing we know; the message carries the nearest known name."""


class ShapeError(DenseliteError, ValueError):
    """Shapes do not fit together."""


class DTypeError(DenseliteError, TypeError):
    """A dtype that cannot be computed with."""


class DataError(DenseliteError, ValueError):
    """The arrays, labels or generators handed to fit, evaluate or predict cannot be used."""


class StateError(DenseliteError, ValueError):
    """Called too early, or on an object in the wrong state."""


class ScheduledRateError(StateError, TypeError):
    """A learning rate was assigned to an optimizer whose schedule sets it; Keras raises TypeError here."""


class NoValueError(StateError):
    """The value of a tensor was asked for while it has none: code is being traced, not run."""


class DivergenceError(DenseliteError, RuntimeError):
    """The loss has become NaN or infinite, and training was asked to stop with an error."""


class GradientError(DenseliteError, NotImplementedError):
    """An operation on the path to a weight has no gradient."""


class GradientMismatchError(DenseliteError, AssertionError):
    """A gradient that was checked is not what differences say."""


class MissingPackageError(DenseliteError, ImportError):
    """A package that only this part of the library needs is not installed."""


class UncoveredError(DenseliteError, NotImplementedError):
    """A NumPy or Keras name that denselite does not have."""


class UncoveredNameError(UncoveredError, ImportError):
    """A Keras name that denselite does not have, asked for as an attribute of a module.

    It is an ``ImportError`` so that ``from denselite.layers import LSTM`` shows the message, which Python
    replaces by its own for an ``AttributeError``.
    """


class FormatError(DenseliteError, ValueError):
    """A file is not what it says it is."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'near'?"`` for the known name nearest to ``name``, or ``""``.

    Example:
        >>> suggestion("rleu", ["relu", "tanh"])
        " Did you mean 'relu'?"
        >>> suggestion("zzz", ["relu"])
        ''
    """
    import difflib  # only an error message pays for it

    known = list(known)
    lowered = {entry.lower(): entry for entry in known}
    near = difflib.get_close_matches(name.lower(), list(lowered), n=3)
    near.sort(key=lambda entry: sorted(entry) != sorted(name.lower()))  # 'adma' is 'adam' rather than 'adamax'
    return f" Did you mean {lowered[near[0]]!r}?" if near else ""
