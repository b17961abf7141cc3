"""A function as a backend of the C interface, and a framework's memory as its memory."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

from rope_conformance import _header as header
from rope_conformance._call import Call, read_call
from rope_conformance._desk import Desk
from rope_conformance._header import FAILED, OK, UNSUPPORTED
from rope_conformance._rotation import Outcome
from rope_conformance.frameworks.memory import Allocator
from rope_conformance.report import not_checked, notes_on


class Candidate(Protocol):
    """A function that can be called, here or elsewhere."""

    name: str
    description: str
    """One line: what runs on what, and in which process."""
    gives_views: bool
    """Whether the function can write into the tensors."""

    @property
    def allocator(self) -> Allocator:
        """Where the judge puts the tensors."""

    def rotate(self, call: Call, about: dict[str, Any]) -> Outcome:
        """Calls the function. When it returns, all of its work is done."""


class Backend:
    """The structs `rope_backend` and `rope_memory` of a candidate. It must outlive the call that is given them."""

    def __init__(self, candidate: Candidate, describe: Callable[[str], dict[str, Any]]) -> None:
        self.desk = Desk()
        """Where the judge's threads ask for calls of the function."""
        self.raised: BaseException | None = None
        """What the function raised last in this process."""
        self._returned: Counter[str] = Counter()
        self._candidate, self._describe = candidate, describe
        self.backend = header.rope_backend(
            major_version=header.BACKEND_VERSION[0],
            minor_version=header.BACKEND_VERSION[1],
            name=candidate.name.encode(),
            description=candidate.description.encode(),
            # A function is not asked whether it supports a call: it says so when it is called.
            supports=header.Rotation(lambda *_: OK),
            apply=header.Rotation(self._apply),
        )
        self.memory = header.rope_memory(
            allocate=header.Allocate(self._allocate),
            write=header.Copy(_guarded(candidate.allocator.write)),
            read=header.Copy(_guarded(candidate.allocator.read)),
            release=header.Release(lambda _, address: candidate.allocator.release(address)),
        )

    def not_checked(self, case_name: str | None = None) -> list[str]:
        """What the judge could not see of one case, or of all."""
        count = self._returned.total() if case_name is None else self._returned[case_name]
        return not_checked(self._candidate.gives_views, count)

    def notes_on(self, case_name: str) -> list[str]:
        """What the verdict on a case says of its call."""
        return notes_on(self._describe(case_name), self._candidate.description, self.not_checked(case_name))

    def _apply(self, _: int, call: Any, error: Any) -> int:
        try:
            outcome = self._outcome(call.contents)
        except BaseException as raised:
            outcome = Outcome(FAILED, f"the call could not be made: {type(raised).__name__}: {raised}")
        _write(outcome.text, error)
        return outcome.status

    def _outcome(self, call: header.rope_call) -> Outcome:
        values = read_call(call)
        about = self._describe(values.name)
        outcome: Outcome = self.desk.ask(lambda: self._candidate.rotate(values, about))
        self._returned[values.name] += outcome.returned is True
        self.raised = outcome.error or self.raised
        return outcome

    def _allocate(self, _: int, byte_count: int, data: Any, error: Any) -> int:
        try:
            data[0] = self._candidate.allocator.allocate(byte_count)
        except BaseException as raised:
            _write(f"{byte_count} bytes cannot be allocated: {type(raised).__name__}: {raised}", error)
            # A case that does not fit is not the function's failure.
            return UNSUPPORTED if isinstance(raised, MemoryError) else FAILED
        return OK


def _guarded(copy: Callable[[int, int, int, int], None]) -> Callable[..., int]:
    """`write` or `read` with a status in place of an exception."""

    def guarded(_: int, data: int, offset: int, bytes_: int, count: int, error: Any) -> int:
        try:
            copy(data, offset, bytes_, count)
        except BaseException as raised:
            _write(f"{count} bytes cannot be copied: {type(raised).__name__}: {raised}", error)
            return FAILED
        return OK

    return guarded


def _write(text: str, error: Any) -> None:
    """Puts a text into the buffer of a `rope_error`, without half a character at its end."""
    if not error or not error.contents.text:
        return
    found = error.contents
    kept = text.encode(errors="replace")[: found.capacity].decode(errors="ignore").encode()
    ctypes.memmove(found.text, kept, len(kept))
