"""Tables of text, as ``summary`` prints them, and of HTML, as notebooks show them."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

from denselite.errors import ArgumentError

__all__ = ["html_table", "text_table"]

_LEAST_WIDTHS = {"Layer (type)": 31, "Output Shape": 22, "Param #": 13, "Connected to": 22, "Trainable": 9}
_MOST_WIDTHS = {"Arguments": 44}
_RIGHT = "Param #"
_NARROWEST = 4  # characters of a column, below which nothing can be read
_LINE = {3: 88, 4: 108}  # characters, by the number of columns, where only positions are given; as in Keras


def text_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
) -> Iterator[str]:
    """Yield the lines of a table drawn with box characters.

    Args:
        header: the names of the columns.
        rows: the cells; those that are too long are broken.
        line_length: width in characters; as wide as needed by default.
        positions: where each column ends, as shares of the line.

    Raises:
        ArgumentError: there is no room for the columns, or not one rising position each.
    """
    if positions is None:
        widths = [_width(name, [row[k] for row in rows]) for k, name in enumerate(header)]
        widths = widths if line_length is None else _fit(widths, line_length)
    else:
        widths = _placed(positions, line_length or _LINE.get(len(header), 120), len(header))
    yield _rule("┏━┳┓", widths)
    yield from _lines(header, header, widths, "┃")
    yield _rule("┡━╇┩", widths)
    for number, row in enumerate(rows):
        if number:
            yield _rule("├─┼┤", widths)
        yield from _lines(row, header, widths, "│")
    yield _rule("└─┴┘", widths)


def html_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Collection[str],
    title: str = "",
    footer: Iterable[str] = (),
) -> str:
    """Return a table as HTML; what is indented in text is indented.

    Args:
        header: the names of the columns.
        rows: the cells.
        right: the columns that stand to the right, as numbers do.
        title: stands above.
        footer: lines that stand below.
    """
    import html

    def cell(tag: str, text: str, name: str) -> str:
        side = "right" if name in right else "left"
        indent = len(text) - len(text.lstrip())
        return f'<{tag} style="text-align:{side};padding-left:{0.5 + indent / 2}em">{html.escape(text.strip())}</{tag}>'

    def line(tag: str, cells: Sequence[str]) -> str:
        return f"<tr>{''.join(cell(tag, text, name) for text, name in zip(cells, header, strict=True))}</tr>"

    return "\n".join(
        [
            f"<div><b>{html.escape(title)}</b>",
            f"<table><thead>{line('th', header)}</thead>",
            f"<tbody>{''.join(line('td', row) for row in rows)}</tbody></table>",
            f"<small>{'<br>'.join(html.escape(text.strip()) for text in footer)}</small></div>",
        ]
    )


def _width(name: str, cells: Sequence[str]) -> int:
    return min(max(_LEAST_WIDTHS.get(name, len(name)), *map(len, cells), len(name)), _MOST_WIDTHS.get(name, 10**6))


def _fit(widths: list[int], line_length: int) -> list[int]:
    """Share out a line among columns: what is too much is taken from the widest, what is left goes to the first."""
    fitted = list(widths)
    room = line_length - 3 * len(widths) - 1
    while sum(fitted) > room:
        fitted[fitted.index(max(fitted))] -= 1
    fitted[0] += room - sum(fitted)
    return _wide_enough(fitted, line_length)


def _placed(positions: Sequence[float], line_length: int, columns: int) -> list[int]:
    if len(positions) != columns or not all(a < b for a, b in pairwise([0.0, *positions, 1.1])):
        raise ArgumentError(
            f"summary(): positions expects {columns} rising numbers up to 1.0, where the columns end, got "
            f"{list(positions)}."
        )
    ends = [1, *(int(position * line_length) for position in positions)]
    return _wide_enough([end - start - 3 for start, end in pairwise(ends)], line_length)


def _wide_enough(widths: list[int], line_length: int) -> list[int]:
    if min(widths) < _NARROWEST:
        raise ArgumentError(f"summary(): line_length={line_length} leaves no room for {len(widths)} columns.")
    return widths


def _rule(parts: str, widths: Iterable[int]) -> str:
    return parts[0] + parts[2].join(parts[1] * (width + 2) for width in widths) + parts[3]


def _lines(cells: Sequence[str], header: Sequence[str], widths: Sequence[int], bar: str) -> Iterator[str]:
    """A row, in as many lines as its longest cell needs."""
    broken = [_break(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for k in range(max(map(len, broken))):
        parts = [lines[k] if k < len(lines) else "" for lines in broken]
        shown = [
            part.rjust(width) if name == _RIGHT else part.ljust(width)
            for part, name, width in zip(parts, header, widths, strict=True)
        ]
        yield f"{bar} {f' {bar} '.join(shown)} {bar}"


def _break(cell: str, width: int) -> list[str]:
    if len(cell) <= width:
        return [cell]
    return textwrap.wrap(
        cell, width, drop_whitespace=True, break_on_hyphens=False, initial_indent=cell[: len(cell) - len(cell.lstrip())]
    )
