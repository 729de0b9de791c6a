"""A coverage-guided search for files that do harm, run by hand (``pip install atheris h5py pytest``):

    python -m tests.saving.fuzz_by_hand FOLDER -runs=1000000 -seed=1 -max_len=30000
    python -m tests.saving.fuzz_by_hand FOLDER replay

FOLDER keeps the files that reached something new, so a search goes on from the last one's; what follows are libFuzzer's
options; several may run at once. A file that breaks a promise ends it and is written to ``crash-*``.
``*-outcomes.json`` counts what came out, by the line that refused. ``replay`` reads every kept file again and measures
memory with tracemalloc.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import cache
from inspect import unwrap
from pathlib import Path
from random import Random
from traceback import walk_tb
from types import FunctionType
from typing import Any
from zipfile import ZipFile, ZipInfo

import numpy as np

import denselite as dl
from denselite import validation
from denselite.errors import FormatError
from tests.saving.hostile import SPARE, alone, frugal, members
from tests.saving.mutations import HDF5, mutated

GUIDING = {"denselite.declared", "denselite.models.config", "denselite.registry", "denselite.validation"}
READING = ("denselite.saving.", "denselite.exchange.keras.")


def seeds(folder: Path) -> None:
    """Write a small file of each kind: every layer, optimizer, loss and metric, assets, weights alone, a backup.

    Some are written as Keras does as well: what its files say of a model is read as what ours say.
    """
    from tests.contracts.test_layers import CASES, make, model_of

    models = {case: model_of(case, make(case)) for case in CASES}
    x = dl.Input((3,), name="x")
    models["ops"] = dl.Model(x, dl.layers.Dense(2)(dl.ops.concatenate([x[:, 1:] * 2.0, dl.ops.relu(x)], axis=1)))
    inner = dl.Sequential([dl.Input((3,)), dl.layers.Dropout(0.5), dl.layers.Dense(2)])
    models["nested"] = dl.Model(x, inner(x))
    lookups = {
        "integers": dl.layers.IntegerLookup(vocabulary=[3, 5]),
        "adapted": dl.layers.IntegerLookup(),
        "bins": dl.layers.Discretization(bin_boundaries=[0.0, 1.0]),
        "hashed": dl.layers.Hashing(num_bins=4),
        "categories": dl.layers.CategoryEncoding(num_tokens=4),
    }
    lookups["adapted"].adapt(np.array([3, 5, 5]))
    for name, lookup in lookups.items():
        models[name] = dl.Sequential([dl.Input((2,), dtype="int64"), lookup])
    for name in ("adam", "adafactor", "ftrl", "lamb", "lion", "nadam", "rmsprop"):
        models[f"optimizer-{name}"] = one_layer(name)
    for name in ("huber", "hinge", "kl_divergence", "categorical_crossentropy"):
        models[f"loss-{name}"] = one_layer("sgd", loss=name)
    for name in ("AUC", "MeanIoU", "F1Score", "Accuracy"):
        options = {"AUC": {"num_thresholds": 3}, "MeanIoU": {"num_classes": 2}}.get(name, {})
        models[f"metric-{name}"] = one_layer("sgd", metrics=[getattr(dl.metrics, name)(**options)])
    for name, model in models.items():
        model.save(folder / f"{name}.npz")
        (folder / f"{name}.json").unlink()
    few(folder)
    few_of_keras(folder)
    for name in ("dense", "batch-normalization", "nested", "adapted", "bins", "optimizer-adam", "metric-AUC"):
        models[name].save(folder / f"{name}.keras")
    with ZipFile(folder / "wide.npz", "w") as archive:
        for name, data in members(str(folder / "model.npz")):
            with archive.open(ZipInfo(name), "w", force_zip64=True) as file:
                file.write(data)


def few(folder: Path) -> None:
    """Write the smallest file of each of the three kinds."""
    one_layer().save(folder / "model.npz")
    (folder / "model.json").unlink()
    one_layer().save_weights(folder / "alone.weights.npz")
    backup = dl.callbacks.BackupAndRestore(folder / "backup", save_freq=1, delete_checkpoint=False)
    one_layer().fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0, callbacks=[*peers(), backup])
    (folder / "backup" / "latest.npz").rename(folder / "backup.npz")
    (folder / "backup").rmdir()


def few_of_keras(folder: Path) -> None:
    """Write the smallest file of each of Keras' two kinds."""
    one_layer().save(folder / "model.keras")
    one_layer().save_weights(folder / "alone.weights.h5")


def one_layer(optimizer: Any = None, loss: Any = "mse", metrics: Any = ("mae",)) -> Any:
    model = dl.Sequential([dl.Input((2,), name="x"), dl.layers.Dense(1, name="d")], name="m")
    model.compile(optimizer or dl.optimizers.SGD(momentum=0.9), loss, metrics=list(metrics))
    model.optimizer.build(model.trainable_weights)
    return model


