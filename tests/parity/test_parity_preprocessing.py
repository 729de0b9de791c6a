"""Preprocessing layers: numbers, dtypes, what ``adapt`` finds, configs and what raises are Keras'.

Keras computes lookups and hashes with TensorFlow, and adapts to anything but one array with it. Those tests take
`lookup_twins`: they read what Keras answered with TensorFlow beside it, and ask it only where that is installed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.parity.oracle import in_sample


@pytest.fixture
def lookup_twins(request: pytest.FixtureRequest) -> Any:
    """`twins`, where Keras' answer is recorded or can be had."""
    asks = request.config.getoption("oracle") != "recorded" or in_sample(request.node.name)
    if asks and importlib.util.find_spec("tensorflow") is None:
        pytest.skip("Keras needs TensorFlow for these layers")
    return request.getfixturevalue("twins")


RNG = np.random.default_rng(17)
TABLE = RNG.normal(1.0, 2.0, (12, 3))
CUBE = RNG.normal(1.0, 2.0, (4, 2, 3))
IDS = np.array([[12, 7, 36], [36, 12, 0], [5, 0, 12]])
WORDS = np.array([["a", "z", "b"], ["", "a", "a"]])
VOCABULARY = [12, 36, 1138, 42]


def adapted(layer: Any, data: Any, **options: Any) -> Any:
    layer.adapt(data, **options)
    return layer


def told(value: Any) -> list[Any]:
    """An output's dtype and numbers."""
    return [str(np.dtype(value.dtype)), np.asarray(value)]


def same_calls(twins: Any, make: Callable[[Any], Any], *inputs: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer = make(lib)
        return [told(layer(x)) for x in inputs]

    twins.same(recipe)


NORMALIZATIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "last": (TABLE, {}),
    "none": (TABLE, {"axis": None}),
    "inverted": (TABLE, {"invert": True}),
    "axes": (CUBE, {"axis": (1, -1)}),
    "axes-unordered": (CUBE, {"axis": [2, 1]}),
    "inner": (CUBE, {"axis": 1}),
    "integers": (np.arange(6).reshape(2, 3), {}),
    "constant": (np.ones((3, 2)), {}),
    "vector": (np.arange(4.0), {"axis": None}),
}


@pytest.mark.parametrize("case", NORMALIZATIONS)
def test_normalization_adapts_like_keras(twins: Any, case: str) -> None:
    x, options = NORMALIZATIONS[case]

    def recipe(lib: Any) -> Any:
        layer = adapted(lib.layers.Normalization(name="n", **options), x)
        weights = [(w.name, w.path, str(w.dtype), w.trainable) for w in layer.weights]
        statistics = [np.asarray(layer.mean), np.asarray(layer.variance)]
        return [told(layer(x)), weights, layer.get_weights(), statistics, layer.get_build_config(), layer.get_config()]

    twins.same(recipe)


@pytest.mark.parametrize(
    "data",
    [
        [TABLE[:5], TABLE[5:7], TABLE[7:]],
        [(TABLE[:5], np.ones(5)), (TABLE[5:], np.ones(7))],
    ],
    ids=["arrays", "pairs"],
)
def test_normalization_adapts_to_batches_like_keras(lookup_twins: Any, data: Any) -> None:
    lookup_twins.same(lambda lib: adapted(lib.layers.Normalization(), data).get_weights(), atol=1e-6)
    lookup_twins.same(lambda lib: adapted(lib.layers.Normalization(), iter(data)).get_weights(), atol=1e-6)


def test_normalization_with_given_statistics_is_keras(twins: Any) -> None:
    for options in (
        {"mean": 1.0, "variance": 4.0},
        {"mean": [1.0, 2.0, 3.0], "variance": np.array([1.0, 4.0, 9.0]), "invert": True},
        {"mean": 3, "variance": 0.0, "axis": None},
    ):
        same_calls(twins, lambda lib, options=options: lib.layers.Normalization(**options), TABLE, np.ones((1, 3), int))
        twins.same(lambda lib, options=options: lib.layers.Normalization(name="n", **options).get_config())
    same_calls(twins, lambda lib: lib.layers.Normalization((1, 2), [1.0, 2.0, 3.0], [1.0, 1.0, 4.0]), CUBE)
    same_calls(twins, lambda lib: lib.layers.Normalization(-1, 1.0, 2.0, True), TABLE)


