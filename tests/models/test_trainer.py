"""fit, evaluate and predict: what is not a comparison with Keras (tests/parity) or about data and mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, layers, ops
from denselite.callbacks import Callback, LambdaCallback
from denselite.optimizers import SGD, Adam, schedules
from denselite.utils import set_random_seed


class Stop(Callback):
    """Stops training in batch ``batch``."""

    def __init__(self, batch: int) -> None:
        super().__init__()
        self.batch, self.seen = batch, 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen += 1
        if batch == self.batch:
            self.model.stop_training = True


class TestFit:
    def test_one_step_of_sgd_is_the_hand_computed_one(self) -> None:
        """w = 2, x = 3, y = 1: loss (6 - 1)² = 25, dw = 2·5·3 = 30, w' = 2 - 0.1·30 = -1."""
        model = Sequential([Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="ones")])
        model.set_weights([np.full((1, 1), 2.0)])
        model.compile(SGD(0.1), "mse")
        history = model.fit(np.full((1, 1), 3.0), np.ones((1, 1)), verbose=0)
        assert history.history == {"loss": [25.0]}
        np.testing.assert_allclose(model.get_weights()[0], [[-1.0]], rtol=1e-6)

    def test_initial_epoch_numbers_the_epochs_that_are_left(self, net: Any, data: Any) -> None:
        history = net().fit(*data, epochs=5, initial_epoch=3, verbose=0)
        assert history.epoch == [3, 4]

    def test_initial_epoch_at_the_end_trains_nothing(self, net: Any, data: Any, same: Any) -> None:
        model = net()
        before = model.get_weights()
        assert model.fit(*data, epochs=2, initial_epoch=2, verbose=0).history == {}
        assert same(before, model.get_weights())

    @pytest.mark.parametrize(("steps", "expected"), [(None, 4), (2, 2), (3, 3)])
    def test_steps_per_epoch_are_counted(self, net: Any, data: Any, steps: int | None, expected: int) -> None:
        stop = Stop(-1)
        net().fit(*data, batch_size=25, steps_per_epoch=steps, callbacks=[stop], verbose=0)
        assert stop.seen == expected

    def test_stop_training_ends_after_the_batch(self, net: Any, data: Any) -> None:
        stop, model = Stop(1), net()
        history = model.fit(*data, batch_size=25, epochs=9, callbacks=[stop], verbose=0)
        assert (stop.seen, history.epoch) == (2, [0])

    def test_stop_training_does_not_shorten_validation_or_a_later_evaluate(self, net: Any, data: Any) -> None:
        model = net(metrics=["accuracy"])
        history = model.fit(*data, epochs=3, validation_data=data, callbacks=[Stop(0)], verbose=0)
        assert model.stop_training
        loss, accuracy = model.evaluate(*data, verbose=0)
        assert accuracy == pytest.approx(np.mean(model.predict(data[0], verbose=0).argmax(1) == data[1]))
        assert history.history["val_loss"] == [pytest.approx(loss)]

    def test_stop_training_is_forgotten_by_the_next_fit(self, net: Any, data: Any) -> None:
        model, stop = net(), Stop(-1)
        model.fit(*data, callbacks=[Stop(0)], verbose=0)
        model.fit(*data, batch_size=25, callbacks=[stop], verbose=0)
        assert stop.seen == 4

    def test_second_fit_goes_on_with_the_optimizer_and_the_passes(self, net: Any, data: Any, same: Any) -> None:
        def run(*epochs: int) -> list[np.ndarray]:
            set_random_seed(3)
            model = net(layers.Dense(16, "relu"), layers.Dropout(0.5), optimizer="adam")
            for count in epochs:
                model.fit(*data, epochs=count, verbose=0)
            return [*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)]

        assert same(run(3), run(1, 2))

    @pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam", "adamw"])
    def test_one_seed_gives_the_same_bits_and_another_does_not(
        self, net: Any, data: Any, same: Any, optimizer: str
    ) -> None:
        def run(seed: int) -> list[np.ndarray]:
            set_random_seed(seed)
            model = net(layers.Dense(16, "relu"), layers.Dropout(0.3), optimizer=optimizer)
            model.fit(*data, epochs=2, verbose=0)
            return model.get_weights()

        first = run(1)
        assert same(first, run(1))
        assert not same(first, run(2))

    def test_shuffle_follows_from_the_seed_and_the_pass(self, net: Any, data: Any) -> None:
        class Order(layers.Layer):
            """Lets the rows through; the first number of each is its place."""

            def call(self, inputs: Any) -> Any:
                return inputs

        def orders(seed: int, epochs: int) -> list[list[float]]:
            set_random_seed(seed)
            model = Sequential([Input((1,)), layers.Dense(1, kernel_initializer="ones", trainable=False)])
            losses: list[float] = []
            model.compile("sgd", "mse")
            read = LambdaCallback(on_train_batch_end=lambda batch, logs: losses.append(logs["loss"] * (batch + 1)))
            model.fit(
                np.arange(6.0)[:, None], np.zeros((6, 1)), batch_size=1, epochs=epochs, callbacks=[read], verbose=0
            )
            per_step = np.diff(np.reshape(losses, (epochs, 6)), axis=1, prepend=0)
            return np.sqrt(per_step).round().astype(int).tolist()

        first = orders(5, 2)
        assert [sorted(order) for order in first] == [[0, 1, 2, 3, 4, 5]] * 2
        assert first[0] != first[1]
        assert orders(5, 2) == first
        assert orders(6, 2) != first

    def test_weights_of_zero_leave_rows_out(self, net: Any, data: Any) -> None:
        x, y = data
        keep = (y != 2).astype("float32")
        model, other = net(optimizer=SGD(0.1)), net(optimizer=SGD(0.1))
        other.set_weights(model.get_weights())
        model.fit(x, y, batch_size=100, shuffle=False, sample_weight=keep, verbose=0)
        other.fit(x, y, batch_size=100, shuffle=False, class_weight={2: 0.0}, verbose=0)
        for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)

    def test_validation_split_judges_the_last_rows(self, net: Any, data: Any) -> None:
        x, y = data
        model = net()
        history = model.fit(x, y, validation_split=0.2, verbose=0)
        assert history.history["val_loss"] == [pytest.approx(model.evaluate(x[80:], y[80:], verbose=0))]

    def test_validation_freq_says_when(self, net: Any, data: Any) -> None:
        seen: list[int] = []
        watch = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch) if "val_loss" in logs else None)
        net().fit(*data, epochs=4, validation_data=data, validation_freq=[1, 4], callbacks=[watch], verbose=0)
        assert seen == [0, 3]

    def test_validation_data_may_be_a_list_or_a_generator(self, net: Any, data: Any) -> None:
        x, y = data
        model = net()
        model.fit(x, y, validation_data=[x, y], verbose=0)
        with pytest.warns(UserWarning, match="ran out of data"):
            model.fit(x, y, epochs=2, validation_data=((x, y) for _ in range(1)), verbose=0)

    def test_predict_inside_a_callback_disturbs_nothing(self, net: Any, data: Any, same: Any) -> None:
        def run(callbacks: list[Callback]) -> list[np.ndarray]:
            set_random_seed(4)
            model = net(optimizer="adam")
            model.fit(*data, epochs=2, callbacks=callbacks, verbose=0)
            return model.get_weights()

        class Look(Callback):
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                self.model.predict(data[0], verbose=0)
                self.model.predict_on_batch(data[0][: batch + 1])

        assert same(run([]), run([Look()]))

    def test_model_trained_in_a_callback_of_another_that_shares_weights(self) -> None:
        """The shared weights move into an arena of the second model while the first one is running."""
        shared, head = layers.Dense(2, use_bias=False), layers.Dense(1, use_bias=False)
        shared.trainable = False
        inputs = Input((2,))
        features = shared(inputs)
        first = Model(inputs, head(features))
        first.compile(SGD(0.0), "mse")
        x, y = np.ones((8, 2)), np.zeros((8, 1))

        class Other(Callback):
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                if batch == 0:
                    shared.trainable = True
                    second = Model(inputs, shared(inputs))
                    second.compile(SGD(0.1), "mse")
                    second.fit(x, np.full((8, 2), 9.0), verbose=0)

        seen: list[float] = []
        read = LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["loss"]))
        first.fit(x, y, batch_size=4, shuffle=False, callbacks=[Other(), read], verbose=0)
        expected = np.mean(first.predict(x, verbose=0) ** 2)
        assert 2 * seen[1] - seen[0] == pytest.approx(expected, rel=1e-5)


