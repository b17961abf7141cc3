"""What each framework's memory does, and the place of a tensor in it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import ml_dtypes
import numpy as np

from rope_conformance.case import Array
from rope_conformance.errors import WrongResult

ALIGNMENT = 256
"""Of allocated memory, in bytes: the largest that a case asks for."""

DTYPES: dict[str, np.dtype[Any]] = {
    "float32": np.dtype(np.float32),
    "float16": np.dtype(np.float16),
    "bfloat16": np.dtype(ml_dtypes.bfloat16),
}


@dataclass(frozen=True)
class Place:
    """Where a tensor lies in memory."""

    address: int
    element_type: Any
    """By its name, such as `bfloat16`."""
    shape: tuple[int, ...]
    """`[batch, sequence, heads, head_dim]`"""
    strides: tuple[int, ...]
    """Elements from one index to the next along each axis."""

    @property
    def dtype(self) -> np.dtype[Any]:
        return DTYPES[self.element_type]

    @property
    def byte_strides(self) -> tuple[int, ...]:
        return tuple(stride * self.dtype.itemsize for stride in self.strides)

    @property
    def byte_count(self) -> int:
        """From the first byte to the last, with the gaps between."""
        if 0 in self.shape:
            return 0
        last = sum((extent - 1) * stride for extent, stride in zip(self.shape, self.strides, strict=True))
        return (last + 1) * self.dtype.itemsize


class Blocks(dict[int, Any]):
    """Allocations of a framework by their address, each an array of bytes."""

    def around(self, address: int) -> tuple[int, Any]:
        """The allocation that an address is in, after where it begins."""
        # A copy, because other threads allocate.
        for base, block in list(self.items()):
            if base <= address < base + block.nbytes:
                return base, block
        raise ValueError(f"address {address:#x} is in no memory of this process")


class Allocator(Protocol):
    """Memory in which the judge puts guards, poison and tensors. It calls these functions from threads of its own."""

    def allocate(self, byte_count: int) -> int:
        """The address of new memory, aligned to `ALIGNMENT`.

        Raises `MemoryError` if there is not so much.
        """

    def write(self, address: int, offset: int, source: int, count: int) -> None:
        """Copies bytes from an address in host memory."""

    def read(self, address: int, offset: int, target: int, count: int) -> None:
        """Copies bytes to an address in host memory."""

    def release(self, address: int) -> None:
        """Gives back what `allocate` gave. An array that views the memory keeps it alive."""


class Memory(Allocator, Protocol):
    """Memory of a framework on one device.

    A function raises what its framework raises, and `Unsupported` for an element type that the framework does not have.
    """

    framework: str
    device: str
    gives_views: bool
    """Whether tensors are views of the memory. Otherwise they are copies, whose strides are the framework's own."""

    def tensor(self, place: Place) -> Array:
        """The tensor at a place."""

    def output(self, place: Place) -> Array:
        """The tensor at a place, to be given to `fill`."""

    def taken(self, returned: object, name: str) -> Array:
        """What a function returned, of whatever library, as an array that `fill` takes.

        Raises `WrongResult` if it is no array, or one on another device.
        """

    def fill(self, output: Array, taken: Array) -> None:
        """Copies an array into an output of its type and shape, of which it may be a view."""

    def array(self, values: np.ndarray) -> Array:
        """A copy of some values on the device."""

    def values(self, array: Array) -> np.ndarray:
        """An array in host memory."""

    def as_current(self) -> AbstractContextManager[object]:
        """Makes the device the one that the framework uses where none is named, as a kernel's launch does."""

    def synchronize(self) -> None:
        """Waits until all work on the device is done."""


def check_kind(array: Array, element_type: str, shape: Iterable[int], name: str) -> None:
    """Raises `WrongResult` for an array of another element type or shape."""
    found = f"{str(array.dtype).removeprefix('torch.')} {list(array.shape)}"
    wanted = f"{element_type} {list(shape)}"
    if found != wanted:
        raise WrongResult(f"returned {found} as {name}, must be {wanted}")


def host_bytes(address: int, count: int) -> np.ndarray:
    """Host memory as an array of bytes. It is valid as long as the memory."""
    return np.ctypeslib.as_array((ctypes.c_uint8 * count).from_address(address))