def test_normalization_in_a_model_trains_like_keras(twins: Any) -> None:
    def recipe(lib: Any) -> Any:  # (In Keras set_weights changes the variables and not what the layer computes with.)
        layer, start = adapted(lib.layers.Normalization(), TABLE), lib.initializers.Constant(0.1)
        first, last = (lib.layers.Dense(size, kernel_initializer=start) for size in (3, 1))
        model = twins.compile(lib, lib.Sequential([lib.Input((3,)), first, layer, last]))
        return [model.train_on_batch(TABLE, np.ones((12, 1))), model.predict(TABLE, verbose=0), model.get_weights()]

    twins.same(recipe)


DISCRETIZATIONS = [
    (RNG.normal(size=1000), {"num_bins": 5}),
    (RNG.normal(size=(40, 2)), {"num_bins": 4, "epsilon": 0.1}),
    ([RNG.normal(size=(100, 2)), RNG.normal(size=50)], {"num_bins": 5, "epsilon": 0.1}),
    ([1.0, 2.0, 3.0, 4.0], {"num_bins": 2}),
    (np.array([1.0, 2.0]), {"num_bins": 5}),
    (np.arange(3.0), {"num_bins": 1}),
]


@pytest.mark.parametrize("case", range(len(DISCRETIZATIONS)))
def test_discretization_adapts_like_keras(lookup_twins: Any, case: int) -> None:
    data, options = DISCRETIZATIONS[case]
    lookup_twins.same(lambda lib: adapted(lib.layers.Discretization(name="d", **options), data).get_config())


MODES = ["int", "one_hot", "multi_hot", "count"]
SHAPES = [(2, 3), (2, 1), (3,), (2, 3, 2)]


@pytest.mark.parametrize("mode", MODES)
def test_discretization_gives_keras_bins_and_shapes(twins: Any, mode: str) -> None:
    inputs = [RNG.normal(0.5, 1.0, shape) for shape in SHAPES]
    same_calls(twins, lambda lib: lib.layers.Discretization([0.0, 0.5, 1.0], output_mode=mode), *inputs)
    same_calls(twins, lambda lib: lib.layers.Discretization([0.0, 0.5]), np.array([[0.0, 0.5, np.nan, np.inf]]))
    same_calls(twins, lambda lib: lib.layers.Discretization([0, 1], None, 0.01, mode, False, "float64"), IDS)

    def shapes(lib: Any) -> Any:
        layer = lib.layers.Discretization([0.0, 1.0], output_mode=mode)
        return [[layer.compute_output_shape((None, *s[1:])), layer(lib.Input(s[1:])).shape] for s in SHAPES]

    twins.same(shapes)


@pytest.mark.parametrize("mode", MODES[1:])
def test_category_encoding_is_keras(twins: Any, mode: str) -> None:
    inputs = [RNG.integers(0, 4, shape) for shape in SHAPES] + [np.array([[4, -1]]), np.array([[0.0, 1.7]])]
    same_calls(twins, lambda lib: lib.layers.CategoryEncoding(4, mode), *inputs)
    same_calls(twins, lambda lib: lib.layers.CategoryEncoding(4, output_mode=mode, dtype="float64"), inputs[0])
    twins.same(lambda lib: lib.layers.CategoryEncoding(4, mode, name="c", trainable=False).get_config())
    # (Of more than two axes Keras tells another shape than it computes.)
    twins.same(lambda lib: [lib.layers.CategoryEncoding(4, mode)(lib.Input(s[1:])).shape for s in SHAPES[:2]])


def test_category_encoding_counts_with_weights_like_keras(twins: Any) -> None:
    weights = RNG.normal(size=(3, 3)).astype("float32")
    twins.same(lambda lib: told(lib.layers.CategoryEncoding(6, "count")(IDS % 7, count_weights=weights)))


def test_category_encoding_in_a_model_trains_like_keras(twins: Any) -> None:
    def build(lib: Any) -> Any:
        inputs = lib.Input((3,), dtype="int32")
        rows = lib.layers.CategoryEncoding(6, "count")(inputs)
        return twins.compile(lib, lib.Model(inputs, lib.layers.Dense(2)(rows)))

    twins.train(
        build, lambda model: [model.train_on_batch(IDS % 7, np.ones((3, 2))), model.predict(IDS % 7, verbose=0)]
    )


