"""The frameworks whose arrays a function can be given, each with its memory."""

from __future__ import annotations

import importlib
from types import ModuleType

from rope_conformance.errors import Unusable
from rope_conformance.frameworks.memory import Memory

_MEMORIES = {"numpy": "NumpyMemory", "torch": "TorchMemory", "cupy": "CupyMemory", "jax": "JaxMemory"}


def memory_of(framework: str | None = None, device: str | None = None) -> Memory:
    """New memory of a framework on a device, such as `cpu`, `cuda` or `cuda:1`.

    Without a framework it is numpy on the CPU and torch elsewhere. Without a device it is the GPU for CuPy, and the CPU
    otherwise.

    Raises `Unusable` if there is no such framework or device, or the framework is not installed.
    """
    if framework is None and (device or "cpu").partition(":")[0] not in ("cpu", "cuda"):
        raise Unusable(f"device {device!r}: must be cpu, cuda or cuda:1; for any other, name the framework that has it")
    name = framework or ("numpy" if device in (None, "cpu") else "torch")
    if name not in _MEMORIES:
        raise Unusable(f"framework {name!r}: must be one of {', '.join(_MEMORIES)}")
    made: Memory = getattr(_module(name), _MEMORIES[name])(device or ("cuda" if name == "cupy" else "cpu"))
    return made


def _module(framework: str) -> ModuleType:
    try:
        return importlib.import_module(f"rope_conformance.frameworks._{framework}")
    except ImportError as error:
        raise Unusable(f"framework {framework} cannot be imported: {error}; install it in this environment") from error
