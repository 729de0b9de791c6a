"""``Stepping``: from data to the step that runs them, traced once and kept until something it has seen changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from denselite import config
from denselite.changes import changed, changes
from denselite.data import Source, make_source
from denselite.models.objective import Objective
from denselite.models.outlined import Outlined
from denselite.models.steps import Step, make_step
from denselite.models.targets import target_checks
from denselite.tensor.keys import next_seed
from denselite.tensor.variable import Variable

__all__ = ["Stepping"]

S = TypeVar("S", bound=Step)


class Stepping(Outlined):
    """A layer that keeps the steps it was trained, judged and used with."""

    # Not annotated: these are no arguments of the constructor.
    optimizer = cast(Any, None)
    history = cast(Any, None)
    stop_training = False
    compiled = False
    jit_compile = False
    _tracks_nans = False
    _unseen = Outlined._unseen | {
        "optimizer", "history", "stop_training", "compiled", "_t_objective", "_t_step_count", "_t_seed",
        "_t_epochs_done", "_t_steps", "_t_again", "_t_changes", "_t_fingerprint", "_tracks_nans",
    }  # fmt: skip

    def __getstate__(self) -> dict[str, Any]:
        """Copies and pickles leave the programs behind; they are planned again."""
        return {
            name: value
            for name, value in self.__dict__.items()
            if name not in ("_t_steps", "_t_again", "_t_outlines", "_t_changes", "_t_fingerprint")
        }

    # What the loops need.

    def _track_nans(self, on: bool) -> None:
        """Look at every number that a program makes, or no more."""
        self._tracks_nans = on
        changed()

    @property
    def _objective(self) -> Objective:
        objective: Objective = self.__dict__["_t_objective"]
        return objective

    @property
    def _step_count(self) -> Variable:
        """How many training steps the model has taken in its life: dropout masks follow from it."""
        if "_t_step_count" not in self.__dict__:
            self._t_step_count = Variable(np.zeros((), np.int64), trainable=False, name="steps")
        return self._t_step_count

    def _source(
        self, x: Any, y: Any, sample_weight: Any, batch_size: int | None, class_weight: Any, steps: int | None
    ) -> Source:
        source = make_source(
            x, y, sample_weight, batch_size=batch_size, class_weight=class_weight, floatx=config.floatx(), steps=steps
        )
        self._look_at(source)
        return source

    def _step(self, mode: str, source: Source) -> Step:
        """Return the step of a mode for a signature, traced before or now."""
        rule = (self.optimizer, *_settings(self.optimizer)) if mode == "train" else ()
        return self._kept((mode, *rule), source, mode != "predict", lambda: self._make_step(mode, source))

    def _kept(self, kind: tuple[Any, ...], source: Source, judges: bool, make: Callable[[], S]) -> S:
        """Return what was made for a signature, before or now.

        Args:
            kind: what is wanted, beside what follows from the data and the model.
            source: the data.
            judges: whether it looks at the targets and the weights that are trained.
            make: makes it.
        """
        if "_t_steps" not in self.__dict__:
            self._t_steps: dict[Any, Any] = {}
        if "_t_seed" not in self.__dict__:
            self._t_seed, self._t_epochs_done = next_seed(), 0
        if self.__dict__.get("_t_changes") != changes():
            state = self._fingerprint()
            if self.__dict__.get("_t_fingerprint") != state:
                if "_t_fingerprint" in self.__dict__:  # what building has changed is in the first outline
                    self.__dict__.pop("_t_outlines", None)
                self._t_steps, self._t_fingerprint = {}, state
            self._t_changes = changes()
        self._look_at(source)
        structure = source.structure
        key: Any = (*kind, structure, tuple(source.specs), config.floatx(), config.epsilon())
        if judges:
            key += (tuple(id(v) for v in self.trainable_weights),)
        step: S | None = self._t_steps.get(key)
        if step is None:  # data of a signature that was seen before fit
            self._check_inputs(structure.x, [spec.shape for spec in source.specs[: structure.x.num_leaves]])
        if judges:
            source.check_targets(target_checks(self, source))
        if step is None:
            step = self._t_steps[key] = make()
        return step

    def _make_step(self, mode: str, source: Source) -> Step:
        """Trace a step; one that cannot be traced does not settle what the losses and metrics are."""
        if not self.compiled:
            return make_step(self, mode, source)
        settled = self._objective.goals
        try:
            return make_step(self, mode, source)
        except BaseException:
            self._objective.goals = settled
            raise

    def _fingerprint(self) -> list[tuple[int, int]]:
        """Changes whenever something that a trace has seen may have changed."""
        waiting: list[Any] = [self]
        found: list[tuple[int, int]] = []
        while waiting:
            layer = waiting.pop()
            found.append((id(layer), layer.version))
            waiting += layer._sublayers
        return found

    def _penalties(self) -> list[Any]:
        """Regularisation of the trainable weights."""
        return [v.regularizer(v.value) for v in self.trainable_weights if v.regularizer is not None]


def _settings(optimizer: Any) -> list[Any]:
    """What an update is traced with. The value of a learning rate is not: a step reads it."""
    values = [optimizer._rate, *(getattr(optimizer, name) for name in optimizer._fields if name != "learning_rate")]
    return [value if isinstance(value, int | float | str) else id(value) for value in values]
