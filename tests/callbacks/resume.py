"""A training that can be killed; run by ``test_backup_and_restore.py``, there and in processes of their own.

It trains in the present folder, and kills itself after so many batches if the case says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np

import denselite as dl

o = dl.optimizers
OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda: o.SGD(0.05, momentum=0.9, nesterov=True),
    "adam": lambda: o.Adam(0.01, amsgrad=True, clipnorm=1.0),
    "adamw": lambda: o.AdamW(0.01, weight_decay=0.02, global_clipnorm=1.0),
    "adamax": lambda: o.Adamax(0.01),
    "adadelta": lambda: o.Adadelta(0.5),
    "adafactor": lambda: o.Adafactor(0.05),
    "adagrad": lambda: o.Adagrad(0.05),
    "ftrl": lambda: o.Ftrl(0.05, l1_regularization_strength=0.001),
    "lamb": lambda: o.Lamb(0.01),
    "lion": lambda: o.Lion(0.005),
    "muon": lambda: o.Muon(0.01),
    "nadam": lambda: o.Nadam(0.01),
    "rmsprop": lambda: o.RMSprop(0.01, centered=True, momentum=0.5),
    "free": lambda: o.ScheduleFreeAdamW(0.01, warmup_steps=4),
    "schedule": lambda: o.AdamW(o.schedules.ExponentialDecay(0.02, 3, 0.8)),
    "ema": lambda: o.Adam(0.01, use_ema=True, ema_momentum=0.6),
    "accumulated": lambda: o.RMSprop(0.01, gradient_accumulation_steps=3),
}
c = dl.callbacks
CALLBACKS: dict[str, Any] = {
    "stop": lambda: c.EarlyStopping("loss", patience=2, min_delta=0.3, restore_best_weights=True),
    "plateau": lambda: c.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=0.2, cooldown=1),
    "scheduler": lambda: c.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
    "csv": lambda: c.CSVLogger("log.csv"),
    "best": lambda: c.ModelCheckpoint("best.npz", "loss", save_best_only=True),
    "steps": lambda: c.ModelCheckpoint("{batch}.weights.npz", save_weights_only=True, save_freq=4),
    "nan": c.TerminateOnNaN,
    "swap": lambda: c.SwapEMAWeights(swap_on_epoch=True),
}
EPOCHS, BATCHES = 5, 4


class Kill(c.Callback):
    """End the process, or the training, after a batch; before it is backed up."""

    def __init__(self, after: int, how: str) -> None:
        self.left, self.how = after, how

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.left -= 1
        if not self.left:
            if self.how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise ConnectionError("interrupted")


class Batches:
    """An iterable that starts afresh with each pass."""

    def __init__(self, batches: list[Any]) -> None:
        self.batches = batches

    def __iter__(self) -> Any:
        return iter(self.batches)


def data(kind: str) -> dict[str, Any]:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(8 * BATCHES - 3, 3)).astype("float32")
    y = x[:, :1] * 2
    if kind == "arrays":
        return {"x": x, "y": y, "batch_size": 8}
    if kind == "steps":  # epochs that end within a pass
        return {"x": x, "y": y, "batch_size": 5, "steps_per_epoch": 3}
    if kind == "unshuffled":
        return {"x": x, "y": y, "batch_size": 8, "shuffle": False, "validation_split": 0.2}
    assert kind == "batches"
    return {"x": Batches([(x[k : k + 8], y[k : k + 8]) for k in range(0, len(x), 8)])}


def train(
    optimizer: str, callbacks: list[str], kind: str, save_freq: Any = None, after: int = 0, how: str = "raise"
) -> dict[str, Any]:
    """Train, from a backup if there is one, and say what came out."""
    resuming = os.path.exists("backup")
    dl.utils.set_random_seed(99 if resuming else 5)  # what goes on follows from the backup alone
    model = dl.Sequential(
        [
            dl.Input((3,), name="x"),
            dl.layers.Dense(6, "relu", name="hidden"),
            dl.layers.BatchNormalization(name="normal"),
            dl.layers.Dropout(0.4, name="dropout"),
            dl.layers.Dense(1, name="out"),
        ],
        name="m",
    )
    made = OPTIMIZERS[optimizer]()
    model.compile(made, "mse", metrics=["mae"])
    given = [CALLBACKS[name]() for name in callbacks]
    if save_freq is not None:
        given.insert(0, c.BackupAndRestore("backup", save_freq=save_freq))
    if after:
        given.append(Kill(after, how))
    history = model.fit(epochs=EPOCHS, verbose=0, callbacks=given, **data(kind)).history
    state = [v.numpy() for v in (*model.weights, *model.optimizer.variables)]
    digest = hashlib.sha256(b"".join(array.tobytes() for array in state)).hexdigest()
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path().glob("*.*")
        if path.suffix in (".npz", ".csv")
    }
    return {"state": digest, "history": history, "files": files, "left": os.path.exists("backup")}


def tell(where: str, case: dict[str, Any]) -> None:
    """Train in a folder, and write what came out into a file beside it."""
    os.makedirs(where, exist_ok=True)
    os.chdir(where)
    Path(f"{where}.json").write_text(json.dumps(train(**case)))
