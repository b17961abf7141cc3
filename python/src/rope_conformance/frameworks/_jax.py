"""JAX arrays, which cannot be written: inputs are given as copies, and outputs are what the function returns."""

from __future__ import annotations

from contextlib import AbstractContextManager

import jax
import numpy as np

from rope_conformance.errors import Unusable
from rope_conformance.frameworks._numpy import HostMemory
from rope_conformance.frameworks.memory import Place, refused, wrong_kind


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
            raise Unusable(f"device {device!r}: JAX has none: {error}") from error
        self.device = device

    def tensor(self, place: Place) -> jax.Array:
        return self.array(self.output(place))

    def fill(self, output: np.ndarray, returned: object, name: str) -> None:
        if not isinstance(returned, jax.Array):
            raise refused(returned, name, "a JAX array")
        found, wanted = ((x.dtype.name, tuple(x.shape)) for x in (returned, output))
        if found != wanted:
            raise wrong_kind(found, wanted, name)
        output[...] = np.asarray(returned)

    def array(self, values: np.ndarray) -> jax.Array:
        # A copy, because JAX may keep the memory that it is given.
        return jax.device_put(values.copy(), self._device)

    def values(self, array: jax.Array) -> np.ndarray:
        return host(array)

    def as_current(self) -> AbstractContextManager[object]:
        return jax.default_device(self._device)

    def synchronize(self) -> None:
        """`fill` waits for what the function returned."""


def host(array: jax.Array) -> np.ndarray:
    """A copy in host memory, as soon as the array is computed."""
    return np.asarray(array)
