"""The equation of an ``EinsumDense``: which letters stand where, and the sizes that follow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_letters

from denselite.errors import ArgumentError, ShapeError

__all__ = ["Equation", "read_equation"]

_FORM = r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?"

Sizes = Sequence[int | None]


@dataclass(frozen=True)
class Equation:
    """An equation for inputs of one rank, the axes that ``...`` stands for written out as letters.

    Args:
        inputs: a letter for each axis of the input.
        kernel: a letter for each axis of the kernel.
        outputs: a letter for each axis of the output.
        told: those letters of the output whose sizes ``output_shape`` tells.
        elided: how many axes ``...`` stands for behind the letters.
    """

    inputs: str
    kernel: str
    outputs: str
    told: str
    elided: int

    def __str__(self) -> str:
        return f"{self.inputs},{self.kernel}->{self.outputs}"

    def sizes(self, input_shape: Sizes, output_shape: Sizes) -> dict[str, int | None]:
        """Return the size of each letter, None where neither of the shapes tells it.

        Raises:
            ShapeError: ``output_shape`` has another number of sizes, or a letter has two.
        """
        if len(output_shape) != len(self.told):
            raise ShapeError(f"takes an output_shape of {len(self.told)} sizes, for {self.told!r}, got {output_shape}")
        known: dict[str, int | None] = dict(zip(self.told, output_shape, strict=True))
        for letter, size in zip(self.inputs, input_shape, strict=True):
            if size is not None and known.get(letter) not in (None, size):
                raise ShapeError(
                    f"gets two sizes for {letter!r}, {size} of the input and {known[letter]} of the output"
                )
            known[letter] = known.get(letter) if size is None else size
        return known

    def bias_letters(self, axes: str) -> list[str | None]:
        """Return a letter for each axis of the bias, None where it has size 1.

        Raises:
            ArgumentError: an axis is none of the output's.
        """
        letters = self.outputs[: len(self.outputs) - self.elided]
        if not axes or not set(axes) <= set(letters):
            raise ArgumentError(f"has the output {letters!r}, which bias_axes {axes!r} are not axes of")
        first = min(map(letters.index, axes))
        return [letter if letter in axes else None for letter in letters[first:]] + [None] * self.elided


def read_equation(text: str, rank: int) -> Equation:
    """Read an equation for inputs of ``rank`` axes.

    Args:
        text: ``"ab,bc->ac"``, with ``...`` before or behind the letters of both input and output, or without.
        rank: the number of axes of the input, the batch included.

    Raises:
        ArgumentError: ``text`` has another form, or the kernel or the output a letter that nothing tells the size of.
        ShapeError: the rank does not fit.

    Example:
        >>> str(read_equation("...x,xy->...y", 3))
        'abx,xy->aby'
    """
    match = re.fullmatch(_FORM, text)
    before, inputs, behind, kernel, before_too, outputs, behind_too = match.groups() if match else [""] * 7
    if not match or (before, behind) != (before_too, behind_too) or (before and behind):
        raise ArgumentError("has not the form 'ab,bc->ac', '...a,ab->...b' or 'ab...,bc->ac...'")
    elided = rank - len(inputs)
    if elided < 0 or (elided and not before and not behind):
        raise ShapeError(f"takes inputs of {'at least ' if before or behind else ''}{len(inputs)} axes")
    if not set(kernel) <= {*inputs, *outputs} or not set(outputs) <= {*inputs, *kernel}:
        raise ArgumentError("has a letter in the kernel or the output that no other term has")
    spare = "".join(letter for letter in ascii_letters if letter not in text)[:elided]
    first, last = (spare, "") if before else ("", spare)
    told = outputs if first else outputs[1:]
    return Equation(first + inputs + last, kernel, first + outputs + last, told, len(last))
