"""Handwritten digits, from pixels to a saved model that predicts: ``python examples/digits.py``.

The 1,797 digits of scikit-learn (8 by 8 pixels, 0 to 16) are learned by a dense network in a few
seconds. It is stopped when the validation loss no longer falls, saved, loaded back and tested.
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import denselite as keras
from denselite import layers


def load_data():
    digits, labels = load_digits(return_X_y=True)
    pixels = (digits / 16).astype("float32")
    return train_test_split(pixels, labels, test_size=0.2, stratify=labels, random_state=42)


def make_model():
    model = keras.Sequential(
        [
            keras.Input(shape=(64,)),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.4),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.4),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def main():
    keras.utils.set_random_seed(0)
    x_train, x_test, y_train, y_test = load_data()

    model = make_model()
    model.summary()
    model.fit(
        x_train,
        y_train,
        batch_size=32,
        epochs=100,
        validation_split=0.1,
        callbacks=[
            keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True),
            keras.callbacks.CSVLogger("digits.csv"),
        ],
    )

    model.save("digits.json")  # the architecture to read; weights and optimizer state lie in digits.npz
    loaded = keras.models.load_model("digits.json")
    probabilities = loaded.predict(x_test, verbose=0)
    if not np.array_equal(probabilities, model.predict(x_test, verbose=0)):
        raise SystemExit("The loaded model predicts something else than the one that was saved.")

    for row in range(3):
        guess = probabilities[row].argmax()
        print(f"digit {row}: a {guess}, sure to {probabilities[row, guess]:.1%}; it is a {y_test[row]}")
    _, accuracy = loaded.evaluate(x_test, y_test, verbose=0)
    print(f"test accuracy: {accuracy:.4f}")


if __name__ == "__main__":
    main()
