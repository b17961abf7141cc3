"""One call of a user's function: its case, what it returns, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rope_conformance._call import Call, case_of, changed_list, laid_out
from rope_conformance._function import Function, described
from rope_conformance._header import FAILED, OK, UNSUPPORTED
from rope_conformance.case import Case
from rope_conformance.errors import Unsupported, WrongResult
from rope_conformance.frameworks.memory import Memory, check_kind


@dataclass(frozen=True)
class Outcome:
    """What became of a call."""

    status: int
    """One of `rope_backend.h`."""
    text: str = ""
    """The reason, if the status is not OK."""
    returned: bool = False
    """Whether the function returned new tensors, which then were copied into the outputs."""
    error: BaseException | None = field(default=None, compare=False)
    """What the function raised in this process, if that is the reason."""


def rotate(function: Function, call: Call, about: dict[str, Any], memory: Memory) -> Outcome:
    """Calls a function; when this returns, all of its work is done."""
    # pytest shows the function's own frames.
    __tracebackhide__ = True
    try:
        try:
            case = case_of(call, about, memory)
            with memory.as_current():
                result = called(function, case)
            # What was returned may still be written, on any stream.
            memory.synchronize()
            returned = result is not None and _fill(result, call, case, memory)
        finally:
            # A function that raises may have begun work.
            memory.synchronize()
    except Unsupported as error:
        return Outcome(UNSUPPORTED, str(error) or "no reason given")
    except WrongResult as error:
        return Outcome(FAILED, str(error))
    except (Exception, SystemExit) as error:
        return Outcome(FAILED, described(error, function), error=error)
    if memory.gives_views and (name := changed_list(call, case, memory)):
        return Outcome(FAILED, f"changed {name}, which it may only read")
    return Outcome(OK, returned=returned)


def called(function: Function, case: Case) -> object:
    """What a function returns. Numpy does not warn, because some cases overflow or hold infinities on purpose."""
    __tracebackhide__ = True
    with np.errstate(over="ignore", invalid="ignore"):
        return function(case)


def _fill(result: object, call: Call, case: Case, memory: Memory) -> bool:
    """Copies what a function returned into the outputs. Whether there was anything to copy.

    Raises `WrongResult` if it is not the tensors that it should be.
    """
    tensors = checked(result, case)
    if case.q_out is not None and all(a is b for a, b in zip(tensors.values(), case.outputs(), strict=True)):
        return False
    for (name, tensor), place in zip(tensors.items(), (call.q_out, call.k_out), strict=False):
        assert place is not None
        output = laid_out(memory.output(place), case.layout)
        array = memory.taken(tensor, name)
        check_kind(array, place.element_type, output.shape, name)
        memory.fill(output, array)
    return True


def checked(result: object, case: Case) -> dict[str, Any]:
    """What a function returned, by name.

    Raises `WrongResult` if it is not a tuple of as many tensors as the case has.
    """
    names = ["q"] if case.k is None else ["q", "k"]
    pronoun = "it is" if case.k is None else "they are"
    wanted = f"a tuple of {' and '.join(map(str.upper, names))}, or None if {pronoun} in the case's outputs"
    if not isinstance(result, tuple):
        raise WrongResult(f"returned {type(result).__name__}, must be {wanted}")
    if len(result) != len(names):
        raise WrongResult(f"returned a tuple of {len(result)}, must be {wanted}")
    return dict(zip(names, result, strict=True))
