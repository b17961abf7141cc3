"""One call of a user's function: its case, what it returns, and what becomes of it."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rope_conformance._call import Call, case_of, changed_list, laid_out
from rope_conformance._header import FAILED, OK, UNSUPPORTED
from rope_conformance.case import Array, Case
from rope_conformance.errors import Unsupported, Unusable, WrongResult
from rope_conformance.frameworks.memory import Memory

Function = Callable[[Case], "tuple[Array, ...] | None"]
"""What is judged. It writes Q and K, rotated, into the outputs of the case and returns None; or it returns them, or Q
alone where the case has no K, as a tuple of new tensors in their element type and shape."""


@dataclass(frozen=True)
class Outcome:
    """What became of a call."""

    status: int
    """One of `rope_backend.h`."""
    text: str = ""
    """The reason, if the status is not OK."""
    returned: bool = False
    """Whether the function returned new tensors, which then were copied into the outputs."""


def rotate(function: Function, call: Call, about: dict[str, Any], memory: Memory) -> Outcome:
    """Calls a function; when this returns, all of its work is done."""
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
        return Outcome(FAILED, described(error, function))
    if memory.gives_views and (name := changed_list(call, case, memory)):
        return Outcome(FAILED, f"changed {name}, which it may only read")
    return Outcome(OK, returned=returned)


def called(function: Function, case: Case) -> object:
    """What a function returns. Numpy does not warn, because some cases overflow or hold infinities on purpose."""
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
        memory.fill(laid_out(memory.output(place), case.layout), tensor, name)
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


def described(error: BaseException, function: Function) -> str:
    """An error in one line, with the innermost place in the function's own file."""
    frames = traceback.extract_tb(error.__traceback__)
    own = getattr(getattr(function, "__code__", None), "co_filename", None)
    frame = [frame for frame in frames if frame.filename == own or own is None][-1:]
    place = "".join(f" ({Path(frame.filename).name}:{frame.lineno})" for frame in frame)
    return " ".join(f"{type(error).__name__}: {error}".split()) + place


def function_named(text: str) -> Function:
    """The function that `module:function` or `path/to/file.py:function` names. Its folder, or the current one, is where
    the module is looked for first.

    Raises `Unusable` if there is none.
    """
    module, _, name = text.rpartition(":")
    if not module or not name:
        raise Unusable(f"function {text}: must be module:function or file.py:function")
    path = Path(module)
    is_file = path.suffix == ".py"
    folder = str(path.parent if is_file else Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        found = importlib.import_module(path.stem if is_file else module)
        function: Function = getattr(found, name)
    except Exception as error:
        kind = "" if isinstance(error, (ImportError, AttributeError, SyntaxError)) else f"{type(error).__name__}: "
        raise Unusable(f"function {text}: {kind}{error}") from error
    file = getattr(found, "__file__", None)
    if is_file and (file is None or Path(file).resolve() != path.resolve()):
        raise Unusable(f"function {text}: another module {path.stem} is imported, {file}; give the file another name")
    if not callable(function):
        raise Unusable(f"function {text}: is not a function")
    return function


def name_of(function: Function | str) -> str:
    """What reports call a function: `module:function`."""
    if isinstance(function, str):
        return function
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return f"{getattr(function, '__module__', '__main__')}:{name}"