REFUSED: dict[str, Callable[[Any], Any]] = {
    "normalization-mean-alone": lambda lib: lib.layers.Normalization(mean=1.0),
    "normalization-shapes": lambda lib: lib.layers.Normalization(mean=[1.0, 2.0], variance=1.0),
    "normalization-rank": lambda lib: lib.layers.Normalization(None, [1.0], [1.0]),
    "normalization-unfitting": lambda lib: lib.layers.Normalization(mean=[1.0, 2.0], variance=[1.0, 2.0])(TABLE),
    "normalization-axis": lambda lib: lib.layers.Normalization(2)(TABLE),
    "normalization-unknown": lambda lib: lib.layers.Normalization(1)(lib.Input((None, 3))),
    "normalization-other-size": lambda lib: adapted(adapted(lib.layers.Normalization(), TABLE), TABLE[:, :2]),
    "discretization-neither": lambda lib: lib.layers.Discretization(),
    "discretization-both": lambda lib: lib.layers.Discretization([0.0], 3),
    "discretization-negative": lambda lib: lib.layers.Discretization(num_bins=-1),
    "discretization-mode": lambda lib: lib.layers.Discretization([0.0], output_mode="tf_idf"),
    "discretization-unadapted": lambda lib: lib.layers.Discretization(num_bins=2)(TABLE),
    "discretization-fixed": lambda lib: lib.layers.Discretization([0.0]).adapt(TABLE),
    "encoding-mode": lambda lib: lib.layers.CategoryEncoding(4, "int"),
    "encoding-none": lambda lib: lib.layers.CategoryEncoding(),
    "encoding-0": lambda lib: lib.layers.CategoryEncoding(0),
    "encoding-weights": lambda lib: lib.layers.CategoryEncoding(6)(IDS, count_weights=np.ones((3, 3))),
}
REFUSED_BY_TENSORFLOW: dict[str, Callable[[Any], Any]] = {
    "normalization-no-batch": lambda lib: lib.layers.Normalization().adapt([]),
    "max-tokens": lambda lib: lib.layers.StringLookup(max_tokens=1),
    "padding": lambda lib: lib.layers.StringLookup(pad_to_max_tokens=True),
    "oov": lambda lib: lib.layers.IntegerLookup(num_oov_indices=-1),
    "oov-method": lambda lib: lib.layers.IntegerLookup(oov_method="x"),
    "salt": lambda lib: lib.layers.IntegerLookup(salt=3),
    "mode": lambda lib: lib.layers.StringLookup(output_mode="x"),
    "inverse-rows": lambda lib: lib.layers.StringLookup(invert=True, output_mode="one_hot"),
    "twice": lambda lib: lib.layers.StringLookup(vocabulary=["a", "a"]),
    "none": lambda lib: lib.layers.StringLookup(vocabulary=[]),
    "too-many": lambda lib: lib.layers.StringLookup(vocabulary=["a", "b", "c"], max_tokens=3),
    "mask-inside": lambda lib: lib.layers.StringLookup(vocabulary=["a", "", "b"], mask_token=""),
    "oov-inside": lambda lib: lib.layers.StringLookup(vocabulary=["a", "[UNK]"], invert=True),
    "no-file": lambda lib: lib.layers.StringLookup(vocabulary="/no/such/file"),
    "no-weights": lambda lib: lib.layers.StringLookup(output_mode="tf_idf", vocabulary=["a"]),
    "weights-unasked": lambda lib: lib.layers.StringLookup(vocabulary=["a"], idf_weights=[1.0]),
    "weights-length": lambda lib: lib.layers.StringLookup(
        output_mode="tf_idf", vocabulary=["a"], idf_weights=[1.0, 2.0]
    ),
    "adapt-fixed": lambda lib: lib.layers.StringLookup(vocabulary=["a"]).adapt(["b"]),
    "hashing-bins": lambda lib: lib.layers.Hashing(0),
    "hashing-salt": lambda lib: lib.layers.Hashing(3, salt=[1]),
    "hashing-dtype": lambda lib: lib.layers.Hashing(3, dtype="float32"),
    "hashing-mode": lambda lib: lib.layers.Hashing(3, output_mode="tf_idf"),
    "crossing-one": lambda lib: lib.layers.HashedCrossing(5)([IDS[0]]),
    "crossing-array": lambda lib: lib.layers.HashedCrossing(5)(IDS[0]),
    "crossing-shape": lambda lib: lib.layers.HashedCrossing(5)((IDS, IDS)),
    "crossing-shapes": lambda lib: lib.layers.HashedCrossing(5)((IDS[0], IDS[0, :2])),
    "crossing-mode": lambda lib: lib.layers.HashedCrossing(5, "count"),
}


