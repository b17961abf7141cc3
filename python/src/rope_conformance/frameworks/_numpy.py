"""Host memory, and numpy arrays in it."""

from __future__ import annotations

import contextlib
import ctypes

import numpy as np

from rope_conformance.errors import Unusable
from rope_conformance.frameworks.memory import ALIGNMENT, DTYPES, Blocks, Place, refused, wrong_kind


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

    def fill(self, output: np.ndarray, returned: object, name: str) -> None:
        output[...] = check_array(returned, output.dtype.name, output.shape, name)

    def array(self, values: np.ndarray) -> np.ndarray:
        return values.copy()

    def values(self, array: np.ndarray) -> np.ndarray:
        return host(array)

    def as_current(self) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()

    def synchronize(self) -> None:
        """Nothing is asynchronous."""


class BorrowedMemory(NumpyMemory):
    """Memory of someone else, such as the library. Arrays keep its owner alive."""

    def __init__(self, owner: object) -> None:
        super().__init__("cpu")
        self._owner = owner

    def output(self, place: Place) -> np.ndarray:
        if 0 in place.shape:
            return np.empty(place.shape, place.dtype)
        bits = np.asarray(_Borrowed(self._owner, place))
        return bits.view(place.dtype)


class _Borrowed:
    """A strided array at an address, for numpy, which keeps this object and so the owner."""

    def __init__(self, owner: object, place: Place) -> None:
        self._owner = owner
        self.__array_interface__ = {
            "version": 3,
            "data": (place.address, False),
            "shape": place.shape,
            "strides": place.byte_strides,
            "typestr": f"<u{place.dtype.itemsize}",
        }


def host_bytes(address: int, count: int) -> np.ndarray:
    """Host memory as an array of bytes. It is valid as long as the memory."""
    return np.ctypeslib.as_array((ctypes.c_uint8 * count).from_address(address))


def check_array(returned: object, element_type: str, shape: tuple[int, ...], name: str) -> np.ndarray:
    """What a function returned.

    Raises `WrongResult` if it is not an array of this type and shape.
    """
    if not isinstance(returned, np.ndarray):
        raise refused(returned, name, "a numpy array")
    if returned.dtype != DTYPES[element_type] or returned.shape != shape:
        raise wrong_kind((returned.dtype.name, returned.shape), (element_type, shape), name)
    return returned


def host(array: np.ndarray) -> np.ndarray:
    """The array itself."""
    return array
