"""Calls without the judge: one tensor of float32 in a block with guards, rotated by a table."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import stat
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy_rope

from rope_conformance._call import Call
from rope_conformance.case import Case, Plan, Tokens
from rope_conformance.frameworks.memory import Place

GUARD = 64
"""Bytes before and after each tensor."""
SHAPE = (1, 3, 2, 4)
ABOUT = {"layout": "bshd", "direction": "forward", "configuration": {}, "workload": {}}


class Block:
    """Memory of a framework with Q, and where the result goes. Every byte around and between is 0xAA."""

    def __init__(self, memory: object, in_place: bool = False, strides: tuple[int, ...] = (24, 8, 4, 1)) -> None:
        self.memory = memory
        count = Place(0, "float32", SHAPE, strides).byte_count
        self.bytes = np.full(3 * GUARD + 2 * count, 0xAA, np.uint8)
        self.address = memory.allocate(self.bytes.nbytes)
        self.q = Place(self.address + GUARD, "float32", SHAPE, strides)
        self.q_out = self.q if in_place else replace(self.q, address=self.q.address + count + GUARD)
        self.tensor(self.q)[...] = np.arange(24).reshape(SHAPE)
        memory.write(self.address, 0, self.bytes.ctypes.data, self.bytes.nbytes)
        self.call = Call(
            name="made/f32/up/table",
            contract="table",
            q=self.q,
            q_out=self.q_out,
            k=None,
            k_out=None,
            tokens=Tokens(None, np.arange(3, dtype=np.int32)[None], None),
            key_tokens=None,
            inv_freq=None,
            cos=np.zeros((3, 2), np.float32),
            sin=np.ones((3, 2), np.float32),
            plan=Plan(
                head_dim=4,
                pairs_in=np.array([[0, 2], [1, 3]], np.int32),
                pairs_out=np.array([[0, 2], [1, 3]], np.int32),
                axis=np.zeros(2, np.int32),
                inv_freq=None,
                attention_factor=1.0,
                pairing="half",
                out_pairing="half",
                rotary_dim=4,
                rotary_offset=0,
            ),
        )

    def tensor(self, place: Place) -> np.ndarray:
        """A tensor in the copy of the bytes."""
        return np.ndarray(place.shape, place.dtype, self.bytes, place.address - self.address, place.byte_strides)

    def after(self) -> np.ndarray:
        """Reads the bytes, and returns the result."""
        self.memory.read(self.address, 0, self.bytes.ctypes.data, self.bytes.nbytes)
        return self.tensor(self.q_out)


ROTATED = np.concatenate([-np.arange(24).reshape(SHAPE)[..., 2:], np.arange(24).reshape(SHAPE)[..., :2]], axis=-1)
"""A turn of each pair by a right angle."""


def quarter_turn(case: Case) -> None:
    """Writes it in place of the output, with numpy, torch or CuPy."""
    first, second = case.q[..., :2] * 1, case.q[..., 2:] * 1
    case.q_out[..., :2] = -second
    case.q_out[..., 2:] = first


def crashes(case: Case) -> None:
    ctypes.string_at(0)


def exits(case: Case) -> None:
    os._exit(3)


def hangs(case: Case) -> None:
    time.sleep(100)


def stops(case: Case) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def answers_in_part(case: Case) -> None:
    """Begins an answer of 1000 bytes, and sends no more of it than one. Then it ends as the function below."""
    connection = next(int(fd) for fd in os.listdir("/proc/self/fd") if is_socket(int(fd)))
    os.write(connection, struct.pack("!i", 1000) + b"{")
    leaves_a_child_behind(case)


def leaves_a_child_behind(case: Case) -> None:
    """Ends. A process that is out of the group keeps the connection open."""
    if os.fork():
        os._exit(0)
    os.setsid()
    time.sleep(20)
    os._exit(0)


def stops_after_its_answer(case: Case) -> None:
    quarter_turn(case)
    threading.Timer(0.1, stops, [case]).start()


def is_socket(descriptor: int) -> bool:
    with contextlib.suppress(OSError):
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    return False


def generates(case: Case) -> Iterator[None]:
    yield


def scaled_turn(factor: float, case: Case) -> None:
    quarter_turn(case)
    case.q_out[...] *= factor


class QuarterTurn:
    def __call__(self, case: Case) -> None:
        quarter_turn(case)


def loaded_files(case: Case) -> None:
    """Fails with the files of this process that have to do with the suite."""
    raise ValueError([line for line in Path("/proc/self/maps").read_text().splitlines() if "rope_judge" in line])


def jax_quarter_turn(case: Case) -> tuple[object]:
    import jax.numpy as jnp

    assert case.q_out is None
    return (jnp.concatenate([-case.q[..., 2:], case.q[..., :2]], axis=-1),)


def crashes_at_bfloat16(case: Case) -> None:
    crashes(case) if case.element_type == "bfloat16" else numpy_rope.rotate(case)


def exits_at_bfloat16(case: Case) -> None:
    exits(case) if case.element_type == "bfloat16" else numpy_rope.rotate(case)
