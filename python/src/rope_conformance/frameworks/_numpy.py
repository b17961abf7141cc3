"""Host memory, and numpy arrays in it."""

from __future__ import annotations

import contextlib
import ctypes

import numpy as np

from rope_conformance._dlpack import host
from rope_conformance.errors import Unusable
from rope_conformance.frameworks.memory import ALIGNMENT, Blocks, Place


class HostMemory:
    """Blocks of host memory, which arrays view."""

    def __init__(self) -> None:
        self._blocks = Blocks()

    def allocate(self, byte_count: int) -> int:
        block = np.empty(byte_count + ALIGNMENT, np.uint8)
        skipped = -block.ctypes.data % ALIGNMENT
        return self.adopt(block[skipped : skipped + byte_count])

    def adopt(self, block: np.ndarray) -> int:
        """Takes memory that is aligned, as if it had been allocated. Returns its address."""
        address: int = block.ctypes.data
        self._blocks[address] = block
        return address

    def write(self, address: int, offset: int, source: int, count: int) -> None:
        ctypes.memmove(address + offset, source, count)

    def read(self, address: int, offset: int, target: int, count: int) -> None:
        ctypes.memmove(target, address + offset, count)

    def release(self, address: int) -> None:
        del self._blocks[address]

    def output(self, place: Place) -> np.ndarray:
        if 0 in place.shape:
            return np.empty(place.shape, place.dtype)
        base, block = self._blocks.around(place.address)
        return np.ndarray(place.shape, place.dtype, block, place.address - base, place.byte_strides)

    def taken(self, returned: object, name: str) -> np.ndarray:
        return host(returned, name)

    def fill(self, output: np.ndarray, taken: np.ndarray) -> None:
        output[...] = taken


class NumpyMemory(HostMemory):
    """Memory whose tensors are numpy arrays, bfloat16 by ml_dtypes."""

    framework = "numpy"
    gives_views = True

    def __init__(self, device: str) -> None:
        super().__init__()
        if device != "cpu":
            raise Unusable(f"device {device!r}: numpy has only 'cpu'; name another framework")
        self.device = device

    def tensor(self, place: Place) -> np.ndarray:
        return self.output(place)

    def array(self, values: np.ndarray) -> np.ndarray:
        return values.copy()

    def values(self, array: np.ndarray) -> np.ndarray:
        return array

    def as_current(self) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()

    def synchronize(self) -> None:
        """Nothing is asynchronous."""
