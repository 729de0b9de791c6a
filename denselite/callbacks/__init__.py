"""What fit, evaluate and predict call at each stage: stopping, saving, logging, progress."""

from denselite.callbacks.callback import Callback
from denselite.callbacks.callback_list import CallbackList
from denselite.callbacks.csv_logger import CSVLogger
from denselite.callbacks.early_stopping import EarlyStopping
from denselite.callbacks.history import History
from denselite.callbacks.lambda_callback import LambdaCallback
from denselite.callbacks.model_checkpoint import ModelCheckpoint
from denselite.callbacks.progress import ProgbarLogger

__all__ = [
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "ModelCheckpoint",
    "ProgbarLogger",
]
