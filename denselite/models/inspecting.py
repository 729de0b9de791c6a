"""What a model tells of its steps: ``listing``, what they run, and ``profile``, what takes how long."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from denselite.data import Source, shuffled
from denselite.errors import ArgumentError, StateError
from denselite.models.arguments import named_arguments
from denselite.models.stepping import Stepping
from denselite.ops.op import Array
from denselite.tensor.dtypes import is_integer

if TYPE_CHECKING:
    from denselite.models.profile import Profile
    from denselite.program.listing import Listing

__all__ = ["Inspecting"]

_KINDS = {"train": "training", "test": "testing", "predict": "predicting"}


class Inspecting(Stepping):
    """A layer whose steps can be looked into."""

    @named_arguments
    def listing(
        self, x: Any, y: Any = None, sample_weight: Any = None, batch_size: int | None = None, mode: str | None = None
    ) -> Listing:
        """Return what a step on such data runs, to be printed: forward beside backward, layer by layer.

        Args:
            x: inputs, as for ``fit``; only their shapes and dtypes matter.
            y: targets.
            sample_weight: a weight for each row.
            batch_size: rows a step, 32 by default.
            mode: ``"train"``, ``"test"`` or ``"predict"``; by default a training step if ``y`` is given.

        Example:
            >>> import numpy as np
            >>> from denselite import Input, Sequential, layers
            >>> model = Sequential([Input((3,)), layers.Dense(2)])
            >>> model.listing(np.zeros((4, 3))).totals.flops[0]  # of 4 rows: 2·4·3·2 for the product, 4·2 for the bias
            56
        """
        mode = self._mode("listing", mode, y)
        source = self._source(x, y, sample_weight, batch_size, None, None)
        return self._step(mode, source).listing(source.usual_size)

    @named_arguments
    def profile(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        batch_size: int | None = None,
        mode: str | None = None,
        steps: int = 50,
        print_fn: Callable[[str], Any] | None = None,
    ) -> Profile:
        """Print where the time of a step goes: by phase, by layer and by instruction.

        Steps are taken as ``fit`` takes them, and every other one with a clock around each NumPy call. Weights, the
        optimizer's state, metrics and counters are then set back to what they were; hooks and a function that gives
        the learning rate are called. A clock is never read but here.

        Args:
            x: inputs, as for ``fit``; of arrays rows are gathered as often as needed, of a generator batches are
                taken while it has any.
            y: targets.
            sample_weight: a weight for each row.
            batch_size: rows a step, 32 by default.
            mode: ``"train"``, ``"test"`` or ``"predict"``; by default a training step if ``y`` is given.
            steps: how many to time, 1 or more; the mean of the faster half is told, so that interruptions do not count.
            print_fn: called with the whole text instead of ``print``.

        Returns:
            The times, which print as the same text.

        Raises:
            ArgumentError: ``mode`` or ``steps`` is something else.
            StateError: the model is not compiled, or it runs eagerly.

        Example:
            >>> import numpy as np
            >>> from denselite import Input, Sequential, layers
            >>> model = Sequential([Input((3,)), layers.Dense(2, name="out")], name="net")
            >>> model.compile("adam", "mse")
            >>> times = model.profile(np.zeros((8, 3)), np.zeros((8, 2)), steps=2, print_fn=lambda text: None)
            >>> list(times.phases)
            ['batch', 'forward', 'backward', 'state', 'update', 'Python']
            >>> list(times.layers)
            ['out', 'loss', 'metrics']
        """
        from denselite.models.profiling import measure

        mode = self._mode("profile", mode, y)
        if not is_integer(steps) or steps < 1:
            raise ArgumentError(
                f"{type(self).__name__}.profile(): steps expects an integer of 1 or more, got {steps!r}."
            )
        if self.run_eagerly:
            raise StateError(
                f"{type(self).__name__} {self.name!r} runs eagerly, so profile() finds no planned calls to time. "
                "compile(run_eagerly=False) plans them; Python's cProfile times a model that runs eagerly."
            )
        if mode == "predict":
            y = sample_weight = None
        source = self._source(x, y, sample_weight, batch_size, None, None)
        step = self._step(mode, source)
        order = self._order(source) if mode == "train" else None
        found = measure(self, _KINDS[mode], step, source, order, steps)
        (print_fn or print)(str(found))
        return found

    def _mode(self, method: str, mode: str | None, y: Any) -> str:
        """The kind of step that is meant."""
        mode = mode or ("predict" if y is None else "train")
        if mode not in _KINDS:
            raise ArgumentError(f"{method}() expects mode 'train', 'test' or 'predict', got {mode!r}.")
        if mode != "predict":
            self._require_compiled()
        return mode

    def _require_compiled(self) -> None:
        if not self.compiled:
            raise StateError(
                f"{type(self).__name__} {self.name!r} is not compiled. "
                "You must call compile(optimizer, loss) before fit or evaluate."
            )

    def _order(self, source: Source) -> Array | None:
        """The order of the coming pass, which follows from the model's seed and the passes it has made."""
        size = source.shuffle_size
        return None if size is None else shuffled(size, self._t_seed, self._t_epochs_done)
