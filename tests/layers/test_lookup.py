"""IntegerLookup and StringLookup: hand-worked places, vocabularies, files, models, errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, layers
from denselite.errors import ArgumentError, DataError, DTypeError, FormatError, StateError, UncoveredError
from denselite.layers import IntegerLookup, StringLookup, adapting
from denselite.models import load_model, model_from_json
from denselite.saving.assets import restore_assets

IDS = np.array([[12, 7, 36]])


def test_places_count_the_special_tokens_first() -> None:
    assert IntegerLookup(vocabulary=[12, 36])(IDS).tolist() == [[1, 0, 2]]
    assert IntegerLookup(vocabulary=[12, 36], mask_token=7)(IDS).tolist() == [[2, 0, 3]]
    assert IntegerLookup(vocabulary=[12, 36], num_oov_indices=3)(IDS).tolist() == [[3, 1, 4]]  # 7 % 3
    assert StringLookup(vocabulary=["b", "a"])(["a", "b", "z"]).tolist() == [2, 1, 0]
    assert StringLookup(vocabulary=["a"])("a") == 1


@pytest.mark.parametrize(
    "inputs",
    [np.array(["a", "é"]), np.array([b"a", "é".encode()]), np.array(["a", "é".encode()], object), ["a", "é"]],
    ids=["str", "bytes", "object", "list"],
)
def test_strings_are_read_whatever_they_are_in(inputs: Any) -> None:
    assert StringLookup(vocabulary=["é", b"a"])(inputs).tolist() == [2, 1]


def test_rows_leave_the_mask_out() -> None:
    options = {"vocabulary": ["a", "b"], "mask_token": ""}
    x = np.array([["a", "", "a"]])
    assert StringLookup(output_mode="count", **options)(x).tolist() == [[0, 2, 0]]
    assert StringLookup(output_mode="multi_hot", **options)(x).tolist() == [[0, 1, 0]]
    assert StringLookup(output_mode="one_hot", **options)(x).tolist() == [[[0, 1, 0], [0, 0, 0], [0, 1, 0]]]


def test_inverse_gives_tokens_back() -> None:
    words = StringLookup(vocabulary=["a", "b"], mask_token="", invert=True)(np.array([[2, 3], [0, 1], [9, -1]]))
    assert words.tolist() == [["a", "b"], ["", "[UNK]"], ["[UNK]", "[UNK]"]]
    assert IntegerLookup(vocabulary=[12, 36], invert=True)(np.array([1, 0, 2])).tolist() == [12, -1, 36]


def test_vocabulary_is_ranked_by_count_then_by_token() -> None:
    layer = StringLookup(max_tokens=4)
    layer.adapt([["b", "a"], ["c", "b"], ["d", "b"]])
    assert layer.get_vocabulary() == ["[UNK]", "b", "d", "c"]
    assert layer.get_vocabulary(include_special_tokens=False) == ["b", "d", "c"]
    assert layer.vocabulary_size() == 4


def test_adapting_in_blocks_counts_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(100).reshape(50, 2) % 7)
    monkeypatch.setattr(adapting, "_ENTRIES", 12)
    layer = IntegerLookup(output_mode="tf_idf")
    layer.adapt(np.load(tmp_path / "x.npy", mmap_mode="r"))
    whole = IntegerLookup(output_mode="tf_idf")
    whole.adapt((np.arange(100).reshape(50, 2) % 7).tolist())
    assert layer.get_vocabulary() == whole.get_vocabulary() == [-1, 1, 0, 6, 5, 4, 3, 2]
    assert layer([[1, 1]]).tolist() == whole([[1, 1]]).tolist()


def test_weights_are_those_of_inverse_document_frequency() -> None:
    layer = StringLookup(output_mode="tf_idf")
    layer.adapt([["a", "b"], ["a", "a"]])
    # ln(1 + 2 / (1 + documents)): a is in 2, b in 1; unknown tokens have the mean.
    np.testing.assert_allclose(layer([["a", "a", "z"]]), [[0.6019864, 2 * 0.51082562, 0.0]], rtol=1e-6)
    assert layer([["a"]]).dtype == np.float32


def test_integers_are_looked_up_inside_a_model() -> None:
    inputs = Input((3,), dtype="int64")
    for options in ({}, {"num_oov_indices": 2, "oov_method": "farmhash"}, {"output_mode": "count"}, {"invert": True}):
        layer = IntegerLookup(vocabulary=[12, 36], **options)
        model = Model(inputs, layer(inputs))
        np.testing.assert_array_equal(model.predict(IDS, verbose=0), layer(IDS))
        assert model.output_shape == layer.compute_output_shape((None, 3))
    embedded = Sequential([Input((3,), dtype="int64"), IntegerLookup(vocabulary=[12, 36]), layers.Embedding(3, 2)])
    embedded.compile("sgd", "mse")
    embedded.fit(IDS, np.zeros((1, 3, 2)), verbose=0)
    assert embedded.predict(IDS, verbose=0).shape == (1, 3, 2)


def test_model_sees_a_vocabulary_that_changes() -> None:
    layer = IntegerLookup()
    layer.adapt([12])
    model = Sequential([Input((3,), dtype="int64"), layer])
    assert model.predict(IDS, verbose=0).tolist() == [[1, 0, 0]]
    layer.adapt([36, 36, 12])
    assert model.predict(IDS, verbose=0).tolist() == [[2, 0, 1]]


class Reader(Model):
    """A model that reads strings before its layers do."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lookup = StringLookup(output_mode="tf_idf")
        self.dense = layers.Dense(1)
        self.dense.build((None, 4))

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)


