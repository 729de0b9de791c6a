from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest

from denselite.callbacks import CallbackList, History
from denselite.errors import ArgumentError, MissingPackageError, StateError


def test_history_records_every_log_and_the_epochs(model):
    record = History()
    record.set_model(model)
    record.on_train_begin()
    record.on_epoch_end(3, {"loss": 0.5})
    record.on_epoch_end(4, {"loss": 0.25, "val_loss": 0.75})
    assert record.epoch == [3, 4]
    assert record.history == {"loss": [0.5, 0.25], "val_loss": [0.75]}
    assert model.history is record


def test_history_starts_empty_at_each_training():
    record = History()
    for _ in range(2):
        record.on_train_begin()
        record.on_epoch_end(0, {"loss": 0.5})
    assert (record.epoch, record.history) == ([0], {"loss": [0.5]})


def test_history_of_an_evaluation_is_not_put_on_the_model(model):
    CallbackList([History()], model=model).on_test_begin()
    assert model.history is None


def test_history_state_survives_json():
    record, again = History(), History()
    record.on_epoch_end(0, {"loss": 0.1})
    state = json.loads(json.dumps(record.get_state()))
    again.on_train_begin()
    again.set_state(state)
    again.on_epoch_end(1, {"loss": 0.05})
    assert (again.epoch, again.history) == ([0, 1], {"loss": [0.1, 0.05]})
    assert record.history == {"loss": [0.1]}


def recorded() -> History:
    record = History()
    for epoch in range(4):
        logs = {"accuracy": 0.5 + epoch / 10, "loss": 1.0 / (epoch + 1), "table": np.ones(2)}
        record.on_epoch_end(epoch, logs | ({"val_loss": 1.5 / (epoch + 1)} if epoch % 2 else {}))
    return record


@pytest.fixture
def figure() -> Any:
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    return Figure()


def test_plot_has_a_panel_for_the_loss_and_each_metric_and_validation_beside_training(figure: Any) -> None:
    assert recorded().plot(figure=figure) is figure
    loss, accuracy = figure.axes  # an array has no curve
    assert (loss.get_title(loc="left"), accuracy.get_title(loc="left")) == ("loss", "accuracy")
    training, validation = loss.lines
    assert training.get_xydata().tolist() == [[1, 1.0], [2, 0.5], [3, 1 / 3], [4, 0.25]]
    assert validation.get_xydata().tolist() == [[2, 0.75], [4, 0.375]]  # epochs that were validated
    assert [text.get_text() for text in loss.get_legend().get_texts()] == ["training", "validation"]
    assert loss.get_yscale() == "linear"


def test_plot_of_chosen_names_takes_their_validation_along(figure: Any) -> None:
    record = recorded()
    assert len(record.plot("loss", figure=figure).axes[0].lines) == 2
    assert len(figure.axes) == 1


def test_values_over_decades_have_a_logarithmic_scale(figure: Any) -> None:
    record = History()
    for epoch, loss in enumerate((1.0, 0.1, 0.001)):
        record.on_epoch_end(epoch, {"loss": loss, "r2": loss - 0.5})
    record.plot(figure=figure)
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "linear"]


def test_plot_opens_a_figure_of_pyplots() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    before = matplotlib.get_backend()
    matplotlib.use("Agg")
    from matplotlib import pyplot

    made = recorded().plot()
    assert pyplot.figure(made.number) is made
    pyplot.close(made)
    matplotlib.use(before)


def test_plot_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StateError, match=r"History\.plot\(\) has nothing to draw: no epoch is recorded\. Call fit\(\)"):
        History().plot()
    with pytest.raises(
        ArgumentError, match=r"got 'acuracy'\. Did you mean 'accuracy'\? There are: accuracy, loss, tab"
    ):
        recorded().plot(["acuracy"])
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingPackageError, match=r"History\.plot\(\) needs matplotlib, .* pip install 'denselite\[ex"):
        recorded().plot()


def test_notebook_shows_the_table_and_curves_where_matplotlib_is(monkeypatch: pytest.MonkeyPatch) -> None:
    record = History()
    for epoch in range(20):
        record.on_epoch_end(epoch, {"loss": 1 / 3, "note": "a<b"})
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    text = record._repr_html_()
    assert "<img" not in text
    cells = [cell.split("<")[0] for cell in text.split('em">')[1:]]
    assert cells[:6] == ["epoch", "loss", "note", "1", "0.3333", "a&lt;b"]
    assert cells[3::3] == ["1", "2", "3", "4", "5", "…", "16", "17", "18", "19", "20"]


def test_notebook_shows_curves() -> None:
    pytest.importorskip("matplotlib")
    assert '<img style="max-width:100%" src="data:image/png;base64,iVBOR' in recorded()._repr_html_()
    assert History()._repr_html_().startswith("<div><div>")


def test_epochs_that_were_validated_survive_json() -> None:
    again = History()
    state = recorded().get_state()
    again.set_state(
        json.loads(json.dumps({**state, "history": {k: v for k, v in state["history"].items() if k != "table"}}))
    )
    assert again._epochs["val_loss"] == [1, 3]