class TestWhatChangesAfterCompile:
    def test_frozen_layer_stays_and_a_thawed_one_moves(self, net: Any, data: Any) -> None:
        model = net()
        model.fit(*data, verbose=0)
        model.layers[0].trainable = False
        before = model.get_weights()
        model.fit(*data, verbose=0)
        after = model.get_weights()
        assert [np.array_equal(a, b) for a, b in zip(before, after, strict=True)] == [True, True, False, False]
        model.layers[0].trainable = True
        model.fit(*data, verbose=0)
        assert not np.array_equal(model.get_weights()[0], before[0])

    def test_frozen_variable_stays(self, net: Any, data: Any) -> None:
        model = net()
        model.fit(*data, verbose=0)
        model.layers[0].bias.trainable = False
        before = model.get_weights()
        model.fit(*data, verbose=0)
        after = model.get_weights()
        assert [np.array_equal(a, b) for a, b in zip(before, after, strict=True)] == [False, True, False, False]

    def test_attribute_of_a_layer_is_seen_by_the_next_fit(self, net: Any, data: Any) -> None:
        model = net(layers.Dense(16, "relu"), layers.Dropout(0.9), optimizer=SGD(0.0))
        dropped = model.fit(*data, verbose=0).history["loss"]
        model.layers[1].rate = 0.0
        whole = model.fit(*data, verbose=0).history["loss"]
        assert dropped != whole
        assert whole == [pytest.approx(model.evaluate(*data, verbose=0), rel=1e-6)]

    def test_learning_rate_is_seen_at_once(self, net: Any, data: Any, same: Any) -> None:
        model = net()
        model.fit(*data, verbose=0)
        model.optimizer.learning_rate = 0.0
        before = model.get_weights()
        model.fit(*data, verbose=0)
        assert same(before, model.get_weights())

    def test_schedule_set_later_is_followed(self, net: Any, data: Any, same: Any) -> None:
        model = net(optimizer=SGD(0.0))
        model.fit(*data, verbose=0)
        before = model.get_weights()
        model.optimizer.learning_rate = schedules.PiecewiseConstantDecay([1], [0.5, 0.5])
        model.fit(*data, verbose=0)
        assert not same(before, model.get_weights())

    def test_momentum_set_later_is_followed(self, net: Any, data: Any, same: Any) -> None:
        def run(later: bool) -> list[np.ndarray]:
            set_random_seed(1)
            model = net(optimizer=SGD(0.1, momentum=0.5))
            model.fit(*data, verbose=0)
            model.optimizer.momentum = 0.9 if later else 0.5
            model.fit(*data, verbose=0)
            return model.get_weights()

        assert not same(run(True), run(False))

    def test_second_compile_starts_the_optimizer_anew_and_keeps_the_weights(
        self, net: Any, data: Any, same: Any
    ) -> None:
        model = net(optimizer="adam")
        model.fit(*data, verbose=0)
        before = model.get_weights()
        model.compile("adam", "sparse_categorical_crossentropy")
        assert same(before, model.get_weights())
        assert int(model.optimizer.iterations) == 0

    def test_failed_fit_does_not_settle_what_accuracy_means(self, data: Any) -> None:
        x, y = data
        model = Sequential([Input((8,)), layers.Dense(3, "softmax")])
        model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
        with pytest.raises(ValueError, match="Use sparse_categorical_crossentropy"):
            model.fit(x, y, verbose=0)
        assert model.optimizer.variables == [model.optimizer.iterations, model.optimizer.learning_rate]
        model.fit(x, np.eye(3)[y], verbose=0)
        assert type(model.metrics[1]).__name__ == "CategoricalAccuracy"


