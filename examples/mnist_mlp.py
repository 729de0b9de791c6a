"""The classic: a dense network on MNIST, above 98.3 % in 20 epochs: ``python examples/mnist_mlp.py``.

The data are downloaded at the first run, or read from a file you have:
``python examples/mnist_mlp.py path/to/mnist.npz --seed 1``. Change the import, and it runs on Keras.
"""

import argparse

import denselite as keras


def parse_arguments():
    parser = argparse.ArgumentParser(description="Train a dense network on MNIST.")
    parser.add_argument("path", nargs="?", default="mnist.npz", help="a file, or the name to download it under")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=20)
    return parser.parse_args()


def load_data(path):
    (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data(path)
    x_train = x_train.reshape(60000, 784).astype("float32") / 255
    x_test = x_test.reshape(10000, 784).astype("float32") / 255
    return x_train, keras.utils.to_categorical(y_train, 10), x_test, keras.utils.to_categorical(y_test, 10)


def main():
    arguments = parse_arguments()
    keras.utils.set_random_seed(arguments.seed)
    x_train, y_train, x_test, y_test = load_data(arguments.path)

    model = keras.Sequential(
        [
            keras.Input(shape=(784,)),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.summary()
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.RMSprop(), metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=128, epochs=arguments.epochs, validation_data=(x_test, y_test))

    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"test loss: {loss:.4f}")
    print(f"test accuracy: {accuracy:.4f}")


if __name__ == "__main__":
    main()