def refuse(twins: Any, recipe: Callable[[Any], Any]) -> None:
    def outcome(lib: Any) -> str:
        try:
            recipe(lib)
        except (ValueError, TypeError):
            return "refused"
        return "taken"

    twins.same(outcome)


@pytest.mark.parametrize("case", REFUSED)
def test_what_keras_refuses_is_refused(twins: Any, case: str) -> None:
    refuse(twins, REFUSED[case])


@pytest.mark.parametrize("case", REFUSED_BY_TENSORFLOW)
def test_what_keras_with_tensorflow_refuses_is_refused(lookup_twins: Any, case: str) -> None:
    refuse(lookup_twins, REFUSED_BY_TENSORFLOW[case])


@pytest.mark.parametrize("mode", MODES)
def test_integer_lookup_is_keras(lookup_twins: Any, mode: str) -> None:
    inputs = [RNG.choice([12, 36, 1138, 42, 0, 7, -3], shape) for shape in SHAPES]
    for options in ({}, {"mask_token": 0}, {"num_oov_indices": 3}, {"max_tokens": 9, "pad_to_max_tokens": True}):
        same_calls(
            lookup_twins,
            lambda lib, options=options: lib.layers.IntegerLookup(vocabulary=VOCABULARY, output_mode=mode, **options),
            *inputs,
        )
    farm = {"num_oov_indices": 3, "oov_method": "farmhash", "vocabulary": VOCABULARY}
    same_calls(lookup_twins, lambda lib: lib.layers.IntegerLookup(**farm), *inputs)
    same_calls(lookup_twins, lambda lib: lib.layers.IntegerLookup(salt=[5, -7], **farm), *inputs)


def test_integer_lookup_takes_keras_inputs_and_inverts(lookup_twins: Any) -> None:
    known = lambda lib, **options: lib.layers.IntegerLookup(vocabulary=VOCABULARY, **options)  # noqa: E731
    same_calls(lookup_twins, known, np.array([[12.7, 7.0]]), np.array([[12]], "uint8"), [[36, 5]])
    same_calls(lookup_twins, lambda lib: known(lib, num_oov_indices=0), np.array([[12, 36]]))
    same_calls(lookup_twins, lambda lib: known(lib, invert=True), np.array([[1, 3, 4], [4, 0, 9]]))
    same_calls(lookup_twins, lambda lib: known(lib, invert=True, mask_token=0), np.array([[1, 3, 4], [4, 0, 9]]))
    options = (9, 2, 0, -2, [3], "int64", None, False, "one_hot", False, True, "farmhash", 4, "nm")
    lookup_twins.same(lambda lib: lib.layers.IntegerLookup(*options).get_config())
    lookup_twins.same(lambda lib: lib.layers.IntegerLookup(vocabulary=np.array([5, 3]), name="i").get_config())


@pytest.mark.parametrize("mode", MODES)
def test_string_lookup_is_keras(lookup_twins: Any, mode: str) -> None:
    inputs = [WORDS, WORDS[:, :1], WORDS[0], WORDS.tolist(), WORDS.astype("S"), WORDS.astype(object)]
    for options in ({}, {"mask_token": ""}, {"num_oov_indices": 4}, {"num_oov_indices": 4, "salt": [7, 9]}):
        same_calls(
            lookup_twins,
            lambda lib, options=options: lib.layers.StringLookup(vocabulary=["a", "b"], output_mode=mode, **options),
            *inputs,
        )
    options = (9, 2, "m", "o", ["a"], None, False, mode, True, False, "utf-8", "nm", None)
    lookup_twins.same(lambda lib: lib.layers.StringLookup(*options).get_config())


