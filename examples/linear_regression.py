"""A straight line through the prices of homes: ``python examples/linear_regression.py``.

The smallest model there is, one input and one output, finds the price of a square metre and what a home costs before
its first one. ``linear_regression.png`` shows the line, and beside it how the error fell.
"""

import matplotlib.pyplot as plt
import numpy as np

import denselite as keras


def make_homes(count=100):
    """Areas in m² and prices in 1,000 dollars: 50 and 2 for each m², give or take 15."""
    generator = np.random.default_rng(0)
    area = generator.uniform(30, 150, (count, 1))
    return area, 50 + 2 * area + generator.normal(0, 15, (count, 1))


def main():
    keras.utils.set_random_seed(0)
    area, price = make_homes()

    # Descent is quick where the inputs have mean 0 and deviation 1, so the model standardizes them itself.
    standardize = keras.layers.Normalization()
    standardize.adapt(area)
    model = keras.Sequential([keras.Input((1,)), standardize, keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.05), loss="mse")
    history = model.fit(area, price, batch_size=20, epochs=40, verbose=0).history

    # Two predictions make a line. Least squares has the best one in closed form, to compare with.
    at_0, at_1 = model.predict(np.array([[0.0], [1.0]]), verbose=0)[:, 0]
    slope, intercept = np.polyfit(area[:, 0], price[:, 0], 1)
    print(f"learned:       price = {at_0:.1f} + {at_1 - at_0:.3f} · area")
    print(f"least squares: price = {intercept:.1f} + {slope:.3f} · area")

    _, (left, right) = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    ends = np.array([[20.0], [160.0]])
    left.scatter(area, price, s=8)
    left.plot(ends, model.predict(ends, verbose=0), color="C1")
    left.set(xlabel="area in m²", ylabel="price in 1,000 dollars", title="the fitted line")
    right.plot(history["loss"])
    right.set(xlabel="epoch", title="mean squared error", yscale="log")
    plt.savefig("linear_regression.png")


if __name__ == "__main__":
    main()