class TestSharing:
    def test_layer_used_twice_gets_both_gradients(self) -> None:
        """y = w·(w·x): at w = 2, x = 1, target 0 the loss is 16 and dw = 2·4·(2·2) = 32."""
        dense = layers.Dense(1, use_bias=False)
        inputs = Input((1,))
        model = Model(inputs, dense(dense(inputs)))
        model.set_weights([np.full((1, 1), 2.0)])
        model.compile(SGD(0.01), "mse")
        model.fit(np.ones((1, 1)), np.zeros((1, 1)), verbose=0)
        np.testing.assert_allclose(model.get_weights()[0], [[2.0 - 0.32]], rtol=1e-6)

    def test_encoder_sees_what_the_autoencoder_learnt(self) -> None:
        inputs = Input((4,))
        code = layers.Dense(2, "tanh")(inputs)
        encoder, auto = Model(inputs, code), Model(inputs, layers.Dense(4)(code))
        auto.compile(Adam(0.02), "mse")
        x = np.random.default_rng(0).normal(size=(64, 4))
        before = encoder.predict(x, verbose=0)
        losses = auto.fit(x, x, epochs=20, verbose=0).history["loss"]
        kernel, bias = auto.get_weights()[:2]
        assert losses[-1] < 0.9 * losses[0]
        np.testing.assert_allclose(encoder.predict(x, verbose=0), np.tanh(x @ kernel + bias), atol=1e-5)
        assert not np.allclose(before, encoder.predict(x, verbose=0))

    def test_generator_and_critic_take_turns(self) -> None:
        generator = Sequential([Input((2,)), layers.Dense(4, "relu"), layers.Dense(3)])
        critic = Sequential([Input((3,)), layers.Dense(4, "relu"), layers.Dense(1, "sigmoid")])
        critic.compile("adam", "binary_crossentropy")
        noise = Input((2,))
        both = Model(noise, critic(generator(noise)))
        both.compile(Adam(0.01), "binary_crossentropy")
        rng = np.random.default_rng(0)
        z, real = rng.normal(size=(16, 2)), rng.normal(size=(16, 3))
        for _ in range(3):
            critic.trainable = True
            held = generator.get_weights()
            x = np.concatenate([real, generator.predict(z, verbose=0)])
            moved = critic.get_weights()
            critic.train_on_batch(x, np.repeat([1.0, 0.0], 16)[:, None])
            assert not np.array_equal(moved[0], critic.get_weights()[0])
            assert all(map(np.array_equal, held, generator.get_weights()))
            critic.trainable = False
            held, moved = critic.get_weights(), generator.get_weights()
            both.train_on_batch(z, np.ones((16, 1)))
            assert all(map(np.array_equal, held, critic.get_weights()))
            assert not np.array_equal(moved[0], generator.get_weights()[0])


