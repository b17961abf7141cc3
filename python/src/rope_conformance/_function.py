"""A user's function: how it is named, found and described."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rope_conformance.case import Array, Case
from rope_conformance.errors import Unusable

Function = Callable[[Case], "tuple[Array, ...] | None"]
"""What is judged. It writes Q and K, rotated, into the outputs of the case and returns None; or it returns them, or Q
alone where the case has no K, as a tuple of new tensors in their element type and shape."""


def usable(function: Function | str) -> Function:
    """The function itself, or the one of a name.

    Raises `Unusable` if there is none, or it does not run when it is called.
    """
    found = _named(function) if isinstance(function, str) else function
    if not callable(found):
        raise Unusable(f"function {function}: is not a function")
    if inspect.isclass(_code_owner(found)):
        raise Unusable(f"function {name_of(function)}: is a class: give an instance of it")
    for kind, test in (
        ("a generator", inspect.isgeneratorfunction),
        ("an async function", inspect.iscoroutinefunction),
        ("an async generator", inspect.isasyncgenfunction),
    ):
        if test(_code_owner(found)):
            name = name_of(function)
            raise Unusable(f"function {name}: is {kind}, which does not run when it is called; call it in a plain one")
    return found


def _named(text: str) -> Any:
    """What `module:function` or `path/to/file.py:function` names. The module is looked for in its folder first, or in
    the current one."""
    module, _, name = text.rpartition(":")
    if not module or not name:
        raise Unusable(f"function {text}: must be module:function or file.py:function")
    path = Path(module)
    is_file = path.suffix == ".py"
    if is_file and not path.is_file():
        raise Unusable(f"function {text}: there is no file {module}")
    folder = str(path.parent if is_file else Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        found = importlib.import_module(path.stem if is_file else module)
        function = getattr(found, name)
    except (Exception, SystemExit) as error:
        kind = "" if isinstance(error, (ImportError, AttributeError, SyntaxError)) else f"{type(error).__name__}: "
        raise Unusable(f"function {text}: {kind}{error}") from error
    file = getattr(found, "__file__", None)
    if is_file and (file is None or Path(file).resolve() != path.resolve()):
        raise Unusable(f"function {text}: another module {path.stem} is imported, {file}; give the file another name")
    return function


def name_of(function: Any) -> str:
    """What reports call a function: `module:function`."""
    if isinstance(function, str):
        return function
    if isinstance(function, functools.partial):
        return name_of(function.func)
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return f"{getattr(function, '__module__', '__main__')}:{name}"


def described(error: BaseException, function: Function) -> str:
    """An error in one line, with the innermost place in the function's own file."""
    frames = traceback.extract_tb(error.__traceback__)
    own = getattr(getattr(_code_owner(function), "__code__", None), "co_filename", None)
    frame = [frame for frame in frames if frame.filename == own or own is None][-1:]
    place = "".join(f" ({Path(frame.filename).name}:{frame.lineno})" for frame in frame)
    return " ".join(f"{type(error).__name__}: {error}".split()) + place


def _code_owner(function: Any) -> Any:
    """The function with the code: inside a partial, or the method that calls an object."""
    while isinstance(function, functools.partial):
        function = function.func
    return function if inspect.isroutine(function) or inspect.isclass(function) else type(function).__call__
