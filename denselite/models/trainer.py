"""``Trainer``: compile, fit, evaluate, predict, for anything that has weights and a ``call``."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from sys import maxsize
from typing import Any

import numpy as np

from denselite import optimizers
from denselite.callbacks import CallbackList
from denselite.data import Source, split_validation
from denselite.data.reader import unpack
from denselite.models.again import Again
from denselite.models.arguments import about_validation, check_passes, is_due, named_arguments, one_batch
from denselite.models.collecting import collect
from denselite.models.inspecting import Inspecting
from denselite.models.interrupt import Interrupt
from denselite.models.loop import Loop, finalized, running
from denselite.models.objective import Objective
from denselite.models.regrouping import regrouped
from denselite.models.resumed import Resumed
from denselite.program.compiled import can_compile

__all__ = ["Trainer"]


class Trainer(Inspecting):
    """What a model adds to a layer: it can be trained, judged and used.

    Attributes:
        optimizer: the compiled optimizer.
        stop_training: set it to True in a callback to end ``fit`` after the present batch.
        history: the History of the last ``fit``.
        compiled: whether ``compile`` was called.
        run_eagerly: whether batches are computed call by call, with values; it may be set.
        jit_compile: whether the update is compiled by Numba.
    """

    @named_arguments
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Say what the model is trained for, and how.

        Args:
            optimizer: a name or an optimizer.
            loss: a name, a loss, a callable ``(y_true, y_pred) -> values``; a list or dict for several outputs,
                nested like them. A list for one output holds losses to be added up.
            loss_weights: a factor for each output's loss, in a list or dict.
            metrics: a list of names, metrics and callables; a dict or nested list for several outputs.
            weighted_metrics: the same, for metrics that use sample weights.
            run_eagerly: compute each batch call by call, with values, so that ``print``, ``if`` and a debugger
                work in layers, losses and metrics; slower.
            steps_per_execution: accepted for Keras' sake; every step is one execution.
            jit_compile: True lets Numba (extra ``compiled``) make one loop of the optimizer's update: the same
                numbers, faster, after half a second of compiling. ``"auto"`` and False use NumPy alone.
            auto_scale_loss: accepted for Keras' sake; losses are not scaled.

        Raises:
            UnknownNameError: a name is not known; the nearest one is given.
        """
        made = optimizers.get(optimizer)
        objective = Objective(loss, loss_weights, metrics, weighted_metrics)
        self.optimizer = made
        self._t_objective = objective
        self._t_steps = {}
        self.run_eagerly = bool(run_eagerly)
        self.jit_compile = jit_compile is True and self._finds_numba()
        self.compiled = True

    def _finds_numba(self) -> bool:
        if not can_compile():
            warnings.warn(
                f"{type(self).__name__}.compile(): jit_compile=True needs numba, which is not installed; NumPy does "
                "the same update in more passes. Install it with: pip install 'denselite[compiled]'",
                stacklevel=3,
            )
        return can_compile()

    @named_arguments
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
    ) -> Any:
        """Train for a number of passes over the data.

        Args:
            x: inputs: an array, a list or dict of them, or a generator of ``(x, y[, sample_weight])``.
            y: targets, as many as ``x`` has rows.
            batch_size: rows a step, 32 by default.
            epochs: index of the last pass.
            verbose: ``"auto"`` or 1 for a progress bar (a line an epoch where there is no terminal), 2 for lines,
                0 for nothing.
            callbacks: callbacks that look on and act.
            validation_split: share of the data, from its end, that is kept for validation, 0 to 1.
            validation_data: ``(x, y)``, ``(x, y, sample_weight)`` or a generator to validate on.
            shuffle: whether each pass takes the rows in another order, which follows from the seed and the pass.
            class_weight: a weight for each class index, for rows whose target is that class.
            sample_weight: a weight for each row.
            initial_epoch: index of the first pass, to go on where another ``fit`` stopped.
            steps_per_epoch: batches a pass; all there are by default.
            validation_steps: batches of validation data; all by default.
            validation_batch_size: rows a batch in validation. By default ``batch_size``, or more as in ``evaluate``.
            validation_freq: validate every so many epochs, or after the epochs listed (counted from 1).

        Returns:
            The ``History`` of the logs.

        Raises:
            StateError: the model is not compiled.
            DataError: the data do not fit together or to the model; nothing was trained.
        """
        self._require_compiled()
        check_passes(
            type(self).__name__,
            epochs=epochs,
            initial_epoch=initial_epoch,
            validation_freq=validation_freq,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_batch_size=validation_batch_size,
        )
        validation: tuple[Any, Any, Any] | None = None
        if validation_data is not None:
            validation = unpack(validation_data, "validation_data")
        elif validation_split:
            (x, y, sample_weight), validation = split_validation(x, y, sample_weight, validation_split)
        source = self._source(x, y, sample_weight, batch_size, class_weight, steps_per_epoch)
        step = self._step("train", source)
        val_source = self._validation(validation, validation_batch_size or batch_size, validation_steps)
        reporter = self._reporter(callbacks, verbose, source, epochs, add_history=True)
        names = list(self._objective.named_metrics)
        expected = [*names, *(f"val_{name}" for name in names if val_source is not None)]
        reporter.check_monitors(expected, certain=not reporter.may_add_logs())
        regroups = not (validation_batch_size or validation_steps or reporter.follows("test"))
        self.stop_training = False
        reporter.meet(source)
        resumed = Resumed(self, source, reporter, shuffle)
        loop = Loop(self, step, source, reporter, "train")
        logs: dict[str, float] = {}
        try:
            with resumed.threads(), running(step, source) as interrupt:
                reporter.on_train_begin()
                with finalized(self):
                    if resumed.restore():
                        loop.close()
                        loop = Loop(self, self._step("train", source), source, reporter, "train")
                    for epoch in resumed.epochs(initial_epoch, epochs):
                        reporter.on_epoch_begin(epoch)
                        done = resumed.within(epoch)
                        if not loop.run(self._order(source) if shuffle else None, interrupt, done):
                            break
                        logs = self._objective.logs()
                        if val_source is not None and is_due(validation_freq, epoch):
                            val_source.restart()
                            judged = self._judge(val_source, reporter, interrupt, regroups)
                            logs |= {f"val_{name}": value for name, value in judged.items()}
                        self._t_epochs_done += 1
                        reporter.on_epoch_end(epoch, logs)
                        if self.stop_training:
                            break
                reporter.on_train_end(logs)
        finally:
            loop.close()
            reporter.close()
        return reporter.history

    @named_arguments
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Return the loss and metrics on data, without training.

        Args:
            x: inputs, as for ``fit``.
            y: targets.
            batch_size: rows a batch. By default 32, or more as in ``predict``, where sums over rows are all that losses
                and metrics keep.
            verbose: as for ``fit``.
            sample_weight: a weight for each row.
            steps: batches to look at; all by default.
            callbacks: callbacks that look on.
            return_dict: return a dict by log name instead of a list.

        Returns:
            The loss, or a list of the loss and the metrics in the order of ``compile``, or a dict.
        """
        self._require_compiled()
        source = self._source(x, y, sample_weight, batch_size, None, steps)
        step = self._step("test", source)
        if batch_size is None and steps is None and callbacks is None:
            source = regrouped(self, step, source)
        reporter = self._reporter(callbacks, verbose, source)
        try:
            with running(step, source) as interrupt:
                logs = self._judge(source, reporter, interrupt)
        finally:
            reporter.close()
        return self._result(logs, return_dict)

    @named_arguments
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """Return the outputs for inputs.

        Args:
            x: inputs, as for ``fit``.
            batch_size: rows a batch. By default 32, and as many as are predicted fastest (1024 at most) where the model
                is known to treat rows apart, as most do, and neither ``steps`` nor callbacks count batches.
            verbose: as for ``fit``.
            steps: batches to predict; all by default.
            callbacks: callbacks that look on.

        Returns:
            An array, or arrays in the structure of the model's outputs.
        """
        quiet = callbacks is None and verbose == 0 and steps is None
        again: Again | None = self.__dict__.get("_t_again")
        if quiet and again is not None and (outputs := again.predict(x, batch_size)) is not None:
            return outputs
        source = self._source(x, None, None, batch_size, None, steps)
        step = self._step("predict", source)
        if batch_size is None and steps is None and callbacks is None:
            source = regrouped(self, step, source)
        if quiet:
            outputs = collect(self, step, source)
            self._t_again = Again.after(self, step, source, x)
            return outputs
        reporter = self._reporter(callbacks, verbose, source)
        try:
            return collect(self, step, source, reporter)
        finally:
            reporter.close()

    @named_arguments
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Take one training step on the rows given and return the loss and metrics of these rows.

        The arguments ``x``, ``y``, ``sample_weight`` and ``class_weight`` are those of ``fit``, and ``return_dict``
        that of ``evaluate``.
        """
        return self._on_batch("train", x, y, sample_weight, class_weight, return_dict)

    @named_arguments
    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Return the loss and metrics of the rows given.

        The arguments ``x``, ``y``, ``sample_weight`` and ``return_dict`` are those of ``evaluate``.
        """
        return self._on_batch("test", x, y, sample_weight, None, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for the rows of ``x``, as one batch."""
        return self.predict(one_batch(x, f"{type(self).__name__}.predict_on_batch()"), batch_size=maxsize, verbose=0)

    @property
    def metrics(self) -> list[Any]:
        """The loss tracker and every compiled metric (those of several outputs once matched by a first batch)."""
        return list(self._objective.named_metrics.values()) if self.compiled else []

    @property
    def metrics_names(self) -> list[str]:
        """The log names, in the order of ``evaluate``."""
        return list(self._objective.named_metrics) if self.compiled else []

    def reset_metrics(self) -> None:
        """Start the loss tracker and the metrics anew."""
        self._require_compiled()
        self._objective.reset()

    @property
    def loss(self) -> Any:
        """The loss that ``compile`` was given."""
        return self._objective.loss if self.compiled else None

    def _reporter(
        self, callbacks: Any, verbose: Any, source: Source, epochs: int = 1, add_history: bool = False
    ) -> CallbackList:
        steps = source.num_batches
        return CallbackList(
            callbacks, add_history, verbose != 0, model=self, verbose=verbose, epochs=epochs, steps=steps
        )

    def _validation(
        self, data: tuple[Any, Any, Any] | None, batch_size: int | None, steps: int | None
    ) -> Source | None:
        """Get ready to validate before anything is trained; None if there is nothing to validate on."""
        if data is None:
            return None
        with about_validation():
            source = self._source(*data, batch_size, None, steps)
            self._step("test", source)
        return source

    def _judge(
        self, source: Source, reporter: CallbackList, interrupt: Interrupt, regroups: bool = False
    ) -> dict[str, float]:
        reporter.on_test_begin()
        step = self._step("test", source)
        loop = Loop(self, step, regrouped(self, step, source) if regroups else source, reporter, "test")
        try:
            loop.run(None, interrupt)
            logs = self._objective.logs()
        finally:
            loop.close()
        reporter.on_test_end(logs)
        return logs

    def _on_batch(self, mode: str, x: Any, y: Any, sample_weight: Any, class_weight: Any, return_dict: bool) -> Any:
        self._require_compiled()
        one_batch(x, f"{type(self).__name__}.{mode}_on_batch()")
        source = self._source(x, y, sample_weight, maxsize, class_weight, None)
        reporter = CallbackList(None, model=self, verbose=0)
        loop = Loop(self, self._step(mode, source), source, reporter, mode)
        try:
            with np.errstate(all="ignore"), Interrupt() as interrupt:
                loop.run(None, interrupt)
        finally:
            loop.close()
        return self._result(self._objective.logs(), return_dict)

    def _result(self, logs: dict[str, float], return_dict: bool) -> Any:
        if return_dict:
            return logs
        values = [logs[name] for name in self._objective.result_order(logs)]
        return values[0] if len(values) == 1 else values
