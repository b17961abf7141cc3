"""The frameworks whose arrays a function can be given, each with its memory."""

from __future__ import annotations

import importlib
import re
from types import ModuleType

from rope_conformance._arguments import shown
from rope_conformance.errors import Unusable
from rope_conformance.frameworks.memory import Memory

_MEMORIES = {"numpy": "NumpyMemory", "torch": "TorchMemory", "cupy": "CupyMemory", "jax": "JaxMemory"}


def memory_of(framework: str | None = None, device: str | None = None) -> Memory:
    """New memory of a framework on a device, such as `cpu`, `cuda` or `cuda:1`.

    Without a framework it is numpy on the CPU and torch elsewhere. Without a device it is the GPU for CuPy, and the CPU
    otherwise.

    Raises `Unusable` if there is no such framework or device, or the framework is not installed.
    """
    name = ("numpy" if device in (None, "cpu") else "torch") if framework is None else framework
    if not isinstance(name, str) or name not in _MEMORIES:
        raise Unusable(f"framework {shown(name)}: must be one of {', '.join(_MEMORIES)}")
    if device is not None:
        _check(device, framework)
    made: Memory = getattr(_module(name), _MEMORIES[name])(device or ("cuda" if name == "cupy" else "cpu"))
    return made


def _check(device: object, framework: str | None) -> None:
    """Raises `Unusable` for what is no name of a device. Which ones there are besides, a framework knows."""
    wanted = "must be cpu, cuda or cuda:1"
    if not isinstance(device, str) or not device:
        raise Unusable(f"device {shown(device)}: {wanted}")
    if re.fullmatch(r"(cpu|cuda)(:\d+)?", device):
        return
    if device.partition(":")[0] in ("cpu", "cuda"):
        raise Unusable(f"device {device!r}: {wanted}")
    if framework is None:
        raise Unusable(f"device {device!r}: {wanted}; for any other, name the framework that has it")


def _module(framework: str) -> ModuleType:
    try:
        return importlib.import_module(f"rope_conformance.frameworks._{framework}")
    except ImportError as error:
        raise Unusable(f"framework {framework} cannot be imported: {error}; install it in this environment") from error
