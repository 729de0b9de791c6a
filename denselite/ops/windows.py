"""Windows of images: where they lie, how many there are, and what each of their places meets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from denselite.ops.op import Array, Run, Spec

__all__ = ["Padding", "Places", "Windows", "at_once", "chunk_of", "chunks"]

Padding = tuple[tuple[int, int], ...]
Meeting = tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]]  # indices

CHUNK = 1 << 18  # elements that are worked on at once: a megabyte, half of a core's second cache


def chunks(images: int, elements: int) -> list[slice]:
    """Return slices of a batch, as many images at once as stay in cache.

    Args:
        images: how many there are.
        elements: how many elements are worked on for each.
    """
    step = at_once(images, elements)
    return [slice(start, min(start + step, images)) for start in range(0, images, step)]


def at_once(images: int, elements: int) -> int:
    """Return how many images ``chunks`` takes at most."""
    return min(max(CHUNK // max(elements, 1), 1), max(images, 1))


def chunk_of(like: Any, dtype: Any) -> Spec:
    """Return the spec of flat memory for what ``chunks`` takes of an array at most."""
    elements = prod(like.shape[1:])
    return (at_once(like.shape[0], elements) * elements,), np.dtype(dtype)


class Places:
    """The places of a window that slides over images.

    Args:
        sizes: of the images, for each axis.
        window: how many entries a window has, for each axis.
        strides: how far a window lies from the next.
        padding: how much is put before and after.
        dilation: how far the entries of a window lie apart; None where they are neighbours.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        window: Sequence[int],
        strides: Sequence[int],
        padding: Padding,
        dilation: Sequence[int] | None = None,
    ) -> None:
        dilation = (1,) * len(window) if dilation is None else dilation
        self.sizes, self.window, self.strides = tuple(sizes), tuple(window), tuple(strides)
        self.padding, self.dilation = padding, tuple(dilation)
        self.is_padded = any(map(any, padding))
        axes = zip(sizes, window, strides, padding, dilation, strict=True)
        self.out = tuple((size + sum(p) - apart * (k - 1) - 1) // stride + 1 for size, k, stride, p, apart in axes)

    @property
    def is_tiled(self) -> bool:
        """Whether every entry lies in one window."""
        counts = zip(self.out, self.window, strict=True)
        return self.strides == self.window and self.sizes == tuple(count * entries for count, entries in counts)

    def meetings(self) -> Iterator[Meeting]:
        """Yield for each place of the window which windows have an entry there, and which entries these are.

        Without padding all windows have; what lies in the padding is left out.
        """
        for place in np.ndindex(*self.window):
            found = list(map(self._meeting, range(len(place)), place))
            yield place, (slice(None), *(a for a, _ in found)), (slice(None), *(b for _, b in found))

    def _meeting(self, axis: int, place: int) -> tuple[slice, slice]:
        stride, offset = self.strides[axis], place * self.dilation[axis] - self.padding[axis][0]
        first = max(-(offset // stride), 0)
        end = max(min((self.sizes[axis] - 1 - offset) // stride + 1, self.out[axis]), first)
        start = first * stride + offset
        return slice(first, end), slice(start, start + (end - first - 1) * stride + 1 if end > first else start, stride)


class Windows(Places):
    """Windows of (padded) images as rows of a matrix, group by group and a few images at a time.

    Args:
        images: shape of the images ``(batch, *sizes, channels)``.
        kernel: shape of the kernel ``(*window, channels of a group, features)``.
        strides: how far a window lies from the next, for each axis.
        padding: zeros before and after, for each axis.
        dilation: how far the entries of a window lie apart, for each axis.
        groups: how many groups channels and features come in.
    """

    def __init__(
        self,
        images: Sequence[int],
        kernel: Sequence[int],
        strides: Sequence[int],
        padding: Padding,
        dilation: Sequence[int],
        groups: int,
    ) -> None:
        self.batch, *sizes, self.channels = images
        *window, self.depth, self.features = kernel
        super().__init__(sizes, window, strides, padding, dilation)
        self.groups = groups
        self.row = prod(window) * self.depth
        self.per_image = prod(self.out) * self.row  # elements of an image's windows

    def scratch(self, dtype: np.dtype[Any]) -> list[Spec]:
        """Return the specs of the windows of one chunk, flat, and of the padded images of one."""
        images = at_once(self.batch, self.per_image)
        windows = ((images * self.per_image,), dtype)
        padded = (images, *(s + sum(p) for s, p in zip(self.sizes, self.padding, strict=True)), self.channels)
        return [windows, (padded, dtype)] if self.is_padded else [windows]

    def parts(self) -> Iterator[tuple[slice, slice, slice]]:
        """Yield, for a few images and a group at a time: which images, which channels, which features."""
        width = self.features // self.groups
        for images in chunks(self.batch, self.per_image):
            for group in range(self.groups):
                channels = slice(group * self.depth, (group + 1) * self.depth)
                yield images, channels, slice(group * width, (group + 1) * width)

    def lay_out(self, run: Run, x: Array, windows: Array, *padded: Array) -> Iterator[tuple[Array, slice, slice]]:
        """Bind the laying out of windows, part by part; yield their matrix, and which images and features it is for."""
        if padded:
            run(padded[0].fill, 0)  # the edges stay 0: each chunk writes inside of them
        for images, channels, features in self.parts():
            seen = x[images]
            if padded:
                room = padded[0][: len(seen)]
                if not channels.start:  # the first group
                    run(np.copyto, self._inner(room), seen)
                seen = room
            seen = self._seen(seen)[..., channels]
            laid = windows[: seen.size].reshape(seen.shape)
            run(np.copyto, laid, seen)
            yield laid.reshape(-1, self.row), images, features

    def _inner(self, padded: Array) -> Array:
        """The part of padded images that the images are."""
        return padded[:, *(slice(low, low + size) for (low, _), size in zip(self.padding, self.sizes, strict=True))]

    def _seen(self, images: Array) -> Array:
        """The windows of padded images, as a view ``(images, *windows, *window, channels)``."""
        batch, *steps, entry = images.strides
        strides = (
            batch,
            *(step * stride for step, stride in zip(steps, self.strides, strict=True)),
            *(step * apart for step, apart in zip(steps, self.dilation, strict=True)),
            entry,
        )
        return as_strided(images, (len(images), *self.out, *self.window, self.channels), strides)
