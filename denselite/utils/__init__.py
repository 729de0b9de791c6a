"""Helpers around training: seeds, data made ready, files from the network."""

from __future__ import annotations

from typing import Any

from denselite.config import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from denselite.custom_objects import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from denselite.registry import refuse_name
from denselite.utils.categorical import to_categorical
from denselite.utils.nan_tracking import track_nans
from denselite.utils.normalization import normalize
from denselite.utils.packing import pack_x_y_sample_weight, unpack_x_y_sample_weight
from denselite.utils.padding import pad_sequences
from denselite.utils.py_dataset import PyDataset
from denselite.utils.seeds import set_random_seed
from denselite.utils.session import clear_session, is_keras_tensor, standardize_dtype
from denselite.utils.splitting import split_dataset

Sequence = PyDataset

__all__ = [
    "CustomObjectScope", "PyDataset", "Sequence", "clear_session", "custom_object_scope",
    "deserialize_keras_object", "disable_interactive_logging", "enable_interactive_logging", "get_custom_objects",
    "get_file", "get_registered_name", "get_registered_object", "is_interactive_logging_enabled", "is_keras_tensor",
    "normalize", "pack_x_y_sample_weight", "pad_sequences", "plot_model", "register_keras_serializable",
    "serialize_keras_object", "set_random_seed", "split_dataset", "standardize_dtype", "to_categorical",
    "track_nans", "unpack_x_y_sample_weight",
]  # fmt: skip

_ABSENT = (
    "FeatureSpace", "Progbar", "array_to_img", "get_source_inputs",
    "image_dataset_from_directory", "img_to_array", "load_img", "model_to_dot", "save_img",
    "text_dataset_from_directory", "timeseries_dataset_from_array",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "get_file":  # the network is for those who ask for it
        from denselite.utils.files import get_file

        return get_file
    if name == "plot_model":  # pictures too
        from denselite.utils.plotting import plot_model

        return plot_model
    if name in ("deserialize_keras_object", "serialize_keras_object"):
        from denselite.saving import keras_objects

        return getattr(keras_objects, name)
    return refuse_name(__name__, name, _ABSENT, __all__)
