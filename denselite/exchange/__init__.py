"""Models in the files and dicts of other frameworks: Keras, ONNX, PyTorch. None of them is imported.

Keras' files and ONNX have their place in ``save``, ``load_model`` and ``export``; what is here is ``load_onnx``, and
weights as torch names them: ``to_state_dict``, ``load_state_dict``, ``torch_code``, ``save_safetensors``,
``load_safetensors``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from denselite.registry import refuse_name

if TYPE_CHECKING:
    from denselite.exchange.onnx.load import load_onnx as load_onnx
    from denselite.exchange.safetensors_files import load_safetensors as load_safetensors
    from denselite.exchange.safetensors_files import save_safetensors as save_safetensors
    from denselite.exchange.torch.state import load_state_dict as load_state_dict
    from denselite.exchange.torch.state import to_state_dict as to_state_dict
    from denselite.exchange.torch.state import torch_code as torch_code

# name -> the module that has it
_HOMES = {
    "load_onnx": "onnx.load",
    "load_safetensors": "safetensors_files",
    "load_state_dict": "torch.state",
    "save_safetensors": "safetensors_files",
    "to_state_dict": "torch.state",
    "torch_code": "torch.state",
}
__all__ = ["load_onnx", "load_safetensors", "load_state_dict", "save_safetensors", "to_state_dict", "torch_code"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        refuse_name(__name__, name, (), __all__)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
