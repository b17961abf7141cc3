"""What runs in the child process of a function: it never loads the judge or a golden."""

from __future__ import annotations

import json
import mmap
import os
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from rope_conformance._call import Call
from rope_conformance._function import Function, described, usable
from rope_conformance._header import FAILED, UNSUPPORTED
from rope_conformance._rotation import Outcome, rotate
from rope_conformance.errors import Unusable
from rope_conformance.frameworks import memory_of
from rope_conformance.frameworks._numpy import HostMemory
from rope_conformance.frameworks.memory import Memory


def serve(connection: Connection, function: Function | str, framework: str | None, device: str | None) -> None:
    """The main function of the child."""
    # A group of its own: the parent ends it with all of its children, and Ctrl-C in the terminal is the parent's.
    os.setpgid(0, 0)
    try:
        rotation = usable(function)
        memory = memory_of(framework, device)
    except Unusable as error:
        connection.send_bytes(json.dumps({"unusable": str(error)}).encode())
        return
    ready = {"framework": memory.framework, "device": memory.device, "gives_views": memory.gives_views}
    connection.send_bytes(json.dumps(ready).encode())
    is_last = False
    while not is_last:
        try:
            call, about, blocks = connection.recv()
        except EOFError:
            return
        files = [reduction.recv_handle(connection) for _ in blocks]
        shared = {base: _mapped(file, size) for (base, size), file in zip(blocks.items(), files, strict=True)}
        try:
            outcome = _rotated(rotation, call, about, memory, shared)
        except Exception as error:
            # Memory of the device cannot be used any more, as after an access outside of it.
            outcome, is_last = Outcome(FAILED, described(error, rotation)), True
        answer = {"status": outcome.status, "text": outcome.text, "returned": outcome.returned, "is_last": is_last}
        connection.send_bytes(json.dumps(answer).encode())


def _mapped(file: int, size: int) -> np.ndarray:
    mapped = np.frombuffer(mmap.mmap(file, size), np.uint8)
    os.close(file)
    return mapped


def _rotated(
    function: Function, call: Call, about: dict[str, Any], memory: Memory, shared: dict[int, np.ndarray]
) -> Outcome:
    """Calls a function with tensors that lie in shared blocks, each by its address in the parent."""
    is_host = isinstance(memory, HostMemory)
    own: dict[int, int] = {}
    addresses = {}
    try:
        for base, block in shared.items():
            own[base] = memory.adopt(block) if isinstance(memory, HostMemory) else memory.allocate(block.nbytes)
        for place in call.places():
            base = max(base for base in shared if base <= place.address)
            addresses[place.address] = own[base] + place.address - base
        if not is_host:
            for base, block in shared.items():
                memory.write(own[base], 0, block.ctypes.data, block.nbytes)
        outcome = rotate(function, call.moved(addresses), about, memory)
        if not is_host:
            for base, block in shared.items():
                memory.read(own[base], 0, block.ctypes.data, block.nbytes)
    except MemoryError as error:
        # A case that does not fit is not the function's failure.
        return Outcome(UNSUPPORTED, f"no memory for the case: {error}")
    finally:
        for address in own.values():
            memory.release(address)
    return outcome
