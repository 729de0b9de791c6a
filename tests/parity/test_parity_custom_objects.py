"""What is the user's own: the names it is saved by, and who answers for a name."""

from __future__ import annotations

import json
from typing import Any


def test_names_of_registered_objects(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        saving = lib.saving

        @saving.register_keras_serializable("pack", "act")
        def act(x: Any) -> Any:
            return x * 2

        @saving.register_keras_serializable()
        class Own(lib.layers.Layer):  # type: ignore[misc]
            def call(self, x: Any) -> Any:
                return x

        def bare(x: Any) -> Any:
            return x

        model = lib.Sequential([lib.Input((2,)), Own(name="l"), lib.layers.Dense(1, activation=act, name="d")])
        own, dense = json.loads(model.to_json())["config"]["layers"][1:]
        again = lib.models.model_from_json(model.to_json())
        told = [
            [saving.get_registered_name(entry) for entry in (act, Own, bare)],
            saving.get_registered_object("Custom>Own") is Own,
            saving.get_registered_object("Own"),
            saving.get_registered_object("other", {"other": "x"}),
            saving.get_registered_object("other", None, {"other": "y"}),
            sorted(saving.get_custom_objects()),
            [own["class_name"], own["registered_name"]],
            dense["config"]["activation"],
            [type(layer).__name__ for layer in again.layers],
            again.layers[1].activation is act,
        ]
        with saving.custom_object_scope({"pack>act": "scoped", "more": 3}):
            told += [saving.get_registered_object("pack>act"), saving.get_registered_object("more")]
        told += [saving.get_registered_object("more"), saving.CustomObjectScope is saving.custom_object_scope]
        told.append(lib.utils.get_custom_objects() is saving.get_custom_objects())
        saving.get_custom_objects().clear()
        return told

    twins.same(recipe)


def test_object_that_is_registered_comes_before_the_one_handed_over(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        def layer(name: str) -> Any:
            return type(name, (lib.layers.Layer,), {"call": lambda self, x: x})

        first, second = lib.saving.register_keras_serializable("p", "L")(layer("First")), layer("Second")
        text = lib.Sequential([lib.Input((2,)), first()]).to_json()
        kinds = [
            type(lib.models.model_from_json(text, custom_objects=objects).layers[0]).__name__
            for objects in (None, {"p>L": second}, {"L": second})
        ]
        lib.saving.get_custom_objects().clear()
        return kinds

    twins.same(recipe)
