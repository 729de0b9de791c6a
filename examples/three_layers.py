"""Affine, ReLU, softmax with loss: three layers whose gradients are checked, then used.

``python examples/three_layers.py [path]``: the path is that of ``mnist.npz``, or of a folder with the four files that
MNIST was published as. ``three_layers.png`` shows the accuracy on what is trained on and what is held back.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import denselite as keras
from denselite.layers import Dense
from denselite.testing import check_gradients

ITERATIONS_AN_EPOCH = 250  # how often the accuracy is looked at


def parse_arguments():
    parser = argparse.ArgumentParser(description="Train three layers on MNIST, with a gradient check.")
    parser.add_argument("path", nargs="?", default="mnist.npz", help="a file or folder, or the name to download to")
    parser.add_argument("--iterations", type=int, default=5000)
    return parser.parse_args()


def load_data(path):
    """Return digits to train on, those held back to validate with (10 %), and those to test on."""
    load = keras.datasets.mnist.load_idx if Path(path).is_dir() else keras.datasets.mnist.load_data
    (x, y), (x_test, y_test) = load(path)
    x, x_test = (images.reshape(-1, 784).astype("float32") / 255 for images in (x, x_test))
    order = np.random.default_rng(0).permutation(len(x))
    held_back, kept = np.split(order, [len(x) // 10])
    return (x[kept], y[kept]), (x[held_back], y[held_back]), (x_test, y_test)


def batches(x, y, batch_size=200):
    """Yield random rows, for ever."""
    generator = np.random.default_rng(1)
    while True:
        rows = generator.integers(len(x), size=batch_size)
        yield x[rows], y[rows]


def make_model():
    affine_relu = [Dense(units, activation="relu", kernel_initializer="he_normal") for units in (100, 50)]
    model = keras.Sequential([keras.Input((784,)), *affine_relu, Dense(10)])
    softmax_with_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01), softmax_with_loss, metrics=["accuracy"])
    return model


def main():
    arguments = parse_arguments()
    keras.utils.set_random_seed(0)
    train, validation, test = load_data(arguments.path)
    model = make_model()

    report = check_gradients(model, train[0][:3], train[1][:3])  # in float64, on three rows
    print(report)
    print(f"worst relative error of a gradient: {report.worst.error:.1e}")

    epochs = arguments.iterations // ITERATIONS_AN_EPOCH
    history = model.fit(
        batches(*train), epochs=epochs, steps_per_epoch=ITERATIONS_AN_EPOCH, validation_data=validation, verbose=2
    ).history
    iterations = ITERATIONS_AN_EPOCH * np.arange(1, epochs + 1)
    for key, label in (("accuracy", "training"), ("val_accuracy", "validation")):
        plt.plot(iterations, history[key], marker=".", label=label)
    plt.gcf().set(size_inches=(6, 3), layout_engine="constrained")
    plt.gca().set(xlabel="iteration", title="accuracy")
    plt.legend()
    plt.savefig("three_layers.png")
    print(f"test accuracy: {model.evaluate(*test, verbose=0)[1]:.4f}")


if __name__ == "__main__":
    main()
