"""``Optimizer``: what all update rules share, so that a rule is its formula and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, Self

import numpy as np

from denselite.config import floatx
from denselite.declared import Declared, NonNegative, Positive, Resolves, keyword, serialize
from denselite.errors import ArgumentError, ScheduledRateError, StateError, UncoveredError
from denselite.ops.op import Array
from denselite.optimizers.schedules import LearningRateSchedule
from denselite.optimizers.schedules import deserialize as schedule_from_config
from denselite.program.arena import Arena, runs
from denselite.program.sweep import bind_sweep
from denselite.registry import snake_case
from denselite.tensor.variable import Variable

__all__ = ["Optimizer", "Rate"]

Call = Callable[[], Any]


def _resolve_rate(value: Any) -> Any:
    if isinstance(value, Mapping):
        return schedule_from_config(value)
    if isinstance(value, LearningRateSchedule) or callable(value):
        return value
    if isinstance(value, int | float | np.number) and not isinstance(value, bool) and 0 <= value < np.inf:
        return float(value)
    raise ArgumentError(
        "a learning rate is a finite number >= 0, a LearningRateSchedule or a callable without arguments, "
        f"got {value!r}."
    )


Rate = Annotated[Any, Resolves(_resolve_rate)]

# What Keras writes for options that are not here yet: harmless at these values, refused at others.
_KERAS_OPTIONS = {
    "use_ema": False,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}


class Optimizer(Declared):
    """Base of all optimizers.

    A rule names its slots and says what an update is, in plain NumPy on arrays of any length:

        class SignSGD(Optimizer):
            learning_rate: Rate = 0.01

            def update(self, w, g, lr, step):
                return {"w": w - lr * np.sign(g)}

    It is traced once on a flat block and swept over all weights, so it is as fast as a built-in.

    Args:
        weight_decay: each step first takes ``learning_rate * weight_decay`` of every weight away.
        clipnorm: each gradient is scaled down to this L2 norm.
        clipvalue: each gradient is limited to ``[-clipvalue, clipvalue]``.
        global_clipnorm: all gradients together are scaled down to this L2 norm.
        name: the name in configs, the class in snake case by default.

    Raises:
        ArgumentError: more than one way of clipping is asked for.

    Example:
        >>> class SignSGD(Optimizer):
        ...     learning_rate: Rate = 0.5
        ...
        ...     def update(self, w, g, lr, step):
        ...         return {"w": w - lr * np.sign(g)}
        >>> w = Variable(np.array([1.0, 2.0], "float32"))
        >>> SignSGD().apply([np.array([3.0, -3.0])], [w]); w.numpy().tolist()
        [0.5, 2.5]
    """

    _keras_module = "keras.optimizers"
    _hints = {  # noqa: RUF012 (a ClassVar of the base)
        "lr": "It is called learning_rate",
        "decay": "Pass a schedule as learning_rate",
        **dict.fromkeys((*_KERAS_OPTIONS, "ema_momentum"), "It exists in Keras and not yet in denselite"),
    }
    # Slots that stand in `variables` weight by weight; others stand there slot by slot.
    interleaved: ClassVar[tuple[str, ...]] = ("momentum", "velocity")

    weight_decay: NonNegative | None = keyword(default=None, kw_only=True)
    clipnorm: Positive | None = keyword(default=None, kw_only=True)
    clipvalue: Positive | None = keyword(default=None, kw_only=True)
    global_clipnorm: Positive | None = keyword(default=None, kw_only=True)
    name: str | None = keyword(default=None, kw_only=True)

    def __post_init__(self) -> None:
        self.name = self.name or snake_case(type(self).__name__)
        clips = [option for option in ("clipnorm", "clipvalue", "global_clipnorm") if getattr(self, option) is not None]
        if len(clips) > 1:
            raise ArgumentError(
                f"{type(self).__name__}() takes one of clipnorm, clipvalue and global_clipnorm, "
                f"got {' and '.join(clips)}."
            )
        self.iterations = Variable(np.zeros((), np.int64), trainable=False, name="iteration")
        self._slots: dict[Variable, dict[str, Variable]] = {}
        self._built: list[Variable] = []
        self._undecayed: set[Variable] = set()
        self._undecayed_names: tuple[str, ...] = ()

    # The rule: what a subclass writes.

    def slots(self) -> dict[str, float]:
        """Return what is kept for each weight, by name, with its initial value."""
        return {}

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights as ``"w"`` and the new value of each slot that changes.

        Args:
            w: weights, flat.
            g: their gradients.
            lr: the learning rate, 0-d.
            step: the number of this update, from 1, 0-d.
            **slots: the slots, each of the shape of ``w``.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no update(). Write its rule: "
            'def update(self, w, g, lr, step): return {"w": w - lr * g}'
        )

    # The learning rate.

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a Variable that can be read and assigned; under a schedule its present value."""
        return self._rate if isinstance(self._rate, Variable) else self._scheduled()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        rate = _resolve_rate(value.numpy() if isinstance(value, Variable) else value)
        current = self.__dict__.get("_rate")
        if current is None or not isinstance(rate, float):
            self._rate = (
                Variable(np.asarray(rate), dtype=floatx(), trainable=False, name="learning_rate")
                if isinstance(rate, float)
                else rate
            )
        elif isinstance(current, Variable):
            current.assign(rate)
        else:
            schedule = getattr(current, "__name__", type(current).__name__)
            raise ScheduledRateError(
                f"{type(self).__name__} has the schedule {schedule} as its learning rate, which cannot be set to "
                f"{rate}. Compile with a number to set it."
            )

    def _scheduled(self) -> float:
        rate: Any = self._rate
        return float(rate(int(self.iterations)) if isinstance(rate, LearningRateSchedule) else rate())

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that rebuild the optimizer, the learning rate as it stands."""
        config = super().get_config()
        config["learning_rate"] = float(self._rate) if isinstance(self._rate, Variable) else serialize(self._rate)
        return {**config, **_KERAS_OPTIONS, "ema_momentum": 0.99}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Rebuild an optimizer, also from what Keras wrote.

        Raises:
            UncoveredError: the config asks for an option of Keras that is not here yet.
        """
        for option, harmless in _KERAS_OPTIONS.items():
            if config.get(option, harmless) != harmless:
                raise UncoveredError(
                    f"{cls.__name__}: option {option!r} exists in Keras and not yet in denselite, "
                    f"got {config[option]!r}."
                )
        return cls(**{k: v for k, v in config.items() if k not in (*_KERAS_OPTIONS, "ema_momentum")})

    # State.

    @property
    def variables(self) -> list[Variable]:
        """The step count, the learning rate (if it is no schedule), then the slots in Keras' order."""
        head = [self.iterations, *([self._rate] if isinstance(self._rate, Variable) else [])]
        held = [self._slots[v] for v in self._built]
        together = [slots[name] for slots in held for name in slots if name in self.interleaved]
        return (
            head + together + [slots[name] for name in self.slots() if name not in self.interleaved for slots in held]
        )

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots of variables that have none yet; others keep theirs."""
        fresh = [v for v in variables if v not in self._slots]
        for v in fresh:
            self._slots[v] = {
                name: Variable(
                    np.full(v.shape, value, v.dtype), trainable=False, name=f"{v.path.replace('/', '_')}_{name}"
                )
                for name, value in self.slots().items()
            }
        for name in self.slots():
            for group in _by_dtype([self._slots[v][name] for v in fresh]):
                Arena(group)
        self._built = list(variables)

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Leave variables out of weight decay, by identity or by a part of their path.

        Raises:
            StateError: the optimizer is built already.
        """
        if self._built:
            raise StateError(
                f"{type(self).__name__}.exclude_from_weight_decay() has to be called before the first update."
            )
        self._undecayed = set(var_list or ())
        self._undecayed_names = tuple(var_names or ())

    # An update, as calls.

    def bind(
        self, variables: Sequence[Variable], gradients: Sequence[Array], compiled: bool = False
    ) -> tuple[list[Call], list[Call]]:
        """Return the calls of one update.

        Args:
            variables: what to update, packed in arenas.
            gradients: an array for each, free to be overwritten.
            compiled: let Numba make one loop of the rule; the numbers are the same.

        Raises:
            StateError: the class declares no ``learning_rate``.

        Returns:
            Calls that prepare (they may run a user's schedule and change no weight), and calls that update.
        """
        if "_rate" not in self.__dict__:
            raise StateError(
                f"{type(self).__name__} has no learning rate. Declare one in the class: learning_rate: float = 0.01"
            )
        self.build(variables)
        prepare: list[Call] = []
        update: list[Call] = self._clip(gradients)
        for dtype in dict.fromkeys(v.dtype for v in variables):
            rate, step = np.zeros((), dtype), np.zeros((), dtype)
            prepare += self._tell(rate, step)
            for decayed in (True, False):
                among = [k for k, v in enumerate(variables) if v.dtype == dtype and self._decays(v) == decayed]
                if among:
                    update += self._sweep(
                        [variables[k] for k in among], [gradients[k] for k in among], decayed, rate, step, compiled
                    )
        return prepare, [*update, partial(np.add, self.iterations.storage, np.asarray(1), self.iterations.storage)]

    def _tell(self, rate: Array, step: Array) -> list[Call]:
        """Put the learning rate and the number of the coming update where the rule reads them."""
        known = isinstance(self._rate, Variable)
        first = partial(np.copyto, rate, self._rate.storage) if known else lambda: rate.fill(self._scheduled())
        return [first, partial(np.add, self.iterations.storage, np.asarray(1), step, casting="unsafe")]

    def _sweep(
        self,
        variables: list[Variable],
        gradients: list[Array],
        decayed: bool,
        rate: Array,
        step: Array,
        compiled: bool,
    ) -> list[Call]:
        names = ["w", "g", *self.slots()]
        columns = [
            [v.storage for v in variables],
            gradients,
            *([self._slots[v][name].storage for v in variables] for name in self.slots()),
        ]
        blocks = [dict(zip(names, group, strict=True)) for group in runs(columns)]

        def rule(arrays: dict[str, Any], scalars: dict[str, Any]) -> Mapping[str, Any]:
            arrays = dict(arrays)
            w, g, lr = arrays.pop("w"), arrays.pop("g"), scalars["lr"]
            if decayed:
                w = w - w * (lr * self.weight_decay)
            return self.update(w, g, lr, scalars["step"], **arrays)

        return bind_sweep(rule, blocks, {"lr": rate, "step": step}, ["g"], compiled)

    def _decays(self, variable: Variable) -> bool:
        excluded = variable in self._undecayed or any(part in variable.path for part in self._undecayed_names)
        return bool(self.weight_decay) and not excluded

    def _clip(self, gradients: Sequence[Array]) -> list[Call]:
        if self.clipvalue is not None:
            return [partial(np.clip, g, -self.clipvalue, self.clipvalue, g) for g in gradients]
        if self.clipnorm is not None:
            return [call for g in gradients for call in _limit_norm([g], self.clipnorm)]
        return _limit_norm(gradients, self.global_clipnorm) if self.global_clipnorm is not None else []

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> None:
        """Update variables by gradients given as arrays, once."""
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [v for _, v in pairs])

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Update variables by gradients given as arrays, once.

        Raises:
            ArgumentError: not one gradient for each variable, or another shape.
        """
        variables = self._built if trainable_variables is None else list(trainable_variables)
        shapes = [np.shape(g) for g in grads]
        if shapes != [v.shape for v in variables]:
            raise ArgumentError(
                f"{type(self).__name__}.apply() expects gradients of shapes {[v.shape for v in variables]}, "
                f"got {shapes}."
            )
        prepare, update = self.bind(variables, [np.array(g, v.dtype) for g, v in zip(grads, variables, strict=True)])
        with np.errstate(all="ignore"):
            for call in (*prepare, *update):
                call()


def _by_dtype(variables: Sequence[Variable]) -> list[list[Variable]]:
    return [[v for v in variables if v.dtype == dtype] for dtype in dict.fromkeys(v.dtype for v in variables)]


def _limit_norm(gradients: Sequence[Array], limit: float) -> list[Call]:
    """Scale gradients so that their joint L2 norm is at most ``limit``: ``g * limit / max(norm, limit)``."""
    dtype = np.result_type(*{g.dtype for g in gradients})
    norm, bound = np.zeros((), dtype), np.asarray(limit, dtype)
    calls: list[Call] = [partial(norm.fill, 0)]
    for g in gradients:
        flat, part = g.reshape(-1), np.zeros((), g.dtype)
        calls += [partial(np.dot, flat, flat, part), partial(np.add, norm, part, norm)]
    calls += [
        partial(np.sqrt, norm, norm),
        partial(np.maximum, norm, bound, out=norm),
        partial(np.divide, bound, norm, norm),
    ]
    return calls + [partial(np.multiply, g, norm, g) for g in gradients]
