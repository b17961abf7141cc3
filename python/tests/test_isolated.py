"""A function in a child process."""

from __future__ import annotations

import functools
import re
import time
from dataclasses import replace
from pathlib import Path

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
        ("stops", "the function did not return within 2 s; its process was ended"),
        ("answers_in_part", "the function did not return within 2 s; its process was ended"),
        ("leaves_a_child_behind", "the function did not return within 2 s; its process was ended"),
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


def test_a_child_that_does_not_read_its_call() -> None:
    with Child("calls:stops_after_its_answer", None, None, 3) as child:
        block = Block(child.allocator)
        # More than the system keeps for a reader.
        long = replace(block.call, cos=np.zeros(1 << 22, np.float32))
        assert child.rotate(block.call, ABOUT).status == OK
        while ") T " not in Path(f"/proc/{child._process.pid}/stat").read_text():
            time.sleep(0.01)
        assert child.rotate(long, ABOUT) == Outcome(
            FAILED, "the function did not return within 3 s; its process was ended"
        )


def test_a_partial_and_an_object_are_sent() -> None:
    for function, name in (
        (functools.partial(calls.scaled_turn, 1), "calls:scaled_turn"),
        (calls.QuarterTurn(), "calls:QuarterTurn"),
    ):
        with Child(function, None, None, 60) as child:
            assert child.name == name
            block = Block(child.allocator)
            assert child.rotate(block.call, ABOUT) == Outcome(OK)
            np.testing.assert_array_equal(block.after(), ROTATED)


def test_a_function_that_raises() -> None:
    with Child("calls:loaded_files", None, None, 60) as child:
        found = child.rotate(Block(child.allocator).call, ABOUT)
    # The child has not loaded the judge.
    assert found.status == FAILED
    assert re.fullmatch(r"ValueError: \[\] \(calls.py:\d+\)", found.text)


def test_what_cannot_be_used_is_named_at_once() -> None:
    for function, arguments, message in (
        (
            lambda case: None,
            (None, None),
            "<lambda>: cannot be sent to a child process.*define it at the top of a module, or name it as module:func",
        ),
        (calls.generates, (None, None), "function calls:generates: is a generator, which does not run"),
        ("calls:missing", (None, None), "function calls:missing: module 'calls' has no attribute 'missing'"),
        ("calls:exits", ("numpy", "cuda"), "device 'cuda': numpy has only 'cpu'; name another framework"),
        ("calls:exits", ("theano", None), "framework 'theano': must be one of numpy, torch, cupy, jax"),
    ):
        with pytest.raises(Unusable, match=message):
            Child(function, *arguments, 60)
