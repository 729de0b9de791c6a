"""What the golden files were made with, once, by denselite 0.1: they are never made again.

python tests/saving/golden/make.py <folder>
"""

from __future__ import annotations

import os
import sys

import numpy as np

import denselite as dl


def main(folder: str) -> None:
    os.chdir(folder)
    dl.utils.set_random_seed(3)
    x = np.linspace(-1, 1, 48, dtype="float32").reshape(12, 4)
    inputs = dl.Input((4,), name="x")
    h = dl.layers.BatchNormalization(name="normal")(dl.layers.Dense(3, "relu", name="hidden")(inputs))
    h = dl.layers.Dropout(0.25, name="dropout")(h) * 2.0
    model = dl.Model(inputs, dl.layers.Dense(2, "softmax", name="out")(h), name="golden")
    model.compile(dl.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, np.arange(12) % 2, batch_size=5, epochs=3, verbose=0)
    model.save("model-0.1.npz")
    model.save_weights("weights-0.1.weights.npz")
    np.save("predictions-0.1.npy", model.predict(x, verbose=0))
    history = model.fit(x, np.arange(12) % 2, batch_size=5, epochs=5, initial_epoch=3, verbose=0).history
    print(history["loss"])


if __name__ == "__main__":
    main(sys.argv[1])
