"""torch tensors on the CPU or a GPU, as views of one allocation for each buffer."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager

import numpy as np
import torch

from rope_conformance._dlpack import imported
from rope_conformance.errors import Unusable, WrongResult
from rope_conformance.frameworks.memory import ALIGNMENT, DTYPES, Blocks, Place, host_bytes


class TorchMemory:
    """Memory whose tensors are torch's, in the strides of the case."""

    framework = "torch"
    gives_views = True

    def __init__(self, device: str) -> None:
        try:
            # The name becomes that of one GPU: `cuda` is `cuda:0`, unless another one is current.
            self._device = torch.empty(0, device=device).device
        except (RuntimeError, AssertionError) as error:
            known = ", ".join(["cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))])
            reason = " ".join(str(error).split())
            raise Unusable(f"device {device!r}: torch has only {known} ({reason})") from error
        self.device = str(self._device)
        self._blocks = Blocks()

    def allocate(self, byte_count: int) -> int:
        try:
            block = torch.empty(byte_count + ALIGNMENT, dtype=torch.uint8, device=self._device)
        except torch.OutOfMemoryError as error:
            raise MemoryError(str(error)) from error
        skipped = -block.data_ptr() % ALIGNMENT
        block = block[skipped : skipped + byte_count]
        self._blocks[block.data_ptr()] = block
        return block.data_ptr()

    def write(self, address: int, offset: int, source: int, count: int) -> None:
        self._blocks[address][offset : offset + count].copy_(torch.from_numpy(host_bytes(source, count)))

    def read(self, address: int, offset: int, target: int, count: int) -> None:
        torch.from_numpy(host_bytes(target, count)).copy_(self._blocks[address][offset : offset + count])

    def release(self, address: int) -> None:
        del self._blocks[address]

    def tensor(self, place: Place) -> torch.Tensor:
        empty = torch.empty(0, dtype=getattr(torch, place.element_type), device=self._device)
        if 0 in place.shape:
            return empty.reshape(place.shape)
        storage = self._blocks.around(place.address)[1].untyped_storage()
        start = (place.address - storage.data_ptr()) // place.dtype.itemsize
        return empty.set_(storage, start, place.shape, place.strides)

    def output(self, place: Place) -> torch.Tensor:
        return self.tensor(place)

    def taken(self, returned: object, name: str) -> torch.Tensor:
        tensor = returned if isinstance(returned, torch.Tensor) else imported(returned, name, torch.from_dlpack)
        if tensor.device != self._device:
            raise WrongResult(f"returned a tensor on {tensor.device} as {name}, must be on {self._device}")
        return tensor

    def fill(self, output: torch.Tensor, taken: torch.Tensor) -> None:
        output.copy_(taken.detach().clone())

    def array(self, values: np.ndarray) -> torch.Tensor:
        if values.dtype == DTYPES["bfloat16"]:
            return torch.tensor(values.view(np.int16)).view(torch.bfloat16).to(self._device)
        return torch.tensor(values, device=self._device)

    def values(self, array: torch.Tensor) -> np.ndarray:
        return host(array)

    def as_current(self) -> AbstractContextManager[object]:
        return torch.cuda.device(self._device) if self._device.type == "cuda" else contextlib.nullcontext()

    def synchronize(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)


def host(array: object) -> np.ndarray:
    """A copy in host memory of an array on a device of torch, after all work there."""
    tensor = (array if isinstance(array, torch.Tensor) else torch.from_dlpack(array)).detach()
    if tensor.is_cuda:
        torch.cuda.synchronize(tensor.device)
    copy = tensor.cpu()
    if copy.dtype == torch.bfloat16:
        return copy.view(torch.int16).numpy().view(DTYPES["bfloat16"])
    return copy.numpy()
