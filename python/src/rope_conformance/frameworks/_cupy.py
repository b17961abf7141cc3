"""CuPy arrays on a GPU, as views of one allocation for each buffer."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import cupy
import numpy as np

from rope_conformance._dlpack import imported
from rope_conformance.errors import Unsupported, Unusable
from rope_conformance.frameworks.memory import ALIGNMENT, Blocks, Place, host_bytes


class CupyMemory:
    """Memory whose tensors are CuPy's, in the strides of the case."""

    framework = "cupy"
    gives_views = True

    def __init__(self, device: str) -> None:
        name, _, index = device.partition(":")
        try:
            if name != "cuda":
                raise ValueError("must be cuda or cuda:N")
            self._device = cupy.cuda.Device(int(index or 0))
            with self._device:
                cupy.empty(0)
        except (ValueError, cupy.cuda.runtime.CUDARuntimeError) as error:
            raise Unusable(f"device {device!r}: CuPy has only {_known_devices()} ({error})") from error
        self.device = f"cuda:{self._device.id}"
        self._blocks = Blocks()

    def allocate(self, byte_count: int) -> int:
        with self._device:
            block = cupy.empty(byte_count + ALIGNMENT, cupy.uint8)
        block = block[-block.data.ptr % ALIGNMENT :][:byte_count]
        self._blocks[block.data.ptr] = block
        address: int = block.data.ptr
        return address

    def write(self, address: int, offset: int, source: int, count: int) -> None:
        with self._device:
            self._blocks[address][offset : offset + count].set(host_bytes(source, count))
            self._device.synchronize()

    def read(self, address: int, offset: int, target: int, count: int) -> None:
        with self._device:
            self._blocks[address][offset : offset + count].get(out=host_bytes(target, count))

    def release(self, address: int) -> None:
        del self._blocks[address]

    def tensor(self, place: Place) -> Any:
        with self._device:
            if 0 in place.shape:
                return cupy.empty(place.shape, self._dtype(place.dtype))
            base, block = self._blocks.around(place.address)
            start = block.data + (place.address - base)
            return cupy.ndarray(place.shape, self._dtype(place.dtype), start, place.byte_strides)

    @staticmethod
    def _dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
        """The type itself, if this version of CuPy has it."""
        try:
            cupy.empty(0, dtype)
        except (TypeError, ValueError) as error:
            raise Unsupported(f"CuPy {cupy.__version__} has no {dtype.name}") from error
        return dtype

    def output(self, place: Place) -> Any:
        return self.tensor(place)

    def taken(self, returned: object, name: str) -> Any:
        return returned if isinstance(returned, cupy.ndarray) else imported(returned, name, cupy.from_dlpack)

    def fill(self, output: Any, taken: Any) -> None:
        with self._device:
            output[...] = taken.copy()

    def array(self, values: np.ndarray) -> Any:
        with self._device:
            self._dtype(values.dtype)
            return cupy.array(values)

    def values(self, array: Any) -> np.ndarray:
        return host(array)

    def as_current(self) -> AbstractContextManager[object]:
        return self._device

    def synchronize(self) -> None:
        self._device.synchronize()


def _known_devices() -> str:
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError:
        count = 0
    return ", ".join(f"cuda:{index}" for index in range(count)) or "GPUs, and there is none"


def host(array: Any) -> np.ndarray:
    """A copy in host memory of an array on a GPU, after all work there."""
    found = array if isinstance(array, cupy.ndarray) else cupy.from_dlpack(array)
    found.device.synchronize()
    copy: np.ndarray = cupy.asnumpy(found)
    return copy
