"""A net as a graph of small nodes, with a gradient for every input: ``python examples/dataflow.py [path/to/data.npz]``.

Three graphs are worked through by number, in an order in which each node comes after those it reads, and one is drawn
(``dataflow_graph.svg``). Then the same nodes learn the prices of homes in Boston (``dataflow.png``).
"""

import argparse

import matplotlib.pyplot as plt
import numpy as np

import denselite as keras
from denselite import layers, ops


def parse_arguments():
    parser = argparse.ArgumentParser(description="Run and train graphs of small nodes.")
    parser.add_argument("path", nargs="?", default="boston_housing.npz", help="a file, or the name to download to")
    parser.add_argument("--epochs", type=int, default=10)
    return parser.parse_args()


def node(name, *shape):
    return keras.Input(batch_shape=shape, name=name, dtype="float64")


# What has a gradient is one number, so every graph ends in a sum or a mean.


def make_product():
    x, y, z = node("x", 1), node("y", 1), node("z", 1)
    return keras.Model([x, y, z], ops.sum(x * y * z))


def make_linear():
    inputs, weights, bias = node("inputs", 3), node("weights", 3), node("bias", 1)
    return keras.Model([inputs, weights, bias], ops.sum(ops.sum(inputs * weights) + bias))


def make_error():
    inputs, weights, bias, target = node("X", 2, 2), node("W", 2, 1), node("b", 1), node("y", 2, 1)
    difference = target - ops.sigmoid(inputs @ weights + bias)
    return keras.Model([inputs, weights, bias, target], ops.mean(difference * difference))


def show(title, model, *values):
    """Print the nodes in order, the value, and the gradient by each input."""
    value, gradients = keras.value_and_grad(model)([np.array(value, "float64") for value in values])
    print(f"{title} = {value:.8g}")
    for layer in model.layers:
        read = layer.input if isinstance(layer.input, list) else [layer.input]
        print(f"  {layer.name:12} {' '.join(symbol.name for symbol in read)}".rstrip())
    for symbol, gradient in zip(model.inputs, gradients, strict=True):
        print(f"  d{symbol.name} =", np.array2string(gradient, separator=", ").replace("\n", ""))


def main():
    arguments = parse_arguments()
    show("x·y·z", make_product(), [4], [5], [10])
    show("linear", make_linear(), [6, 20, 4], [0.5, 0.25, 1.5], [2])
    error = make_error()
    show("mean squared error", error, [[-1, -2], [-1, -2]], [[2], [3]], [-3], [[1], [2]])
    keras.utils.plot_model(error, "dataflow_graph.svg", show_shapes=True, show_layer_names=True, rankdir="LR")

    keras.utils.set_random_seed(0)
    (x, y), _ = keras.datasets.boston_housing.load_data(arguments.path, test_split=0)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    model = keras.Sequential([keras.Input((13,)), layers.Dense(10, activation="sigmoid"), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.01), loss="mse")
    losses = model.fit(x, y, batch_size=11, epochs=arguments.epochs, verbose=2).history["loss"]
    plt.figure(figsize=(6, 3), layout="constrained")
    plt.plot(range(1, len(losses) + 1), losses, marker=".")
    plt.gca().set(xlabel="epoch", title="Boston housing: mean squared error")
    plt.savefig("dataflow.png")
    print(f"mean loss of epoch {len(losses)}: {losses[-1]:.2f}")


if __name__ == "__main__":
    main()
