"""``Windowed``: what layers that slide a window over sequences and images have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from denselite import ops
from denselite.errors import ArgumentError, ShapeError
from denselite.layers.spatial import Spatial
from denselite.ops.sliding import each_axis

__all__ = ["Windowed"]


class Windowed(Spatial):
    """A layer with a window, which computes with the channels last wherever they stand."""

    _per_axis: ClassVar[tuple[str, ...]]  # arguments that are one integer above 0 or one for each axis
    _paddings: ClassVar[tuple[str, ...]] = ("valid", "same")

    padding = "valid"

    def __post_init__(self) -> None:
        super().__post_init__()
        who = f"{type(self).__name__}()"
        for name in self._per_axis:
            setattr(self, name, each_axis(getattr(self, name), self._axes, who, name))
        self.padding = self.padding.lower()
        if self.padding not in self._paddings:
            known = ", ".join(map(repr, self._paddings))
            raise ArgumentError(f"{who} takes padding {known}, got {self.padding!r}.")

    def _channels_last(self, compute: Callable[[Any], Any], inputs: Any) -> Any:
        """What ``compute`` returns for the inputs, which has its channels where the inputs have theirs."""
        try:
            if self.data_format == "channels_last":
                return compute(inputs)
            return ops.moveaxis(compute(ops.moveaxis(inputs, 1, -1)), -1, 1)
        except ShapeError as error:
            raise ShapeError(f"{self._who}: {error}") from None
