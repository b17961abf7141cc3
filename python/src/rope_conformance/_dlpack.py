"""Arrays of any library, by the DLPack protocol.

An array says where it is with `__dlpack_device__`, and gives its address, shape and strides with `__dlpack__`. The
function `from_dlpack` of numpy has no bfloat16, so the struct is read here.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_uint8, c_uint16, c_uint64, c_void_p
from typing import Any

import ml_dtypes
import numpy as np

from rope_conformance.errors import WrongResult

_HOST_DEVICES = {1, 3, 11}
"""kDLCPU, and pinned host memory of CUDA and of ROCm."""
_DTYPES = {(2, 32): np.float32, (2, 16): np.float16, (2, 64): np.float64, (4, 16): ml_dtypes.bfloat16}
"""By the code and the bits of an element."""


class _Tensor(ctypes.Structure):
    """`DLTensor` of dlpack.h, with which a `DLManagedTensor` begins."""

    _fields_ = [
        ("data", c_void_p),
        ("device_type", c_int32),
        ("device_id", c_int32),
        ("ndim", c_int32),
        ("code", c_uint8),
        ("bits", c_uint8),
        ("lanes", c_uint16),
        ("shape", POINTER(c_int64)),
        ("strides", POINTER(c_int64)),
        ("byte_offset", c_uint64),
    ]


_pointer = ctypes.PYFUNCTYPE(c_void_p, ctypes.py_object, c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))


def host(array: Any, name: str) -> np.ndarray:
    """An array of any library in host memory, after all work on its device. It may be a copy.

    Raises `WrongResult` for anything else; `name` says what it should have been.
    """
    if isinstance(array, np.ndarray):
        return array
    return imported(array, name, _in_host_memory)


def imported(array: Any, name: str, from_dlpack: Callable[[Any], Any]) -> Any:
    """An array of another library, as a function of DLPack takes it.

    Raises `WrongResult` if it is no array or cannot be taken.
    """
    exported = _exportable(array, name)
    try:
        return from_dlpack(exported)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise WrongResult(f"returned {type(array).__name__} as {name}, which cannot be taken: {reason}") from error


def address_of(array: Any) -> int:
    """Where the first element of an array lies, on its device."""
    if isinstance(array, np.ndarray):
        return array.ctypes.data
    capsule = _exportable(array, "array").__dlpack__()
    tensor = _Tensor.from_address(_pointer(capsule, b"dltensor"))
    return (tensor.data or 0) + tensor.byte_offset


def _exportable(array: Any, name: str) -> Any:
    if not hasattr(array, "__dlpack__"):
        raise WrongResult(
            f"returned {type(array).__name__} as {name}, must be an array of numpy, torch, CuPy, JAX "
            "or another library with __dlpack__"
        )
    # torch does not give tensors that require gradients.
    return array.detach() if hasattr(array, "detach") else array


def _in_host_memory(array: Any) -> np.ndarray:
    if array.__dlpack_device__()[0] in _HOST_DEVICES:
        return _copy(array)
    # A device is reached with a library that knows it.
    for library in ("torch", "cupy", "jax"):
        if library in sys.modules:
            found: np.ndarray = importlib.import_module(f"rope_conformance.frameworks._{library}").host(array)
            return found
    raise TypeError("it is on a device, and neither torch, CuPy nor JAX is imported; copy it to the CPU")


def _copy(array: Any) -> np.ndarray:
    """A copy of an array in host memory."""
    # Nobody takes the capsule over, so it frees what it holds when it goes out of scope.
    capsule = array.__dlpack__()
    tensor = _Tensor.from_address(_pointer(capsule, b"dltensor"))
    shape = tuple(tensor.shape[: tensor.ndim])
    dtype = _DTYPES.get((tensor.code, tensor.bits))
    if dtype is None or tensor.lanes != 1:
        raise TypeError(f"its elements have {tensor.bits} bits of type code {tensor.code}")
    if 0 in shape:
        return np.empty(shape, dtype)
    view = _View(tensor, shape, np.dtype(dtype).itemsize)
    return np.array(view).view(dtype)


class _View:
    """The bits of a tensor, for numpy."""

    def __init__(self, tensor: _Tensor, shape: tuple[int, ...], item_size: int) -> None:
        # Without strides it is contiguous.
        strides = tuple(stride * item_size for stride in tensor.strides[: tensor.ndim]) if tensor.strides else None
        self.__array_interface__ = {
            "version": 3,
            "data": (tensor.data + tensor.byte_offset, True),
            "shape": shape,
            "strides": strides,
            "typestr": f"<u{item_size}",
        }
