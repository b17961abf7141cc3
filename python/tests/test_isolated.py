"""A function in a child process."""

from __future__ import annotations

import re
import time

import calls
import numpy as np
import pytest
from calls import ABOUT, ROTATED, Block

from rope_conformance import Unusable
from rope_conformance._header import FAILED, OK
from rope_conformance._rotation import Outcome
from rope_conformance.isolated import Child


def test_a_child_writes_into_shared_memory() -> None:
    with Child(calls.quarter_turn, None, None, 60) as child:
        assert child.description == "calls:quarter_turn with numpy on cpu, in a child process"
        for in_place in (False, True):
            block = Block(child.allocator, in_place)
            before = block.bytes.copy()
            assert child.rotate(block.call, ABOUT) == Outcome(OK)
            np.testing.assert_array_equal(block.after(), ROTATED)
            # Nothing else changed.
            block.tensor(block.q_out).view(np.uint32)[...] = 0xAAAAAAAA
            if not in_place:
                np.testing.assert_array_equal(block.bytes, before)
            child.allocator.release(block.address)
        assert not child.allocator.files


def test_a_function_by_name() -> None:
    with Child("calls:quarter_turn", None, None, 60) as child:
        block = Block(child.allocator)
        assert child.rotate(block.call, ABOUT).status == OK
        np.testing.assert_array_equal(block.after(), ROTATED)


def test_a_framework_that_copies() -> None:
    pytest.importorskip("jax")
    with Child("calls:jax_quarter_turn", "jax", "cpu", 60) as child:
        assert not child.gives_views
        block = Block(child.allocator)
        assert child.rotate(block.call, ABOUT) == Outcome(OK, returned=True)
        np.testing.assert_array_equal(block.after(), ROTATED)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("crashes", "the function's process was killed by SIGSEGV"),
        ("exits", "the function's process exited with status 3"),
        ("hangs", "the function did not return within 2 s; its process was ended"),
    ],
)
def test_a_child_that_ends_fails_its_call_alone(function: str, reason: str) -> None:
    start = time.monotonic()
    with Child(f"calls:{function}", None, None, 2) as child:
        block = Block(child.allocator)
        # Each call gets a new child.
        for _ in range(2):
            assert child.rotate(block.call, ABOUT) == Outcome(FAILED, reason)
    assert time.monotonic() - start < 30


def test_a_function_that_raises() -> None:
    with Child("calls:loaded_files", None, None, 60) as child:
        found = child.rotate(Block(child.allocator).call, ABOUT)
    # The child has not loaded the judge.
    assert found.status == FAILED
    assert re.fullmatch(r"ValueError: \[\] \(calls.py:\d+\)", found.text)


def test_what_cannot_be_used_is_named_at_once() -> None:
    for function, arguments, message in (
        (lambda case: None, (None, None), "cannot be sent to a child process.*top of a module"),
        ("calls:missing", (None, None), "function calls:missing: module 'calls' has no attribute 'missing'"),
        ("calls:exits", ("numpy", "cuda"), "device 'cuda': numpy has only 'cpu'; name another framework"),
        ("calls:exits", ("theano", None), "framework 'theano': must be one of numpy, torch, cupy, jax"),
    ):
        with pytest.raises(Unusable, match=message):
            Child(function, *arguments, 60)
