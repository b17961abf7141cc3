"""Functions with a planted fault, for numpy, CuPy and torch. All but the fault is right."""

from __future__ import annotations

import itertools
import sys
import threading
from typing import Any

import numpy_rope

from rope_conformance import Case

FAULTS = {
    "writes_before": "written outside",
    "writes_behind": "written outside",
    "changes_an_input": "written outside",
    "leaves_a_head_out": "not written",
    "ignores_strides": "written outside",
    "races": "not repeatable",
    "races_in_threads": "not repeatable",
    "keeps_a_result": "accuracy",
}
"""By the name of a function: the kind of violation that must be reported."""


def rotate(case: Case) -> None:
    """The right rotation in the framework of the case."""
    if _is_torch(case.q):
        import torch_rope

        torch_rope.rotate(case)
    else:
        numpy_rope.rotate(case)


def writes_before(case: Case) -> None:
    """Writes one element before the first."""
    rotate(case)
    _element(case.q_out, -1)[...] = 7


def writes_behind(case: Case) -> None:
    """Writes one element behind the last."""
    rotate(case)
    shape, strides = case.q_out.shape, _strides(case.q_out)
    _element(case.q_out, 1 + sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True)))[...] = 7


def changes_an_input(case: Case) -> None:
    """Uses the input as scratch memory."""
    rotate(case)
    if not case.in_place:
        case.q[...] = 3


def changes_the_plan(case: Case) -> None:
    """Uses a list of the plan as scratch memory."""
    rotate(case)
    case.plan.axis[...] = 7


def leaves_a_head_out(case: Case) -> None:
    """Does not write the last head of Q."""
    q_out = case.bshd(case.q_out)
    kept = _copy(q_out[:, :, -1])
    rotate(case)
    q_out[:, :, -1] = kept


def ignores_strides(case: Case) -> None:
    """Writes as if the output were contiguous."""
    wanted = _copy(case.q_out)
    rotate(case)
    result = _copy(case.q_out)
    case.q_out[...] = wanted
    contiguous, stride = [], 1
    for extent in reversed(tuple(result.shape)):
        contiguous.insert(0, stride)
        stride *= extent
    _strided(case.q_out, tuple(result.shape), tuple(contiguous))[...] = result


_calls = 0


def races(case: Case) -> None:
    """Now and then, one element has another sign."""
    global _calls
    _calls += 1
    rotate(case)
    if _calls % 2 and 0 not in case.q_out.shape:
        case.q_out[..., 0] *= -1


_tickets = itertools.count()
_lock = threading.Lock()


def races_in_threads(case: Case) -> None:
    """Three threads of each call draw from one counter, and whoever draws an even number turns the sign.

    Which thread that is depends on the race. How many there are does not: one in a call, and two in the next.
    """
    rotate(case)
    together = threading.Barrier(3)

    def work() -> None:
        together.wait()
        if next(_tickets) % 2 == 0 and 0 not in case.q_out.shape:
            with _lock:
                case.q_out[..., 0] *= -1

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


_results: dict[tuple, Any] = {}


def keeps_a_result(case: Case) -> None:
    """Returns what it computed for the first inputs of this shape."""
    rotate(case)
    kind = (type(case.q_out), case.element_type, tuple(case.q_out.shape))
    kept = _results.setdefault(kind, _copy(case.q_out))
    case.q_out[...] = kept


def breaks_the_device(case: Case) -> None:
    """Reads an element that is not there, in bfloat16. A GPU then does nothing more for the process."""
    rotate(case)
    if case.element_type == "bfloat16":
        case.q_out.copy_(case.q[..., case.plan.axis + 1_000_000_000])


# ---- Memory that a tensor does not own -------------------------------------------------------------------------------


def _is_torch(tensor: Any) -> bool:
    return hasattr(tensor, "as_strided")


def _strides(tensor: Any) -> tuple[int, ...]:
    if _is_torch(tensor):
        return tuple(tensor.stride())
    return tuple(stride // tensor.itemsize for stride in tensor.strides)


def _copy(tensor: Any) -> Any:
    return tensor.clone() if _is_torch(tensor) else tensor.copy()


def _element(tensor: Any, offset: int) -> Any:
    """The element that is so far from the first, as an array of one."""
    if _is_torch(tensor):
        return tensor.as_strided((1,), (1,), tensor.storage_offset() + offset)
    return _strided(tensor, (2,), (offset,))[1:]


def _strided(tensor: Any, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """The same memory in other strides."""
    if _is_torch(tensor):
        return tensor.as_strided(shape, strides)
    module = sys.modules[type(tensor).__module__.partition(".")[0]]
    return module.lib.stride_tricks.as_strided(tensor, shape, tuple(stride * tensor.itemsize for stride in strides))
