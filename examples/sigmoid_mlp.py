"""A network of sigmoids, first by hand, then on MNIST: ``python examples/sigmoid_mlp.py [path/to/mnist.npz]``.

One row goes through a tiny network whose weights are known, so that every number can be worked out on paper. Then a
784-64-32-10 network learns digits by plain gradient descent, and ``sigmoid_mlp.png`` shows how.
"""

import argparse

import matplotlib.pyplot as plt
import numpy as np

import denselite as keras
from denselite import layers

REPORTED = {1: 0.85, 10: 0.93}  # validation accuracy after an epoch, by the text that wrote this network in NumPy


def parse_arguments():
    parser = argparse.ArgumentParser(description="Train a network of sigmoids on MNIST.")
    parser.add_argument("path", nargs="?", default="mnist.npz", help="a file, or the name to download it under")
    parser.add_argument("--epochs", type=int, default=10)
    return parser.parse_args()


def activation(x):
    """Any function in plain NumPy will do. This one is a sigmoid the other way round: it falls from 1 to 0."""
    return np.exp(-x) / (1 + np.exp(-x))


def show_forward_pass():
    x = np.random.RandomState(1).randint(-10, 10, (1, 2))
    hidden = layers.Dense(4, activation=activation, bias_initializer="ones", dtype="float64")
    output = layers.Dense(2, activation="softmax", bias_initializer="ones", dtype="float64")
    model = keras.Sequential([keras.Input((2,)), hidden, output])
    hidden.kernel.assign(np.random.RandomState(2).random_sample((2, 4)))
    output.kernel.assign(np.random.RandomState(3).random_sample((4, 2)))
    print("input", x[0], "hidden", hidden(x)[0], "output", model.predict(x, verbose=0)[0])


def load_data(path):
    (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data(path)
    x_train, x_test = (x.reshape(-1, 784).astype("float32") / 255 for x in (x_train, x_test))
    return x_train, keras.utils.to_categorical(y_train, 10), x_test, keras.utils.to_categorical(y_test, 10)


def plot(history):
    _, sides = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    for side, name in zip(sides, ("loss", "categorical_accuracy"), strict=True):
        for key, label in ((name, "training"), (f"val_{name}", "validation")):
            side.plot(range(1, len(history[key]) + 1), history[key], marker=".", label=label)
        side.set(xlabel="epoch", title=name.replace("_", " "))
        side.legend()
    plt.savefig("sigmoid_mlp.png")


def main():
    arguments = parse_arguments()
    show_forward_pass()

    keras.utils.set_random_seed(0)
    x_train, y_train, x_test, y_test = load_data(arguments.path)
    sizes = [(64, "sigmoid"), (32, "sigmoid"), (10, "sigmoid")]
    model = keras.Sequential([keras.Input((784,)), *(layers.Dense(*size) for size in sizes)])
    # Gradients are summed over a batch, not averaged, and taken at a rate of 0.005. This loss sums over the rows but
    # averages over the 10 outputs, so the rate is 10 times that.
    loss = keras.losses.BinaryCrossentropy(reduction="sum")
    model.compile(keras.optimizers.SGD(10 * 5e-3), loss, metrics=["categorical_accuracy"])
    history = model.fit(x_train, y_train, 32, arguments.epochs, validation_data=(x_test, y_test), verbose=2).history
    plot(history)

    for epoch, accuracy in enumerate(history["val_categorical_accuracy"], 1):
        if epoch in REPORTED:
            print(f"validation accuracy after epoch {epoch}: {accuracy:.4f}, the text has {REPORTED[epoch]}")


if __name__ == "__main__":
    main()