def peers() -> list[Any]:
    c = dl.callbacks
    return [c.EarlyStopping("loss", restore_best_weights=True), c.ReduceLROnPlateau("loss"), c.History()]


def written(folder: Path, data: bytes) -> Path:
    """Write a file under the name of what its first bytes say it is, and return where."""
    said = {HDF5: "weights.h5", b"metadata.json": "keras", b"weights.json": "weights.npz", b"backup.json": "backup.npz"}
    kind = next((kind for name, kind in said.items() if name in data[:80]), "npz")
    path = folder / f"{os.getpid()}-present.{kind}"
    path.write_bytes(data)
    return path


class Reader:
    """Reads a file as what its name and its JSON say it is, and says what came out."""

    def __init__(self) -> None:
        self.model = one_layer()
        self.peers = peers()

    def read(self, path: Path) -> str:
        """Return the outcome: a kind of file that was read, or the line that refused it."""
        try:
            if ".weights." in path.name:
                self.model.load_weights(path)
                return f"weights{path.suffix}"
            if ".backup." in path.name:
                self.restore(path)
                return "backup"
            dl.models.load_model(path)
            return f"model{path.suffix}"
        except FormatError as error:
            return place(error)

    def restore(self, path: Path) -> None:
        callback = dl.callbacks.BackupAndRestore(path.parent)
        callback._latest = str(path)
        for peer in self.peers:
            peer.set_model(self.model)
        callback._meet([*self.peers, callback], None)
        backup = callback.find()
        assert backup is not None
        backup.restore_model(self.model)
        callback.restore_callbacks(backup)
        backup.restore_metrics(self.model)


def place(error: BaseException) -> str:
    """Return the line that raised an error, or what it was raised from."""
    chain = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(inner)
    assert not any(isinstance(part, MemoryError) for part in chain), "more memory was asked for than is promised"
    raised = next(part for part in chain if part.__cause__ is None)
    *_, (frame, line) = walk_tb(raised.__traceback__)
    return f"{Path(frame.f_code.co_filename).name}:{line} {type(raised).__name__}"


def functions() -> Iterator[FunctionType]:
    """Every function whose lines count as something new: those that read files and make parts from configs."""
    for name, module in list(sys.modules.items()):
        if name.startswith(READING) or name in GUIDING:
            for value in list(vars(module).values()):
                inside = vars(value).values() if isinstance(value, type) else [value]
                for function in map(unwrap, filter(callable, inside)):
                    if isinstance(function, FunctionType) and function.__module__ == name:
                        yield function


def search(folder: Path, options: list[str]) -> None:
    import resource

    import atheris

    if not folder.exists():
        folder.mkdir(parents=True)
        seeds(folder)
    reader, counts = Reader(), Counter[str]()
    outcomes = folder.parent / f"{os.getpid()}-outcomes.json"
    good = [path.read_bytes() for path in sorted(folder.glob("*.*"))]
    good += [data for data in good if b"model.json" not in data[:80]] * 5  # of the kinds of which there are few
    for data in good:  # what is imported on the way is imported
        found = reader.read(written(folder.parent, data))
        assert not found.endswith("Error"), found
    for function in functions():
        atheris.instrument_func(function)
    validation._hints = cache(validation._hints)  # only messages ask for them, and here nearly every file gets one
    gc.freeze()

    def one(data: bytes) -> None:
        done = counts.total()
        if done % 1000 == 0:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            limit = pages * resource.getpagesize() + SPARE + 3 * 30_000
            resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
            outcomes.write_text(json.dumps(dict(counts.most_common()), indent=1))
        path = written(folder.parent, data)
        with alone(str(path)):
            counts[reader.read(path)] += 1

    def change(data: bytes, size: int, seed: int) -> bytes:
        found = mutated(data, Random(seed), lambda part: bytes(atheris.Mutate(part, len(part) + 16)), good)
        return found if len(found) <= size else data

    atheris.Setup([sys.argv[0], str(folder), *options], one, custom_mutator=change)
    atheris.Fuzz()


def replay(folder: Path) -> None:
    reader, counts, most = Reader(), Counter[str](), 0
    for kept in sorted(folder.iterdir()):
        path = written(folder.parent, kept.read_bytes())
        with frugal(str(path)) as memory, alone(str(path)):
            counts[reader.read(path)] += 1
        most = max(most, *memory)
    print(json.dumps({"files": counts.total(), "most memory": most, "outcomes": counts.most_common()}, indent=1))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    corpus = Path(sys.argv[1]) / "corpus"
    replay(corpus) if sys.argv[2:] == ["replay"] else search(corpus, sys.argv[2:])
