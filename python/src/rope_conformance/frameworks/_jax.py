"""JAX arrays, which cannot be written: inputs are given as copies, and outputs are what the function returns."""

from __future__ import annotations

from contextlib import AbstractContextManager

import jax
import numpy as np

from rope_conformance.errors import Unusable
from rope_conformance.frameworks._numpy import HostMemory
from rope_conformance.frameworks.memory import Place


class JaxMemory(HostMemory):
    """Host memory with the case's tensors, copied to a device of JAX for each call."""

    framework = "jax"
    gives_views = False

    def __init__(self, device: str) -> None:
        super().__init__()
        platform, _, index = device.partition(":")
        try:
            self._device = jax.devices(platform)[int(index or 0)]
        except (RuntimeError, ValueError, IndexError) as error:
            known = ", ".join(f"{found.platform}:{found.id}" for found in jax.devices())
            raise Unusable(f"device {device!r}: JAX has only {known}") from error
        self.device = device

    def tensor(self, place: Place) -> jax.Array:
        return self.array(self.output(place))

    def taken(self, returned: object, name: str) -> np.ndarray:
        # DLPack has no array that is spread over several devices.
        return np.asarray(returned) if isinstance(returned, jax.Array) else super().taken(returned, name)

    def array(self, values: np.ndarray) -> jax.Array:
        # A copy, because JAX may keep the memory that it is given.
        return jax.device_put(values.copy(), self._device)

    def values(self, array: jax.Array) -> np.ndarray:
        return np.asarray(array)

    def as_current(self) -> AbstractContextManager[object]:
        return jax.default_device(self._device)

    def synchronize(self) -> None:
        """`taken` waits for what the function returned."""


def host(array: object) -> np.ndarray:
    """A copy in host memory of an array on a device of JAX, as soon as it is computed."""
    return np.asarray(array if isinstance(array, jax.Array) else jax.dlpack.from_dlpack(array))