def test_vocabulary_that_was_adapted_is_saved_with_the_model(tmp_path: Path) -> None:
    layer = IntegerLookup(output_mode="tf_idf")
    layer.adapt([[36, 12], [36, 7]])
    model = Sequential([Input((3,), dtype="int64"), layer])
    model.save(tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz")
    assert again.layers[0].get_vocabulary() == [-1, 36, 12, 7]
    np.testing.assert_array_equal(again.predict(IDS, verbose=0), model.predict(IDS, verbose=0))
    assert again.layers[0].get_config() == layer.get_config()
    again.layers[0].adapt([[1, 2], [1, 3]])  # it is no vocabulary that was given


def test_vocabulary_of_strings_is_saved_with_the_model(tmp_path: Path) -> None:
    model = Reader()
    model.lookup.adapt([["日", "\n"], ["日", '"']])
    model(np.ones((1, 4), "float32"))
    model.save(tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz", custom_objects={"Reader": Reader})
    assert again.lookup.get_vocabulary() == ["[UNK]", "日", '"', "\n"]
    np.testing.assert_array_equal(again.lookup([["日", "x"]]), model.lookup([["日", "x"]]))


def test_vocabulary_that_was_given_stands_in_the_config(tmp_path: Path) -> None:
    layer = StringLookup(vocabulary=np.array(["a"]))
    assert layer.asset is None
    layer.set_vocabulary(["b", "c"])
    assert StringLookup.from_config(layer.get_config()).get_vocabulary() == ["[UNK]", "b", "c"]
    integers = Sequential([Input((3,), dtype="int64"), IntegerLookup(vocabulary=[12])])
    assert model_from_json(integers.to_json()).predict(IDS, verbose=0).tolist() == [[1, 0, 0]]


def test_asset_that_is_none_is_an_error_that_names_it() -> None:
    layer = IntegerLookup(name="i")
    model = Sequential([Input((3,), dtype="int64"), layer])
    wrong = np.frombuffer(b'{"vocabulary": [1, 1]}', np.uint8)
    with pytest.raises(FormatError, match=r"^m.npz holds layers/dense/asset, and the model has no layer there"):
        restore_assets(model, {"layers/dense/asset": wrong}, "m.npz")
    with pytest.raises(FormatError, match=r"^m.npz: layers/integer_lookup/asset is not what IntegerLookup 'i' takes"):
        restore_assets(model, {"layers/integer_lookup/asset": wrong}, "m.npz")


def test_vocabulary_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("x\ny y\n", encoding="utf-8")
    layer = StringLookup(vocabulary=str(tmp_path / "v.txt"))
    assert layer.get_vocabulary() == ["[UNK]", "x", "y y"]
    assert layer.get_config()["vocabulary"] is None
    assert layer.asset is not None
    with pytest.raises(ArgumentError, match=r"^StringLookup 's': the vocabulary file .* cannot be read"):
        StringLookup(name="s").set_vocabulary(str(tmp_path / "none.txt"))
    with pytest.raises(ArgumentError, match=r"^StringLookup 's' takes no vocabulary from a file with output_mode"):
        StringLookup(output_mode="tf_idf", name="s").set_vocabulary(str(tmp_path / "v.txt"), [1.0, 2.0])
    with pytest.raises(FormatError, match=r"^StringLookup.from_config\(\) reads no file"):
        StringLookup.from_config({**layer.get_config(), "vocabulary": "v.txt"})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StringLookup(max_tokens=1), r"^StringLookup\(\) takes max_tokens greater than 1, or None, got 1"),
        (lambda: StringLookup(pad_to_max_tokens=True), r"^StringLookup\(\) needs max_tokens where"),
        (lambda: StringLookup(invert=True, output_mode="count"), "with invert=True has the output_mode 'int'"),
        (lambda: StringLookup(idf_weights=[1.0]), "takes idf_weights with output_mode 'tf_idf', not 'int'"),
        (lambda: StringLookup(vocabulary=["a"], output_mode="tf_idf", name="s"), "^StringLookup 's' needs idf_weights"),
        (
            lambda: StringLookup(vocabulary=["a", "a"], name="s"),
            r"^StringLookup 's': a vocabulary holds each token once",
        ),
        (lambda: StringLookup(vocabulary=[], name="s"), "^StringLookup 's' takes a vocabulary of one token or more"),
        (lambda: StringLookup(vocabulary=3), "it takes a list, got 3"),
        (lambda: StringLookup(vocabulary=[["a"]]), r"it takes a list, got \[\['a'\]\]"),
        (
            lambda: StringLookup(vocabulary=["a", "b"], max_tokens=2, name="s"),
            "has max_tokens=2, got a vocabulary of 3",
        ),
        (lambda: StringLookup(vocabulary=["a", ""], mask_token="", name="s"), "has '' among its tokens, which is a sp"),
        (lambda: IntegerLookup(vocabulary=["a"], name="i"), "^IntegerLookup 'i' takes a vocabulary of integers"),
        (lambda: IntegerLookup(salt=3), r"^IntegerLookup\(\) takes a salt with oov_method='farmhash'"),
        (
            lambda: StringLookup(vocabulary=["a"], idf_weights=[1.0, 2.0], output_mode="tf_idf", name="s"),
            r"^StringLookup 's' needs 1 idf_weights, one a token, got shape \(2,\)",
        ),
    ],
)
def test_arguments_that_do_not_go_together_are_an_error(make: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()


def test_options_that_keras_has_alone_are_refused() -> None:
    with pytest.raises(UncoveredError, match="sparse=True exists in Keras and not in denselite"):
        StringLookup(sparse=True)
    with pytest.raises(UncoveredError, match="vocabulary_dtype is 'int64', in Keras too"):
        IntegerLookup(vocabulary_dtype="int32")
    with pytest.raises(UncoveredError, match=r"^StringLookup 's' cannot be inside a model: strings pass through none"):
        StringLookup(name="s")(Input((1,)))


def test_calls_too_early_or_with_something_else_are_an_error() -> None:
    with pytest.raises(StateError, match=r"^StringLookup 's' has no vocabulary yet. Call adapt\(data\), or pass"):
        StringLookup(name="s")(["a"])
    with pytest.raises(StateError, match=r"^IntegerLookup 'i' has no vocabulary yet"):
        IntegerLookup(output_mode="one_hot", name="i")(Input((1,)))
    with pytest.raises(DTypeError, match=r"^IntegerLookup 'i' expects integers, got strings. Use StringLookup"):
        IntegerLookup(vocabulary=[1], name="i")(["a"])
    with pytest.raises(DTypeError, match=r"^StringLookup 's' expects strings, got an array of dtype int64"):
        StringLookup(vocabulary=["a"], name="s")([1])
    with pytest.raises(DTypeError, match=r"^StringLookup 's' with invert=True expects places, which are integers"):
        StringLookup(vocabulary=["a"], invert=True, name="s")(["a"])
    with pytest.raises(DataError, match=r"^IntegerLookup 'i' has num_oov_indices=0 and does not know \[7\]"):
        IntegerLookup(vocabulary=[12, 36], num_oov_indices=0, name="i")(IDS)
    with pytest.raises(StateError, match=r"^StringLookup 's' was given a vocabulary, so it cannot be adapted"):
        StringLookup(vocabulary=["a"], name="s").adapt(["b"])
    rows = StringLookup(output_mode="one_hot", name="s")
    rows.adapt(["a"])
    with pytest.raises(StateError, match=r"^StringLookup 's' gives rows of 2 places, so its vocabulary cannot have 3"):
        rows.set_vocabulary(["a", "b"])
