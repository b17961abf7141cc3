"""The judge as a C library, loaded into this process."""

from __future__ import annotations

import ctypes
import functools
from ctypes import byref, c_char_p, c_int, c_uint32, c_void_p
from typing import Any

from rope_conformance._header import FUNCTIONS, JUDGE_VERSION, OK, rope_error
from rope_conformance._places import places
from rope_conformance.errors import Unusable

ERROR_CAPACITY = 4096
_WORDS = {
    "rope_judge_case_names() shows all names": "rope_conformance.case_names() shows all names",
    "'list' shows all names": "rope_conformance.case_names() shows all names",
    "'budgets' shows all names": "the command 'rope-conformance budgets' shows all names",
}
"""What the library's texts name for other callers, and what it is called here."""


@functools.cache
def library() -> Library:
    """The library, loaded once in a process.

    Raises `Unusable` if it is missing, cannot be loaded or has another version.
    """
    found = places()
    return Library(str(found.existing(found.library)))


class Library:
    """Its functions, with statuses as exceptions and texts as `str`. A call lets other threads of Python run."""

    def __init__(self, path: str) -> None:
        try:
            self._functions = ctypes.CDLL(path)
        except OSError as error:
            raise Unusable(f"{path}: cannot be loaded: {error}") from error
        major, minor = c_uint32(), c_uint32()
        self._functions.rope_judge_version(byref(major), byref(minor))
        if major.value != JUDGE_VERSION[0] or minor.value < JUDGE_VERSION[1]:
            wanted = ".".join(map(str, JUDGE_VERSION))
            raise Unusable(
                f"{path}: has version {major.value}.{minor.value}, but this package needs {wanted}; reinstall it"
            )
        for name, arguments in FUNCTIONS.items():
            function = getattr(self._functions, name)
            function.argtypes, function.restype = arguments, c_int
        for name, result in {"rope_report_conforms": c_int, "rope_case_call": c_void_p}.items():
            function = getattr(self._functions, name)
            function.argtypes, function.restype = (c_void_p,), result
        for name in ("rope_judge_close", "rope_report_close", "rope_case_close", "rope_text_free"):
            function = getattr(self._functions, name)
            function.argtypes, function.restype = (c_void_p,), None

    def call(self, name: str, *arguments: Any) -> None:
        """Calls a function that returns a status.

        Raises `Unusable` with the library's text for any but ROPE_OK.
        """
        text = ctypes.create_string_buffer(ERROR_CAPACITY)
        error = rope_error(text=ctypes.addressof(text), capacity=ERROR_CAPACITY)
        status = getattr(self._functions, name)(*arguments, byref(error))
        if status != OK:
            reason = text.value.decode(errors="replace") or f"the judge gave no reason (status {status} of {name})"
            for theirs, ours in _WORDS.items():
                reason = reason.replace(theirs, ours)
            raise Unusable(reason)

    def handle(self, name: str, *arguments: Any) -> int:
        """Calls a function that opens something."""
        result = c_void_p()
        self.call(name, *arguments, byref(result))
        assert result.value is not None
        return result.value

    def text(self, name: str, *arguments: Any) -> str:
        """Calls a function that returns a text."""
        result = c_void_p()
        self.call(name, *arguments, byref(result))
        assert result.value is not None
        try:
            return ctypes.cast(result, c_char_p).value.decode()  # type: ignore[union-attr]
        finally:
            self._functions.rope_text_free(result)

    def value(self, name: str, handle: int) -> int:
        """Calls a function that cannot fail."""
        result: int = getattr(self._functions, name)(handle)
        return result

    def close(self, name: str, handle: int) -> None:
        """Closes what `handle` opened."""
        getattr(self._functions, name)(handle)
