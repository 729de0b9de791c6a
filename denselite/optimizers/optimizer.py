"""``Optimizer``: what all update rules share, so that a rule is its formula and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar

import numpy as np

from denselite.declared import Declared, Fraction, Interval, NonNegative, Positive, PositiveInt, keyword, serialize
from denselite.errors import ArgumentError, StateError, UncoveredError
from denselite.ops.op import Array
from denselite.optimizers.accumulation import bind_accumulation
from denselite.optimizers.averaging import bind_averaging
from denselite.optimizers.by_hand import ByHand
from denselite.optimizers.clipping import bind_clipping, bind_unscaling
from denselite.optimizers.constraining import bind_constraint
from denselite.optimizers.rate import Rate, Rated
from denselite.optimizers.rows import bind_rows
from denselite.optimizers.scaled import ScaledVariable
from denselite.optimizers.subnormals import bind_flushing
from denselite.optimizers.updating import bind_count, bind_update
from denselite.program.arena import Arena
from denselite.registry import snake_case
from denselite.tensor.variable import Variable

__all__ = ["Optimizer", "Rate", "Slot"]

Call = Callable[[], Any]
Slot = float | Callable[[Variable], Array | None]


class Optimizer(Rated, ByHand, Declared):
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
        use_ema: keep a running average of each weight; at the end of ``fit`` the weights become their averages.
        ema_momentum: how much of an average stays at each step, 0 to 1.
        ema_overwrite_frequency: set the weights to their averages every so many updates, too; None for at the end only.
        loss_scale_factor: train on the loss times this factor, and divide the gradients by it again.
        gradient_accumulation_steps: update every so many steps only (2 or more), by the mean of their gradients.
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
    }
    # Whether an element of a weight is updated by itself alone; else `update` sees each weight in its shape.
    elementwise: ClassVar[bool] = True
    # Slots that stand in `variables` weight by weight; others stand there slot by slot.
    interleaved: ClassVar[tuple[str, ...]] = ("momentum", "velocity")

    weight_decay: NonNegative | None = keyword(default=None, kw_only=True)
    clipnorm: Positive | None = keyword(default=None, kw_only=True)
    clipvalue: Positive | None = keyword(default=None, kw_only=True)
    global_clipnorm: Positive | None = keyword(default=None, kw_only=True)
    use_ema: bool = keyword(default=False, kw_only=True)
    ema_momentum: Fraction = keyword(default=0.99, kw_only=True)
    ema_overwrite_frequency: PositiveInt | None = keyword(default=None, kw_only=True)
    loss_scale_factor: Positive | None = keyword(default=None, kw_only=True)
    gradient_accumulation_steps: Annotated[int, Interval(ge=2)] | None = keyword(default=None, kw_only=True)
    name: str | None = keyword(default=None, kw_only=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "update_step" in cls.__dict__ and "update" not in cls.__dict__:
            raise UncoveredError(
                f"{cls.__name__}.update_step() is how Keras' optimizers write into variables. Write "
                "update(self, w, g, lr, step, **slots) here, which returns the new values by name, and slots()."
            )
        if "update" in cls.__dict__ and "units" not in cls.__dict__:
            cls.units = Optimizer.units  # type: ignore[method-assign]  # those of the base are for its own rule

    def __post_init__(self) -> None:
        self.name = self.name or snake_case(type(self).__name__)
        clips = [option for option in ("clipnorm", "clipvalue", "global_clipnorm") if getattr(self, option) is not None]
        if len(clips) > 1:
            raise ArgumentError(
                f"{type(self).__name__}() takes one of clipnorm, clipvalue and global_clipnorm, "
                f"got {' and '.join(clips)}."
            )
        self._iterations = Variable(np.zeros((), np.int64), trainable=False, name="iteration")
        self._shared: dict[Variable, dict[str, Variable]] = {}  # what the options keep for each weight
        self._slots: dict[Variable, dict[str, Variable]] = {}  # what the rule keeps
        self._counters: dict[str, Variable] = {}
        self._built: list[Variable] = []
        self._undecayed: set[Variable] = set()
        self._undecayed_names: tuple[str, ...] = ()

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in self._fields:  # a rule finds its slots in the units that its settings say, whenever it was bound
            for v, slots in self.__dict__.get("_slots", {}).items():
                for slot, unit in self.units(v.dtype).items():
                    if slot in slots:
                        slots[slot].convert(unit)

    # The rule: what a subclass writes.

    def slots(self) -> Mapping[str, Slot]:
        """Return what is kept for each weight, by name, with its initial value.

        That is a number, for a slot of the weight's shape, or a function of the variable, which returns
        an array, or None for no slot.
        """
        return {}

    def units(self, dtype: np.dtype[Any]) -> Mapping[str, float]:
        """Return, for slots that are held divided by a unit, that unit by name: see ``scaled.py``.

        It belongs to one ``update``: a subclass with another one has no units unless it says so.

        Args:
            dtype: of the weights.
        """
        return {}

    def counters(self) -> Mapping[str, float]:
        """Return the numbers that are kept once for all weights, by name, with their initial values."""
        return {}

    def count(self, step: Any, **counters: Any) -> Mapping[str, Any]:
        """Return the counters as an update finds them: called once before it.

        Args:
            step: number of this update, from 1 on.
            **counters: the counters as the last update left them.
        """
        return {}

    def keeps_still(self) -> bool:
        """Return whether weights and slots stay as they are where the gradient is zero."""
        return False

    def decay_of(self, variable: Variable) -> float | None:
        """Return the weight decay of ``variable``, which is not excluded from it."""
        return self.weight_decay

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights as ``"w"`` and the new value of each slot that changes.

        Args:
            w: weights, flat; one weight in its shape if the rule is not ``elementwise``.
            g: their gradients.
            lr: the learning rate, 0-d.
            step: the number of this update, from 1, 0-d.
            **slots: the slots as they are held, each of the shape of ``w``, and the counters, 0-d.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no update(). Write its rule: "
            'def update(self, w, g, lr, step): return {"w": w - lr * g}'
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that rebuild the optimizer, the learning rate as it stands."""
        config = super().get_config()
        config["learning_rate"] = float(self._rate) if isinstance(self._rate, Variable) else serialize(self._rate)
        return config

    # State.

    @property
    def iterations(self) -> Any:
        """How many updates were made: the steps taken, or those that updated if gradients are accumulated."""
        every = self.gradient_accumulation_steps
        return self._iterations if every is None else self._iterations // every

    @property
    def variables(self) -> list[Variable]:
        """The step count, the learning rate (if it is no schedule), averages, sums of gradients, then the slots."""
        head = [self._iterations, *([self._rate] if isinstance(self._rate, Variable) else [])]
        options = [(v, name) for name in self._option_slots() for v in self._built]
        head += [self._shared[v][name] for v, name in options if name in self._shared[v]]
        held = [self._slots[v] for v in self._built]
        together = [slots[name] for slots in held for name in slots if name in self.interleaved]
        others = [name for name in self.slots() if name not in self.interleaved]
        apart = [slots[name] for name in others for slots in held if name in slots]
        return [*head, *together, *apart, *self._counters.values()]

    @property
    def averages(self) -> dict[Variable, Variable]:
        """The running average of each weight, if ``use_ema`` is set."""
        return {v: kept["average"] for v, kept in self._shared.items() if "average" in kept}

    def _option_slots(self) -> dict[str, Any]:
        kept: dict[str, Any] = {"average": Variable.numpy} if self.use_ema else {}
        return kept | ({"gradient_accumulator": 0.0} if self.gradient_accumulation_steps else {})

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots of those ``variables`` that have none yet; others keep theirs."""
        for held, starts in ((self._shared, self._option_slots()), (self._slots, self.slots())):
            for v in variables:
                held.setdefault(v, {})
            for name, start in starts.items():
                fresh = []
                for v in (v for v in variables if name not in held[v]):
                    value = start(v) if callable(start) else partial(np.full, fill_value=start)
                    if value is not None:
                        slot = f"{v.path.replace('/', '_')}_{name}"
                        shape = v.shape if callable(value) else None
                        unit = self.units(v.dtype).get(name)
                        kind = Variable if unit is None else partial(ScaledVariable, unit)
                        held[v][name] = kind(value, shape, v.dtype, trainable=False, name=slot)
                        fresh.append(held[v][name])
                for group in _by_dtype(fresh):
                    Arena(group)
        if variables and not self._counters:
            dtype = variables[0].dtype
            self._counters = {
                name: Variable(start, dtype=dtype, trainable=False, name=name)
                for name, start in self.counters().items()
            }
        self._built = list(variables)

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Leave variables out of weight decay.

        Args:
            var_list: variables.
            var_names: regular expressions; variables with a name that one of them is found in (``"bias"``).

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
        self, variables: Sequence[Variable], gradients: Sequence[Array | None], compiled: bool = False
    ) -> tuple[list[Call], list[Call]]:
        """Return the calls of one step: unscale, accumulate, clip, decay and update, average, constrain, count.

        Args:
            variables: what to update, packed in arenas.
            gradients: an array for each, free to be overwritten; None for one that ``bind_rows`` updates.
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
        pairs = [(v, g) for v, g in zip(variables, gradients, strict=True) if g is not None]
        variables, arrays = [v for v, _ in pairs], [g for _, g in pairs]
        prepare: list[Call] = []
        update: list[Call] = bind_clipping(arrays, self.clipnorm, self.clipvalue, self.global_clipnorm)
        count = done = self._iterations.storage
        every = self.gradient_accumulation_steps
        if every is not None:
            done = np.zeros((), count.dtype)
            prepare.append(partial(np.floor_divide, count, np.asarray(every), done))
        counters = {name: kept.storage for name, kept in self._counters.items()}
        update += bind_count(self.count, counters, done)
        for dtype in dict.fromkeys(v.dtype for v in variables):
            rate, ask = self._bind_rate(dtype)
            prepare += ask
            scalars = {"lr": rate, "done": done, **counters}
            for decay in dict.fromkeys(map(self._decay, variables)):
                among = [
                    {"w": v.storage, "g": g, **{name: slot.storage for name, slot in self._slots[v].items()}}
                    for v, g in pairs
                    if v.dtype == dtype and self._decay(v) == decay
                ]
                if among:
                    update += bind_update(self.update, among, scalars, decay, self.elementwise, compiled)
        if every is not None:
            sums = [self._shared[v]["gradient_accumulator"].storage for v in variables]
            update = [bind_accumulation(arrays, sums, count, every, update)]
        update = [*bind_unscaling(arrays, self.loss_scale_factor), *update]
        if self.use_ema:
            averages = [(v, self._shared[v]["average"]) for v in variables]
            update += bind_averaging(averages, done, self.ema_momentum, self.ema_overwrite_frequency, compiled)
        update += [call for v in variables for call in bind_constraint(v)]
        update += bind_flushing([{**self._shared[v], **self._slots[v]} for v in variables], count)
        return prepare, [*update, partial(np.add, count, np.asarray(1), count)]

    def updates_rows(self, variable: Variable) -> bool:
        """Whether only those rows of ``variable`` need an update whose gradient is not zero: the others would stay."""
        options = (self.clipnorm, self.clipvalue, self.global_clipnorm, self.gradient_accumulation_steps)
        return (
            self.keeps_still()
            and not (self.use_ema or self._decay(variable) or any(option is not None for option in options))
            and self.loss_scale_factor is None
            and variable.constraint is None
        )

    def bind_rows(self, table: Variable, ids: Array, gradient: Array, clean: Array) -> tuple[list[Call], list[Call]]:
        """Return the calls of one step on some rows of a variable, after ``bind``, as ``bind`` returns them.

        Args:
            table: the variable.
            ids: which rows, integers of any shape.
            gradient: the gradient of each row, ``(*ids.shape, ...)``.
            clean: zeros of the variable's shape, which are zeros again after a step.
        """
        rate, prepare = self._bind_rate(table.dtype)
        tables = {"w": table.storage, **{name: slot.storage for name, slot in self._slots[table].items()}}
        scalars = {"lr": rate, "done": self._iterations.storage}
        return prepare, bind_rows(self.update, tables, ids, gradient, clean, scalars)

    def _bind_rate(self, dtype: np.dtype[Any]) -> tuple[Array, list[Call]]:
        """Return where the learning rate is read, and the calls that put it there: a schedule is asked every step."""
        if isinstance(self._rate, Variable):
            return self._rate.storage, []
        rate = np.zeros((), dtype)
        return rate, [lambda: rate.fill(self._scheduled())]

    def _decay(self, variable: Variable) -> float:
        excluded = variable in self._undecayed or any(re.search(part, variable.name) for part in self._undecayed_names)
        return 0.0 if excluded else self.decay_of(variable) or 0.0

    # What a step leaves to be done before and after.

    def scale_loss(self, loss: Any) -> Any:
        """Return the number that gradients are taken of: ``loss * loss_scale_factor``."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """Set each of ``var_list`` to its running average, if ``use_ema`` is set: what ``fit`` does at its end."""
        averages = self.averages
        for v in var_list:
            v.assign(averages.get(v, v))


def _by_dtype(variables: Sequence[Variable]) -> list[list[Variable]]:
    return [[v for v in variables if v.dtype == dtype] for dtype in dict.fromkeys(v.dtype for v in variables)]
