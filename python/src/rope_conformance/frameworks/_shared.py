"""Host memory that a child process can map."""

from __future__ import annotations

import mmap
import os

import numpy as np

from rope_conformance.frameworks._numpy import HostMemory
from rope_conformance.frameworks.memory import Place


class SharedMemory(HostMemory):
    """Host memory whose blocks are files without names."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[int, int] = {}
        """The descriptor of each block's file, by its address."""

    def allocate(self, byte_count: int) -> int:
        file = os.memfd_create("rope-conformance")
        os.ftruncate(file, max(byte_count, 1))
        # Mapped pages are aligned to more than any tensor asks for.
        block = np.frombuffer(mmap.mmap(file, max(byte_count, 1)), np.uint8)
        address = self.adopt(block)
        self.files[address] = file
        return address

    def block_of(self, place: Place) -> tuple[int, np.ndarray]:
        """The block that a tensor is in, after where it begins."""
        return self._blocks.around(place.address)

    def release(self, address: int) -> None:
        # First, because another thread can be given the address as soon as it is free.
        file = self.files.pop(address)
        super().release(address)
        os.close(file)
