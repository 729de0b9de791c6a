"""Helpers around training: seeds, one-hot labels, files from the network."""

from __future__ import annotations

from typing import Any

from denselite.registry import refuse_name
from denselite.utils.categorical import to_categorical
from denselite.utils.seeds import set_random_seed

__all__ = ["get_file", "set_random_seed", "to_categorical"]

_ABSENT = (
    "CustomObjectScope", "FeatureSpace", "Progbar", "PyDataset", "Sequence", "array_to_img", "clear_session",
    "custom_object_scope", "deserialize_keras_object", "get_custom_objects", "get_registered_name",
    "get_registered_object", "get_source_inputs", "image_dataset_from_directory", "img_to_array", "is_keras_tensor",
    "load_img", "model_to_dot", "normalize", "pack_x_y_sample_weight", "pad_sequences", "plot_model",
    "register_keras_serializable", "save_img", "serialize_keras_object", "split_dataset", "standardize_dtype",
    "text_dataset_from_directory", "timeseries_dataset_from_array", "unpack_x_y_sample_weight",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "get_file":  # the network is for those who ask for it
        from denselite.utils.files import get_file

        return get_file
    return refuse_name(__name__, name, _ABSENT, __all__)
