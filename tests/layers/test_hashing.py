"""Hashing and HashedCrossing: published vectors, the numbers of Keras with TensorFlow, models, errors."""

from __future__ import annotations

import numpy as np
import pytest

from denselite import Input, Model, layers
from denselite.errors import ArgumentError, DTypeError, ShapeError, UncoveredError
from denselite.layers.buckets import buckets
from denselite.layers.farm_hash import farm_hash
from denselite.layers.sip_hash import sip_hash

KEY = (0x0706050403020100, 0x0F0E0D0C0B0A0908)


@pytest.mark.parametrize(
    ("text", "expected"),
    [  # TensorFlow 2.21: every branch of the function, by length
        (b"", 0x9AE16A3B2F90404F),
        (b"a", 0xB3454265B6DF75E3),
        (b"denselite", 0xCC94F8652350708E),
        (b"a" * 20, 0xD1128F7D2CDB832E),
        (b"b" * 40, 0xB1D15DB98A5C4A23),
        (b"c" * 65, 0xDD4210FAA0B6C0A1),
        (b"d" * 130, 0x18A6DD164F31F8E6),
    ],
)
def test_farm_hash_is_the_fingerprint(text: bytes, expected: int) -> None:
    assert farm_hash([text]).tolist() == [expected]


def test_sip_hash_gives_the_vectors_of_its_authors() -> None:
    # Aumasson and Bernstein, 2012, appendix A (15 bytes), and their test vectors (none).
    assert sip_hash([bytes(range(15)), b""], KEY).tolist() == [0xA129CA6149BE45E5, 0x726FDB47DD0E0E31]


def test_texts_of_all_lengths_are_hashed_as_if_alone() -> None:
    texts = [b"x" * n for n in (3, 70, 0, 70, 9)]
    assert farm_hash(texts).tolist() == [farm_hash([text])[0] for text in texts]


def test_buckets_have_the_shape_of_the_values() -> None:
    assert buckets(np.array([[0, 1], [2, 0]]), 3).tolist() == [[1, 0], [1, 1]]
    assert buckets(np.zeros((0, 2), int), 3).shape == (0, 2)


@pytest.mark.parametrize(
    ("options", "inputs", "expected"),
    [  # Keras 3.15.1 with TensorFlow
        ({}, [["A"], ["B"], ["C"], ["D"], ["E"]], [[1], [0], [1], [1], [2]]),
        ({"mask_value": ""}, [["A"], ["B"], [""], ["C"], ["D"]], [[1], [1], [0], [2], [2]]),
        ({"salt": [133, 137]}, [["A"], ["B"], ["C"], ["D"], ["E"]], [[1], [2], [1], [0], [2]]),
        ({"salt": 133}, [["A"], ["B"], ["C"], ["D"], ["E"]], [[0], [0], [2], [1], [0]]),
        ({}, [0, 1, 2, 3, 4], [1, 0, 1, 0, 2]),
        ({"output_mode": "count"}, [[0, 1, 2, 3, 4]], [[2.0, 2.0, 1.0]]),
    ],
)
def test_values_are_hashed_to_keras_bins(options: dict[str, object], inputs: object, expected: object) -> None:
    assert layers.Hashing(3, **options)(inputs).tolist() == expected


def test_numbers_are_hashed_inside_a_model() -> None:
    inputs = Input((5,), dtype="int32")
    model = Model(inputs, layers.Hashing(3, output_mode="multi_hot")(inputs))
    assert model.predict(np.array([[0, 1, 1, 3, 3], [4, 4, 4, 4, 4]]), verbose=0).tolist() == [[1, 1, 0], [0, 0, 1]]


def test_features_are_crossed_to_keras_bins_also_inside_a_model() -> None:
    words, ids = np.array(["A", "B", "A", "B", "A"]), np.array([101, 101, 101, 102, 102])
    assert layers.HashedCrossing(5)((words, ids)).tolist() == [1, 4, 1, 1, 3]
    rows = layers.HashedCrossing(5, "one_hot")((words[:, None], ids[:, None]))
    assert rows.argmax(-1).tolist() == [1, 4, 1, 1, 3]
    a, b = Input((1,), dtype="int64"), Input((1,), dtype="int64")
    layer = layers.HashedCrossing(50)
    model = Model([a, b], layer([a, b]))
    given = ids[:, None], ids[::-1, None].copy()
    np.testing.assert_array_equal(model.predict(list(given), verbose=0), layer(given))
    assert layer.compute_output_shape(((None, 1), (None, 1))) == (None, 1)


def test_strings_are_no_input_of_a_model() -> None:
    with pytest.raises(UncoveredError, match=r"strings pass through no model. Call the layer that reads them"):
        Input((1,), dtype="string")


def test_errors_say_what_to_do() -> None:
    with pytest.raises(ArgumentError, match=r"a salt is one integer or a list of two, got \[1\]"):
        layers.Hashing(3, salt=[1])
    with pytest.raises(ArgumentError, match=r"^Hashing\(\) with output_mode='int' has the dtype 'int32' or 'int64'"):
        layers.Hashing(3, dtype="float32")
    with pytest.raises(DTypeError, match=r"^Hashing 'h' has mask_value='', got an array of dtype int64"):
        layers.Hashing(3, "", name="h")([1, 2])
    with pytest.raises(DTypeError, match=r"^Hashing 'h' expects strings or numbers, got an array of dtype object"):
        layers.Hashing(3, name="h")(np.array([{}]))
    with pytest.raises(DTypeError, match=r"^Hashing 'h' expects bytes to be text in utf-8"):
        layers.Hashing(3, name="h")(np.array([b"\xff"]))
    with pytest.raises(ShapeError, match=r"^Hashing 'h' expects one array, got a list of lists that differ"):
        layers.Hashing(3, name="h")([["a"], ["b", "c"]])
    crossing = layers.HashedCrossing(3, name="x")
    with pytest.raises(ArgumentError, match=r"^HashedCrossing 'x' expects a list of two features or more"):
        crossing([np.array([1])])
    with pytest.raises(ShapeError, match=r"^HashedCrossing 'x' expects features of one shape"):
        crossing((np.array([1]), np.array([1, 2])))
    with pytest.raises(DTypeError, match=r"^HashedCrossing 'x' expects integers or strings, got features of dtype"):
        crossing((np.array([1.0]), np.array([1])))
