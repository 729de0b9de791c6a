"""What fit, evaluate and predict call at each stage: stopping, saving, logging, progress."""

from __future__ import annotations

from typing import NoReturn

from denselite.callbacks.backup_and_restore import BackupAndRestore
from denselite.callbacks.callback import Callback
from denselite.callbacks.callback_list import CallbackList
from denselite.callbacks.csv_logger import CSVLogger
from denselite.callbacks.early_stopping import EarlyStopping
from denselite.callbacks.history import History
from denselite.callbacks.lambda_callback import LambdaCallback
from denselite.callbacks.learning_rate_scheduler import LearningRateScheduler
from denselite.callbacks.model_checkpoint import ModelCheckpoint
from denselite.callbacks.nan_tracker import NaNTracker
from denselite.callbacks.progress import ProgbarLogger
from denselite.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from denselite.callbacks.swap_ema_weights import SwapEMAWeights
from denselite.callbacks.terminate_on_nan import TerminateOnNaN
from denselite.registry import refuse_name

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "NaNTracker",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "SwapEMAWeights",
    "TerminateOnNaN",
]

_ABSENT = ("OrbaxCheckpoint", "RemoteMonitor", "TensorBoard")


def __getattr__(name: str) -> NoReturn:
    refuse_name(__name__, name, _ABSENT, __all__)
