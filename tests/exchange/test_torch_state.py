"""State dicts: names and places as torch has them, predictions as torch's, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import layers
from denselite.errors import ArgumentError, StateError
from denselite.exchange import load_state_dict, to_state_dict, torch_code

RNG = np.random.default_rng(5)


def chain(shape: tuple[int | None, ...], *stack: Any, dtype: str | None = None) -> Any:
    """A model with weights that tell one place from another."""
    model = dl.Sequential([dl.Input(shape, dtype=dtype), *stack], name="m")
    for variable in model.weights:
        variable.assign(RNG.uniform(0.1, 1.0, variable.shape) * RNG.choice([-1, 1], variable.shape))
        if "variance" in variable.path:
            variable.assign(np.abs(variable.numpy()))
    return model


# Where things are.


def test_dense_is_a_linear_with_its_kernel_transposed_and_its_activation_a_module_behind() -> None:
    model = chain((2,), layers.Dense(3, "relu"), layers.Dense(1, use_bias=False))
    kernel, bias, last = model.get_weights()
    state = to_state_dict(model)
    assert list(state) == ["0.weight", "0.bias", "2.weight"]
    assert np.array_equal(state["0.weight"], kernel.T)
    assert np.array_equal(state["0.bias"], bias)
    assert np.array_equal(state["2.weight"], last.T)
    assert all(array.flags.c_contiguous and array.flags.owndata for array in state.values())


def test_state_dict_is_a_copy() -> None:
    model = chain((2,), layers.Dense(2))
    state = to_state_dict(model)
    expected = state["0.bias"].copy()
    model.set_weights([0 * w for w in model.get_weights()])
    assert np.array_equal(state["0.bias"], expected)


def test_modules_are_counted_as_torch_counts_them() -> None:
    model = chain(
        (6,),
        layers.Dense(4, "tanh"),
        layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
        layers.Dropout(0.5),
        dl.Sequential([layers.Dense(3), layers.LeakyReLU(0.1)]),
        layers.Activation("linear"),
        layers.Dense(2, "softmax"),
    )
    assert (
        torch_code(model)
        == """\
