"""The loop over batches: what it tells callbacks, what that costs, and what is printed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.callbacks import Callback, LambdaCallback
from denselite.models.objective import Objective


@pytest.fixture
def logs_built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that logs are put together."""
    made: list[int] = []
    original = Objective.logs

    def counted(self: Objective) -> dict[str, float]:
        made.append(1)
        return original(self)

    monkeypatch.setattr(Objective, "logs", counted)
    return made


class TestCost:
    def test_fit_without_callbacks_builds_logs_once_an_epoch(self, net: Any, data: Any, logs_built: list[int]) -> None:
        net().fit(*data, batch_size=1, epochs=3, verbose=0)
        assert len(logs_built) == 3

    def test_callback_without_batch_hooks_costs_no_logs(self, net: Any, data: Any, logs_built: list[int]) -> None:
        class Epochs(Callback):
            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                pass

        net().fit(*data, batch_size=1, callbacks=[Epochs()], verbose=0)
        assert len(logs_built) == 1

    def test_lines_cost_no_logs_in_a_batch(
        self, net: Any, data: Any, logs_built: list[int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        net().fit(*data, batch_size=1, verbose=1)
        assert len(logs_built) == 1
        assert capsys.readouterr().out.count("\n") == 1

    def test_hook_of_a_batch_gets_logs_every_time(self, net: Any, data: Any, logs_built: list[int]) -> None:
        seen: list[float] = []
        look = LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["loss"]))
        net().fit(*data, batch_size=25, callbacks=[look], verbose=0)
        assert (len(logs_built), len(seen)) == (5, 4)

    def test_begin_hook_alone_costs_no_logs(self, net: Any, data: Any, logs_built: list[int]) -> None:
        class Begins(Callback):
            def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
                assert logs == {}

        net().fit(*data, batch_size=25, callbacks=[Begins()], verbose=0)
        assert len(logs_built) == 1


class TestLogs:
    def test_batch_logs_are_means_since_the_epoch_began(self, net: Any, data: Any) -> None:
        """Without learning, the logs after k batches are what evaluate says of these rows."""
        x, y = data
        model = net(optimizer="sgd", metrics=["accuracy"])
        model.optimizer.learning_rate = 0.0
        seen: list[dict[str, float]] = []
        look = LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(dict(logs)))
        model.fit(x, y, batch_size=30, shuffle=False, callbacks=[look], verbose=0)
        assert [*seen[0]] == ["accuracy", "loss"]
        for k, logs in enumerate(seen, start=1):
            assert logs == pytest.approx(
                model.evaluate(x[: 30 * k], y[: 30 * k], return_dict=True, verbose=0), rel=1e-5
            )

    def test_predict_tells_callbacks_the_outputs_of_each_batch(self, net: Any, data: Any) -> None:
        seen: list[np.ndarray] = []
        look = LambdaCallback(on_predict_batch_end=lambda batch, logs: seen.append(logs["outputs"]))
        model = net()
        whole = model.predict(data[0], batch_size=40, callbacks=[look], verbose=0)
        np.testing.assert_array_equal(np.concatenate(seen), whole)

    def test_generator_is_predicted_batch_by_batch(self, net: Any, data: Any) -> None:
        model, x = net(), data[0]
        found = model.predict((x[k : k + 20] for k in range(0, 100, 20)), verbose=0)
        np.testing.assert_array_equal(found, model.predict(x, batch_size=20, verbose=0))


class TestOutput:
    @pytest.mark.parametrize("verbose", ["auto", 1, 2])
    def test_each_epoch_is_one_plain_line_where_there_is_no_terminal(
        self, net: Any, data: Any, verbose: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        net(metrics=["accuracy"]).fit(*data, epochs=2, validation_split=0.2, verbose=verbose)
        out, err = capsys.readouterr()
        lines = out.splitlines()
        assert err == ""
        assert "\r" not in out
        assert "\x1b" not in out
        assert [line.split(" - ")[0] for line in lines] == ["Epoch 1/2", "Epoch 2/2"]
        names = [part.split(":")[0] for part in lines[0].split(" - ")[2:]]
        assert names == ["accuracy", "loss", "val_accuracy", "val_loss"]

    def test_nothing_is_printed_when_nothing_is_asked_for(
        self, net: Any, data: Any, capfd: pytest.CaptureFixture[str]
    ) -> None:
        model = net()
        model.fit(*data, verbose=0)
        model.evaluate(*data, verbose=0)
        model.predict(data[0], verbose=0)
        model.train_on_batch(*data)
        assert capfd.readouterr() == ("", "")

    def test_evaluate_and_predict_print_a_line_each(
        self, net: Any, data: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        model = net()
        model.evaluate(*data)
        model.predict(data[0])
        first, second = capsys.readouterr().out.splitlines()
        assert first.startswith("Evaluate - ")
        assert "loss: " in first
        assert second.startswith("Predict - ")