class TestPredict:
    def test_outputs_keep_their_names(self) -> None:
        inputs = Input((2,))
        model = Model(inputs, {"double": inputs * 2, "root": ops.sqrt(inputs)})
        found = model.predict(np.full((5, 2), 4.0), batch_size=2, verbose=0)
        assert {name: (value.shape, value[0, 0]) for name, value in found.items()} == {
            "double": ((5, 2), 8.0),
            "root": ((5, 2), 2.0),
        }

    def test_steps_limit_the_rows(self, net: Any, data: Any) -> None:
        assert net().predict(data[0], batch_size=10, steps=3, verbose=0).shape == (30, 3)

    def test_result_belongs_to_the_caller(self, net: Any, data: Any) -> None:
        model = net()
        first = model.predict(data[0], verbose=0)
        kept = first.copy()
        model.predict(-data[0], verbose=0)
        np.testing.assert_array_equal(first, kept)

    def test_rows_as_lists_of_numbers_are_one_batch(self, net: Any, data: Any) -> None:
        model = net()
        rows = data[0][:2].tolist()
        np.testing.assert_array_equal(model.predict_on_batch(rows), model.predict(data[0][:2], verbose=0))
        assert isinstance(model.train_on_batch(rows, [0, 1]), float)


class TestMetrics:
    def test_names_and_objects_go_together(self, net: Any, data: Any) -> None:
        model = net(metrics=["accuracy"])
        model.fit(*data, verbose=0)
        assert model.metrics_names == ["loss", "accuracy"]
        assert [metric.name for metric in model.metrics] == ["loss", "accuracy"]

    def test_uncompiled_model_has_none(self) -> None:
        model = Sequential([Input((8,)), layers.Dense(3)])
        assert (model.metrics, model.metrics_names, model.loss) == ([], [], None)

    def test_reset_starts_them_anew(self, net: Any, data: Any) -> None:
        model = net()
        model.evaluate(*data, verbose=0)
        model.reset_metrics()
        assert float(model.metrics[0].result()) == 0.0

    def test_loss_and_metric_functions_are_plain_numpy(self, data: Any) -> None:
        def squared(y_true: Any, y_pred: Any) -> Any:
            return np.mean(np.square(y_pred - y_true), axis=-1)

        def largest(y_true: Any, y_pred: Any) -> Any:
            return np.max(np.abs(y_pred - y_true), axis=-1)

        x, targets = data[0], data[0][:, :2]
        ours = Sequential([Input((8,)), layers.Dense(2)])
        theirs = Sequential([Input((8,)), layers.Dense(2)])
        theirs.set_weights(ours.get_weights())
        ours.compile(SGD(0.1), squared, metrics=[largest])
        theirs.compile(SGD(0.1), "mse")
        logs = ours.fit(x, targets, shuffle=False, verbose=0).history
        assert logs["loss"] == theirs.fit(x, targets, shuffle=False, verbose=0).history["loss"]
        error = np.abs(ours.predict(x, verbose=0) - targets).max(axis=-1).mean()
        assert ours.evaluate(x, targets, verbose=0)[1] == pytest.approx(error, rel=1e-5)