nn.Sequential(
    nn.Linear(6, 4),
    nn.Tanh(),
    nn.BatchNorm1d(4, eps=1e-05, momentum=0.1),
    nn.Dropout(0.5),
    nn.Sequential(
        nn.Linear(4, 3),
        nn.LeakyReLU(0.1),
    ),
    nn.Identity(),
    nn.Linear(3, 2),
    nn.Softmax(dim=1),
)"""
    )
    assert list(to_state_dict(model)) == [
        "0.weight", "0.bias", "2.weight", "2.bias", "2.running_mean", "2.running_var", "2.num_batches_tracked",
        "4.0.weight", "4.0.bias", "6.weight", "6.bias",
    ]  # fmt: skip


def test_global_pooling_is_two_modules() -> None:
    model = chain((5, 5, 1), layers.Conv2D(2, 3), layers.GlobalAveragePooling2D(), layers.Dense(1))
    assert list(to_state_dict(model)) == ["0.weight", "0.bias", "3.weight", "3.bias"]


def test_convolution_has_features_and_channels_first() -> None:
    model = chain((4, 5, 2), layers.Conv2D(3, (2, 1)))
    assert np.array_equal(to_state_dict(model)["0.weight"], model.get_weights()[0].transpose(3, 2, 0, 1))


def test_columns_behind_a_flattened_image_are_in_torchs_order() -> None:
    # A 1x2 image of 2 channels: here the columns are (place 0: a b, place 1: c d), in torch (a c, b d).
    model = dl.Sequential(
        [
            dl.Input((1, 2, 2)),
            layers.MaxPooling2D(1),
            layers.Flatten(),
            layers.Dense(1, use_bias=False, kernel_initializer=lambda shape, dtype: np.array([[1.0], [2], [3], [4]])),
        ]
    )
    assert to_state_dict(model)["2.weight"].tolist() == [[1.0, 3.0, 2.0, 4.0]]


def test_missing_half_of_an_affine_is_written_as_what_changes_nothing() -> None:
    model = chain((2,), layers.BatchNormalization(scale=False), layers.LayerNormalization(scale=False))
    state = to_state_dict(model)
    assert state["0.weight"].tolist() == state["1.weight"].tolist() == [1.0, 1.0]


# What torch 2.13 computed, recorded.

RECORDED = {
    "0.weight": [[0.25, -0.5], [0.75, 0.5], [-1.0, 0.25]],
    "0.bias": [0.1, -0.2, 0.3],
    "2.weight": [1.5, 0.5, 2.0],
    "2.bias": [0.0, 0.25, -0.5],
    "2.running_mean": [0.5, -0.25, 0.125],
    "2.running_var": [2.0, 0.5, 1.25],
    "2.num_batches_tracked": 3,
    "3.weight": [[1.0, -2.0, 0.5], [0.25, 0.5, -1.0]],
    "3.bias": [0.0, 0.5],
}


def recorded_state() -> dict[str, Any]:
    return {name: np.array(v, "int64" if "num" in name else "float32") for name, v in RECORDED.items()}


def recorded_model() -> Any:
    normal = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    return dl.Sequential([dl.Input((2,)), layers.Dense(3, "relu"), normal, layers.Dense(2, "softmax")])


def test_state_dict_of_torch_gives_what_torch_computed() -> None:
    model = recorded_model()
    load_state_dict(model, recorded_state())
    # nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.BatchNorm1d(3), nn.Linear(3, 2), nn.Softmax(dim=1)).eval()
    expected = [[0.003048343351110816, 0.9969515800476074], [0.6842923164367676, 0.3157077431678772]]
    found = model.predict(np.array([[1.0, 2.0], [-1.0, 0.5]], "float32"), verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_what_is_read_is_what_was_written() -> None:
    model = recorded_model()
    load_state_dict(model, recorded_state())
    written = to_state_dict(model)
    for name, array in recorded_state().items():
        assert written[name].dtype == array.dtype
        if "num_batches" not in name:  # nobody counts them here
            assert np.array_equal(written[name], array)


# Against torch itself, where it is installed.

MODELS: dict[str, Any] = {
    "activations": lambda: chain(
        (4,), *(layers.Dense(4, name) for name in (
            "celu", "elu", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu",
            "log_sigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softplus", "softsign",
            "tanh", "tanh_shrink", "softmax", "log_softmax"
        ))
    ),
    "activation layers": lambda: chain(
        (3, 4), layers.Dense(4), layers.ReLU(), layers.Dense(4), layers.ReLU(6.0), layers.ReLU(negative_slope=0.5),
        layers.LeakyReLU(0.3), layers.ELU(0.7), layers.Softmax(), layers.Softmax(1), layers.Activation("tanh"),
        layers.Identity(),
    ),
    "slopes": lambda: chain((3,), layers.PReLU(), layers.Dense(2)),
    "slopes of channels": lambda: chain((4, 4, 3), layers.PReLU(shared_axes=[1, 2]), layers.Conv2D(2, 3)),
    "one slope": lambda: chain((4, 3), layers.PReLU(shared_axes=[1, 2])),
    "normalizations": lambda: chain(
        (4,), layers.BatchNormalization(scale=False), layers.Dense(5), layers.LayerNormalization(epsilon=1e-5),
        layers.BatchNormalization(center=False, scale=False), layers.LayerNormalization(center=False),
        layers.LayerNormalization(scale=False), layers.LayerNormalization(center=False, scale=False), layers.Dense(1),
    ),
    "normalization of images": lambda: chain(
        (4, 5, 3), layers.Conv2D(6, 2), layers.BatchNormalization(), layers.LayerNormalization([1, 2, 3]),
        layers.Flatten(), layers.BatchNormalization(), layers.LayerNormalization(), layers.PReLU(), layers.Dense(2),
    ),
    "images": lambda: chain(
        (9, 8, 3), layers.BatchNormalization(), layers.Conv2D(4, (3, 2), padding="same", activation="relu"),
        layers.MaxPooling2D((2, 3)), layers.SpatialDropout2D(0.2), layers.Flatten(), layers.Dropout(0.5),
        layers.Dense(3, "softmax"),
    ),
    "channels first": lambda: chain(
        (3, 9, 8), layers.Conv2D(4, 3, data_format="channels_first"),
        layers.BatchNormalization(axis=1), layers.AveragePooling2D(2, data_format="channels_first"),
        layers.Flatten(), layers.Dense(3),
    ),
    "channels first, flattened last": lambda: chain(
        (3, 5, 4), layers.Conv2D(2, 3, data_format="channels_first", activation="softmax"),
        layers.Flatten(data_format="channels_first"), layers.Dense(3),
    ),
    "strides that pad unevenly": lambda: chain((8, 7, 2), layers.Conv2D(3, 3, 2, padding="same", activation="softmax")),
    "an even kernel": lambda: chain((8, 7, 2), layers.Conv2D(3, 2, padding="same", use_bias=False)),
    "groups and dilation": lambda: chain((9, 9, 4), layers.Conv2D(6, 3, groups=2, dilation_rate=2, padding="same")),
    "depthwise": lambda: chain((6, 6, 3), layers.DepthwiseConv2D(3, depth_multiplier=2, activation="relu")),
    "sequences": lambda: chain(
        (10, 3), layers.ZeroPadding1D((1, 2)), layers.Conv1D(4, 3, padding="causal", dilation_rate=2),
        layers.SpatialDropout1D(0.1), layers.MaxPooling1D(2), layers.DepthwiseConv1D(2), layers.BatchNormalization(),
        layers.Flatten(), layers.Dense(2),
    ),
    "pools that pad": lambda: chain(
        (9, 7, 2), layers.MaxPooling2D(3, 2, padding="same"), layers.AveragePooling2D(3, 1, padding="same"),
        layers.ZeroPadding2D(((1, 0), (2, 1))), layers.GlobalMaxPooling2D(), layers.Dense(2),
    ),
    "global pools": lambda: chain(
        (6, 3), layers.Conv1D(4, 2), layers.GlobalAveragePooling1D(keepdims=True), layers.Flatten(), layers.Dense(2)
    ),
    "flattened rows": lambda: chain((3, 4), layers.Activation("tanh"), layers.Flatten(), layers.Dense(2)),
    "rows of rows": lambda: chain((3, 4), layers.Dense(5, "softmax"), layers.LayerNormalization([1, 2]), layers.Dense(2)),
    "ids": lambda: chain((5,), layers.Embedding(7, 3), layers.LayerNormalization(), layers.Flatten(), layers.Dense(2), dtype="int32"),
    "a model within": lambda: chain(
        (6, 6, 1), dl.Sequential([layers.Conv2D(2, 3), layers.Flatten()]), dl.Sequential([layers.Dense(2)]),
    ),
    "64 bits": lambda: chain((3,), layers.Dense(4, "gelu", dtype="float64"), layers.Dense(2, dtype="float64")),
}  # fmt: skip


IMAGES = {  # and sequences: what goes in and comes out has its channels last here, first in torch
    "slopes of channels", "normalization of images", "images", "strides that pad unevenly", "an even kernel",
    "groups and dilation", "depthwise", "sequences", "pools that pad", "global pools", "a model within",
}  # fmt: skip


def data(model: Any, count: int = 3) -> Any:
    _, *sizes = model.inputs[0].shape
    if np.dtype(model.inputs[0].dtype).kind == "i":
        return RNG.integers(0, 7, (count, *sizes))
    return RNG.normal(size=(count, *sizes)).astype(model.layers[-1].dtype)


def channels_first(array: Any, back: bool = False) -> Any:
    return np.moveaxis(array, *((1, -1) if back else (-1, 1))) if array.ndim > 2 else array


@pytest.mark.parametrize("name", MODELS)
def test_predictions_are_torchs_and_weights_come_back(name: str) -> None:
    torch = pytest.importorskip("torch")
    model = MODELS[name]()
    names: dict[str, Any] = {"nn": torch.nn}
    exec(f"module = {torch_code(model)}", names)
    module = names["module"].to(getattr(torch, model.layers[-1].dtype)).eval()
    state = to_state_dict(model)
    assert list(state) == list(module.state_dict())
    images = name in IMAGES
    module.load_state_dict({key: torch.from_numpy(array) for key, array in state.items()})
    x = data(model)
    with torch.no_grad():
        expected = module(torch.from_numpy(np.ascontiguousarray(channels_first(x) if images else x))).numpy()
    expected = channels_first(expected, back=True) if images else expected
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, atol=1e-6, rtol=1e-6)

    before = model.get_weights()
    model.set_weights([np.full_like(w, 0.5) for w in before])
    load_state_dict(model, module.state_dict())
    assert all(map(np.array_equal, model.get_weights(), before))


# What is refused.


@pytest.mark.parametrize(
    ("shape", "stack", "message"),
    [
        ((3,), [layers.Dense(2), layers.UnitNormalization(name="u"), layers.GaussianNoise(0.1, name="g")],
         "Sequential 'm' cannot be an nn.Sequential: torch.nn has nothing that is UnitNormalization 'u', GaussianNoise 'g'."),
        ((3,), [layers.Dense(2, "exponential", name="d")], "Dense 'd' has the activation exponential, of which torch has no module."),
        ((3,), [layers.ReLU(2.0, name="r")], "ReLU 'r' has a ceiling or a threshold that no module of torch has."),
        ((5, 5, 2), [layers.Conv2D(2, 3), layers.Dense(4, name="d")], "Dense 'd' weighs the channels of an image, .* Put Flatten"),
        ((5, 5, 2), [layers.MaxPooling2D(2), layers.Flatten()], "ends with columns in another order than they would have in torch. Add a Dense."),
        ((5, 5, 2), [layers.MaxPooling2D(2, padding="same", name="p")], "MaxPooling2D 'p' pads 0 before and 1 behind, 0 before and 1 behind, torch's pools both sides alike"),
        ((5, 3), [layers.Dense(2), layers.Conv1D(2, 2, name="c")], "Conv1D 'c' works along axis 2, where torch has its channels at axis 1, and the layers before it leave that axis at 2"),
        ((5, 3), [layers.LayerNormalization(1, name="n")], "LayerNormalization 'n' has axis=\\[1\\], torch's LayerNorm normalizes along the last axes"),
        ((5,), [layers.Embedding(4, 2, mask_zero=True, name="e")], "Embedding 'e' has mask_zero=True, and torch has no masks"),
        ((4, 4, 2), [layers.PReLU(name="p")], "PReLU 'p' has slopes of shape \\(4, 4, 2\\), torch's PReLU has one for each channel"),
        ((3,), [layers.Dropout(0.5, noise_shape=(None, 1), name="d")], "Dropout 'd' has a noise_shape, which torch's Dropout has not"),
        ((2, 3), [layers.Softmax([1, 2], name="s")], "Softmax 's' sums along axis=\\[1, 2\\], torch's Softmax along one axis"),
        ((2, 2, 2, 3), [layers.BatchNormalization(name="b")], "BatchNormalization 'b' has axis=-1 of 5 axes, torch's BatchNorm the channels of 2, 3 or 4"),
        ((None, None, 2), [layers.Conv2D(1, 3, 2, padding="same", name="c")], "Conv2D 'c' pads as the size of its input asks for; give the Input a shape without None"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_torch_has_not_is_refused_by_name(shape: Any, stack: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        to_state_dict(chain(shape, *stack))


def test_branches_are_refused() -> None:
    x = dl.Input((3,))
    model = dl.Model(x, layers.Dense(3)(x) + x, name="m")
    with pytest.raises(ArgumentError, match=r"Functional 'm' is not one layer after the other, as an nn.Sequential is"):
        to_state_dict(model)


def test_graph_that_is_a_line_is_a_sequential() -> None:
    x = dl.Input((3,))
    assert list(to_state_dict(dl.Model(x, layers.Dense(2)(layers.Flatten()(x))))) == ["1.weight", "1.bias"]


def test_layer_in_two_places_is_refused() -> None:
    x, twice = dl.Input((3,)), layers.Dense(3)
    with pytest.raises(ArgumentError, match="is not one layer after the other"):
        to_state_dict(dl.Model(x, twice(twice(x))))


def test_model_without_weights_yet_is_refused() -> None:
    with pytest.raises(StateError, match="Sequential 'm' is not built, so it has no weights yet"):
        to_state_dict(dl.Sequential([layers.Dense(2)], name="m"))


def test_model_of_a_class_of_ones_own_is_refused() -> None:
    class Own(dl.Model):
        def __init__(self) -> None:
            super().__init__(name="own")
            self.dense = layers.Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    model = Own()
    model(np.zeros((1, 3), "float32"))
    with pytest.raises(
        ArgumentError, match="Own 'own' is of a class of its own; take a Sequential, or a Model of inputs"
    ):
        to_state_dict(model)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda s: s.pop("0.bias"), "0.bias is missing"),
        (lambda s: s.update({"1.weight": s["0.weight"]}), "1.weight is no tensor of the model"),
        (lambda s: s.update({"0.weight": s["0.weight"].T}), r"0.weight has shape \(2, 3\) and dtype float32, expected \(3, 2\) and float32"),
        (lambda s: s.update({"3.bias": np.array([1, 2])}), "3.bias has shape .* and dtype int64, expected .* and float32"),
        (lambda s: s.update({"2.num_batches_tracked": np.zeros(2, "int64")}), r"2.num_batches_tracked has shape \(2,\)"),
        (lambda s: s.update({"0.bias": object()}), "0.bias has shape .* and dtype object"),
        (lambda s: s.update({"0.bias": [[1.0], [2.0, 3.0]]}), "0.bias in the state dict cannot be read as an array"),
    ],
    ids=["missing", "extra", "shape", "dtype", "counter", "object", "ragged"],
)  # fmt: skip
def test_state_dict_that_does_not_fit_changes_nothing(edit: Any, message: str) -> None:
    model, state = recorded_model(), recorded_state()
    edit(state)
    before = model.get_weights()
    with pytest.raises(ArgumentError, match=message):
        load_state_dict(model, state)
    assert all(map(np.array_equal, model.get_weights(), before))


def test_all_that_does_not_fit_is_listed() -> None:
    with pytest.raises(ArgumentError) as caught:
        load_state_dict(recorded_model(), {"4.weight": np.zeros(1)})
    assert str(caught.value).count("is missing") == 8


def test_weight_that_a_layer_lacks_has_to_change_nothing() -> None:
    model = chain((2,), layers.BatchNormalization(scale=False, name="n"))
    state = to_state_dict(model)
    load_state_dict(model, state)
    state["0.weight"][0] = 2.0
    with pytest.raises(ArgumentError, match=r"0.weight is not 1 throughout, and the layer has no such weight"):
        load_state_dict(model, state)


def test_counter_may_be_missing_as_in_old_files_of_torch() -> None:
    state = recorded_state()
    del state["2.num_batches_tracked"]
    load_state_dict(recorded_model(), state)


def test_half_precision_is_taken() -> None:
    model = recorded_model()
    load_state_dict(
        model,
        {
            name: array.astype("float16") if array.dtype.kind == "f" else array
            for name, array in recorded_state().items()
        },
    )
    assert model.get_weights()[1].tolist() == np.array([0.1, -0.2, 0.3], "float16").tolist()
