"""Four points, six activations: ``python examples/four_points.py``.

The target is the sum of two numbers, and four examples of it are all there is. One hidden layer learns them, whatever
its activation, and adds two numbers that it was not shown. The inputs are scaled down first: there every activation is
nearly a straight line, as a sum is. ``four_points.png`` shows the losses falling.
"""

import matplotlib.pyplot as plt
import numpy as np

import denselite as keras
from denselite import layers

ACTIVATIONS = ["relu", "leaky_relu", "softmax", "sigmoid", "tanh", "linear"]

X = np.array([[3, 2], [2, 2], [3, 3], [4, 4]], "float32")
Y = np.array([5, 4, 6, 8], "float32")
ASKED = np.array([[3, 4], [4, 4]], "float32")  # the sums are 7, of which there is no example, and 8


def train(activation):
    """Return the loss of each epoch, and the answers to what is asked."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((2,)), layers.Rescaling(0.1), layers.Dense(8, activation=activation), layers.Dense(1)]
    )
    model.compile(keras.optimizers.Adam(0.02), loss="mse")
    history = model.fit(X, Y, batch_size=4, epochs=2000, verbose=0).history
    return history["loss"], model.predict(ASKED, verbose=0)[:, 0]


def main():
    _, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    for activation in ACTIVATIONS:
        loss, answers = train(activation)
        axes.plot(loss, label=activation)
        print(f"{activation:10}  loss {loss[-1]:.5f}  3 + 4 = {answers[0]:.2f}  4 + 4 = {answers[1]:.2f}")
    axes.set(xlabel="epoch", title="mean squared error", yscale="log")
    axes.legend(ncols=2)
    plt.savefig("four_points.png")


if __name__ == "__main__":
    main()
