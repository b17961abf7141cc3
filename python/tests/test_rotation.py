"""One call of a function, with guarded memory and without the judge."""

from __future__ import annotations

from collections.abc import Callable

import calls
import numpy as np
import pytest
from calls import ABOUT, ROTATED, SHAPE, Block

from rope_conformance import Case, Unsupported
from rope_conformance._dlpack import host
from rope_conformance._header import FAILED, OK, UNSUPPORTED
from rope_conformance._rotation import Outcome, rotate
from rope_conformance.frameworks import memory_of

FRAMEWORKS = ["numpy", "jax", "torch"]


def rotated(function: Callable, framework: str = "numpy", in_place: bool = False) -> tuple[Outcome, Block]:
    memory = memory_of(framework)
    block = Block(memory, in_place)
    return rotate(function, block.call, ABOUT, memory), block


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(request.param)
    return request.param


@pytest.mark.parametrize("in_place", [False, True])
def test_what_is_written_stays(in_place: bool) -> None:
    outcome, block = rotated(calls.quarter_turn, in_place=in_place)
    assert outcome == Outcome(OK)
    np.testing.assert_array_equal(block.after(), ROTATED)


def test_a_case_has_the_strides_of_its_call() -> None:
    memory = memory_of("numpy")
    block = Block(memory, strides=(1, 40, 12, 2))
    seen: list[Case] = []
    assert rotate(lambda case: seen.append(case), block.call, ABOUT, memory).status == OK
    (case,) = seen
    assert case.q.strides == (4, 160, 48, 8)
    assert case.q.ctypes.data == block.q.address
    assert case.alignment(case.q) == 64
    # The memory lives as long as a view of it.
    memory.release(block.address)
    np.testing.assert_array_equal(case.q, np.arange(24).reshape(SHAPE))


@pytest.mark.parametrize("in_place", [False, True])
def test_returned_tensors_are_copied(framework: str, in_place: bool) -> None:
    def function(case: Case) -> tuple[object]:
        module = __import__("jax.numpy").numpy if framework == "jax" else __import__(framework)
        return (module.concatenate([-case.q[..., 2:], case.q[..., :2]], axis=-1),)

    outcome, block = rotated(function, framework, in_place)
    assert outcome == Outcome(OK, returned=True)
    np.testing.assert_array_equal(block.after(), ROTATED)
    if not in_place:
        np.testing.assert_array_equal(block.tensor(block.q), np.arange(24).reshape(SHAPE))


def test_outputs_that_are_returned_were_written() -> None:
    def function(case: Case) -> tuple[np.ndarray]:
        calls.quarter_turn(case)
        return (case.q_out,)

    assert rotated(function)[0] == Outcome(OK)


def test_a_view_of_the_output_may_be_returned() -> None:
    outcome, block = rotated(lambda case: (case.q[..., ::-1],), in_place=True)
    assert outcome == Outcome(OK, returned=True)
    np.testing.assert_array_equal(block.after(), np.arange(24).reshape(SHAPE)[..., ::-1])


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda case: case.q, "returned ndarray, must be a tuple of Q, or None if it is in the case's outputs"),
        (lambda case: (case.q, None), "returned a tuple of 2, must be a tuple of Q, or None if"),
        (lambda case: ([1],), "returned list as q, must be an array of numpy, torch"),
        (lambda case: (case.q.astype(np.float16),), "returned float16 [1, 3, 2, 4] as q, must be float32 [1, 3, 2, 4]"),
        (lambda case: (case.q[0],), "returned float32 [3, 2, 4] as q, must be float32 [1, 3, 2, 4]"),
        (lambda case: case.missing, "AttributeError: 'Case' object has no attribute 'missing' (test_rotation.py:"),
        (lambda case: exit(0), "SystemExit: 0"),
        (lambda case: case.cos.fill(2), "changed cos, which it may only read"),
        (lambda case: case.table_rows.fill(2), "changed tokens.table_rows, which it may only read"),
        (lambda case: case.plan.axis.fill(2), "changed plan.axis, which it may only read"),
    ],
)
def test_what_fails(function: Callable, reason: str) -> None:
    outcome, _ = rotated(function)
    assert outcome.status == FAILED
    assert outcome.text.startswith(reason)


def test_what_is_not_supported() -> None:
    def function(case: Case) -> None:
        raise Unsupported("no tables")

    assert rotated(function)[0] == Outcome(UNSUPPORTED, "no tables")


def test_arrays_are_those_of_the_framework(framework: str) -> None:
    seen: list[Case] = []
    rotated(lambda case: seen.append(case), framework)
    (case,) = seen
    for array in (case.q, case.cos, case.sin, case.table_rows, case.plan.pairs_in, case.plan.axis):
        assert type(array).__module__.startswith(framework)
    np.testing.assert_array_equal(host(case.q, "q"), np.arange(24).reshape(SHAPE))
    cos, sin = case.gathered(case.tokens)
    assert tuple(cos.shape) == tuple(sin.shape) == (1, 3, 2)
    assert (case.q_out is None) == (framework == "jax")
    assert case.tokens.position_range is None


def test_torch_views_its_memory() -> None:
    pytest.importorskip("torch")
    for in_place in (False, True):
        outcome, block = rotated(calls.quarter_turn, "torch", in_place)
        assert outcome == Outcome(OK)
        np.testing.assert_array_equal(block.after(), ROTATED)
