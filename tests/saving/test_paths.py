from __future__ import annotations

import denselite as dl
from denselite.saving.paths import layers_by_path, streams_by_path, weights_by_path


def test_paths_count_by_class_and_nest_with_models() -> None:
    inner = dl.Sequential([dl.Input((3,)), dl.layers.Dense(3), dl.layers.Dropout(0.1)], name="anything")
    x = dl.Input((4,), name="x")
    first, last = dl.layers.Dense(3, name="b"), dl.layers.Dense(2, use_bias=False, name="a")
    model = dl.Model(x, last(inner(first(x))))
    assert {path: variable.shape for path, variable in weights_by_path(model).items()} == {
        "layers/dense/vars/0": (4, 3),
        "layers/dense/vars/1": (3,),
        "layers/sequential/layers/dense/vars/0": (3, 3),
        "layers/sequential/layers/dense/vars/1": (3,),
        "layers/dense_1/vars/0": (3, 2),
    }
    assert layers_by_path(model)["layers/dense_1"] is last
    assert layers_by_path(model)[""] is model
    assert list(streams_by_path(model)) == ["layers/sequential/layers/dropout/seeds/0"]


def test_name_that_the_count_would_give_twice_is_passed_over() -> None:
    class Dense_1(dl.layers.Dense):  # noqa: N801
        pass

    layers = [dl.Input((2,)), dl.layers.Dense(2), Dense_1(2), dl.layers.Dense(2)]
    assert [path for path in layers_by_path(dl.Sequential(layers)) if path] == [
        "layers/dense", "layers/dense_1", "layers/dense_2",
    ]  # fmt: skip


def test_trainable_weights_of_a_layer_come_first() -> None:
    class Counting(dl.layers.Layer):
        def build(self, input_shape: tuple[int, ...]) -> None:
            self.count = self.add_weight((), "zeros", trainable=False, name="count")
            self.weight = self.add_weight((2,), "ones", name="weight")

        def call(self, inputs: object) -> object:
            return inputs * self.weight

    model = dl.Sequential([dl.Input((2,)), Counting()])
    assert [v.name for v in weights_by_path(model).values()] == ["weight", "count"]
