"""A name that Keras has and denselite does not says so, wherever it is asked for; a misspelt one gets the near name."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import pytest

import denselite
from denselite.errors import UncoveredError
from denselite.registry import Registry
from tests.contracts.docstrings import modules


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("denselite", "distribution"),
        ("denselite.callbacks", "TensorBoard"),
        ("denselite.datasets", "cifar10"),
        ("denselite.layers", "LSTM"),
        ("denselite.losses", "CTC"),
        ("denselite.models", "clone_model"),
        ("denselite.ops", "fft"),
        ("denselite.saving", "KerasFileEditor"),
        ("denselite.tree", "map_structure"),
    ],
)
def test_name_of_keras_says_it_is_not_here_yet_also_when_imported(module: str, name: str) -> None:
    with pytest.raises(UncoveredError, match=rf"^{module}\.{name} exists in Keras and not yet in denselite\.$"):
        getattr(importlib.import_module(module), name)
    with pytest.raises(ImportError, match=rf"^{module}\.{name} exists in Keras and not yet in denselite\.$"):
        exec(f"from {module} import {name}")


def test_no_name_that_is_said_to_be_absent_exists() -> None:
    told = 0
    for module in modules():
        registries = [value for value in vars(module).values() if isinstance(value, Registry)]
        for name in {*getattr(module, "_ABSENT", ()), *(name for family in registries for name in family.absent)}:
            told += 1
            with pytest.raises(UncoveredError):
                getattr(module, name)
    assert told > 100


@pytest.mark.parametrize(
    ("module", "name", "near"),
    [("denselite", "Squential", "Sequential"), ("denselite.callbacks", "EarlyStoping", "EarlyStopping")],
)
def test_misspelt_name_gets_the_near_one(module: str, name: str, near: str) -> None:
    with pytest.raises(AttributeError, match=f"has no attribute '{name}'. Did you mean '{near}'?"):
        getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("module", ["denselite", "denselite.models", "denselite.saving"])
def test_name_that_is_loaded_when_asked_for_is_shown_before(module: str) -> None:
    code = f"import denselite; print(sorted(set({module}.__all__) - set(dir({module}))))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


def test_signature_of_a_declared_class_is_what_it_declares() -> None:
    shown = list(inspect.signature(denselite.layers.Dense).parameters)
    assert shown[:3] == ["units", "activation", "use_bias"]
    assert shown[-4:] == ["name", "trainable", "dtype", "autocast"]


def test_signature_of_a_class_with_a_constructor_of_its_own_is_that_ones() -> None:
    assert list(inspect.signature(denselite.Sequential).parameters) == ["layers", "trainable", "name"]