def test_vocabularies_are_told_like_keras(lookup_twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        strings, integers = lib.layers.StringLookup, lib.layers.IntegerLookup
        found = [
            strings(vocabulary=["[UNK]", "a", "b"]),
            strings(vocabulary=["a", "[UNK]", "b"]),
            strings(vocabulary=["", "[UNK]", "a"], mask_token=""),
            strings(vocabulary=["a"], mask_token="", output_mode="count"),
            strings(mask_token=""),
            integers(vocabulary=VOCABULARY, num_oov_indices=3, mask_token=0),
            adapted(integers(), [5, 5, 3, 3, 9, -1]),
            adapted(integers(max_tokens=3), np.array([[5, 5], [3, 7]])),
            adapted(integers(max_tokens=3, num_oov_indices=2), [1, 1, 2, 2, 2, 3]),
            adapted(integers(), iter([np.array([5, 5]), np.array([3])]), steps=1),
            adapted(integers(mask_token=0, output_mode="count"), [0, 0, 5]),
            adapted(integers(), np.array([1.7, 2.2])),
            adapted(strings(mask_token=""), ["a", "b", "b", "", "[UNK]"]),
            adapted(strings(), [["a", "b"], ["é", "日"]]),
            adapted(adapted(strings(), ["a"]), ["b", "c"]),
        ]
        return [
            [
                [token if token is None or isinstance(token, str) else int(token) for token in layer.get_vocabulary()],
                len(layer.get_vocabulary(include_special_tokens=False)),
                layer.vocabulary_size(),
                layer.get_config()["vocabulary_size"],
            ]
            for layer in found
        ]

    lookup_twins.same(lambda lib: [[list(map(str, entry[0])), entry[1:]] for entry in recipe(lib)])


def test_weighted_counts_are_keras(lookup_twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        strings = lambda **options: lib.layers.StringLookup(output_mode="tf_idf", **options)  # noqa: E731
        documents, asked = [["a", "b"], ["a", "a"], ["c", "a"]], [["a", "a", "z", "c"]]
        found = [
            adapted(strings(), documents),
            adapted(strings(max_tokens=6, pad_to_max_tokens=True), documents),
            adapted(strings(), iter([np.array(["a", "b"]), np.array(["a", "a"])])),
            adapted(strings(), ["a", "b", "a"]),
            strings(vocabulary=["a", "b"], idf_weights=[0.5, 0.25]),
            strings(vocabulary=["[UNK]", "a", "b"], idf_weights=[0.9, 0.5, 0.25]),
        ]
        return [np.asarray(layer(asked)) for layer in found]  # (Keras gives float32 even where floatx is float64.)

    lookup_twins.same(recipe, atol=1e-6)


def test_vocabulary_file_is_read_like_keras(lookup_twins: Any, tmp_path: Any) -> None:
    path = tmp_path / "vocabulary.txt"
    path.write_text("x\ny\n[UNK]\n", encoding="utf-8")
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("5\n7\n", encoding="utf-8")

    def recipe(lib: Any) -> Any:
        layer, ids = lib.layers.StringLookup(name="s"), lib.layers.IntegerLookup()
        if lib.__name__ == "keras":
            lib.config.enable_unsafe_deserialization()
        layer.set_vocabulary(str(path))
        ids.set_vocabulary(str(numbers))
        return [list(map(str, layer.get_vocabulary())), layer.get_config(), told(ids(np.array([7, 8])))]

    lookup_twins.same(recipe)


@pytest.mark.parametrize("mode", MODES)
def test_hashing_is_keras(lookup_twins: Any, mode: str) -> None:
    texts = np.array([["a", "b" * 7], ["c" * 12, "d" * 30], ["e" * 50, "é" * 90], ["", "omar"]])
    inputs = [IDS, IDS[:, :1], np.array([[0.5, 1.7, -2.9]]), np.array([[True, False]]), texts, texts[0].tolist()]
    for options in ({}, {"salt": [133, 137]}, {"salt": 5}):
        make = lambda lib, options=options: lib.layers.Hashing(50 if mode == "int" else 5, output_mode=mode, **options)  # noqa: E731
        same_calls(lookup_twins, make, *inputs)
    same_calls(lookup_twins, lambda lib: lib.layers.Hashing(5, 36, output_mode=mode), IDS, IDS.astype("float32"))
    same_calls(lookup_twins, lambda lib: lib.layers.Hashing(1, 36, output_mode=mode), IDS)
    same_calls(lookup_twins, lambda lib: lib.layers.Hashing(5, "", output_mode=mode), texts)
    lookup_twins.same(lambda lib: lib.layers.Hashing(4, "", 5, mode, name="h").get_config())


def test_hashed_crossing_is_keras(lookup_twins: Any) -> None:
    words, ids = np.array(["A", "B", "A"]), np.array([101, -102, 2**40])
    for mode in ("int", "one_hot"):
        make = lambda lib, mode=mode: lib.layers.HashedCrossing(500 if mode == "int" else 5, mode)  # noqa: E731
        same_calls(
            lookup_twins, make, (words, ids), (words, ids, ids[::-1]), (words[:, None], ids[:, None]), [["A"], [1]]
        )
        lookup_twins.same(lambda lib, mode=mode: lib.layers.HashedCrossing(5, mode, False, "x").get_config())
    same_calls(lookup_twins, lambda lib: lib.layers.HashedCrossing(5, dtype="int32"), (ids, ids))
