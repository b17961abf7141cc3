"""Goldens, rules and selected cases, as the library opens them."""

from __future__ import annotations

import copy
import ctypes
import functools
import json
import weakref
from collections.abc import Callable, Iterable
from typing import Any

from rope_conformance import _header as header
from rope_conformance._backend import Backend, Candidate
from rope_conformance._call import Call, read_call
from rope_conformance._desk import Desk
from rope_conformance._header import FAILED, OK, Progress
from rope_conformance._library import library
from rope_conformance._places import environment
from rope_conformance.errors import Unusable

Patterns = str | Iterable[str] | None
"""Patterns of case names: `*` is any run of characters but `/`, `**` any run at all, and a pattern may end early."""


def judge_of(
    cases: Patterns = None,
    exclude: Patterns = None,
    *,
    profile: str | None = None,
    tolerances: str | Iterable[str] | None = None,
    runs: int | None = None,
    tier: str | None = None,
) -> Judge:
    """The judge with some settings. Judges are kept, because opening one reads the list of all goldens.

    Raises `Unusable` if a setting cannot be used, or there are no goldens.
    """
    cases = _listed(cases)
    if cases == []:
        raise Unusable("cases is an empty list; None selects all")
    found = environment()
    settings = {
        "goldens": found["ROPE_FIXTURES"],
        "tolerances_file": found["ROPE_TOLERANCES_FILE"],
        "cases": cases,
        "exclude": _listed(exclude),
        "profile": profile,
        "tolerances": _listed(tolerances),
        "runs": runs,
        "tier": tier,
        # A function says that it does not do a case when it is called, not before.
        "apply_may_refuse": True,
    }
    return _judge(json.dumps({key: value for key, value in settings.items() if value is not None}))


def _listed(patterns: Patterns) -> list[str] | None:
    return [patterns] if isinstance(patterns, str) else None if patterns is None else list(patterns)


@functools.lru_cache(maxsize=32)
def _judge(settings: str) -> Judge:
    return Judge(settings)


class Judge:
    """An open `rope_judge`."""

    def __init__(self, settings: str) -> None:
        self._library = library()
        self._handle = self._library.handle("rope_judge_open", settings.encode())
        weakref.finalize(self, self._library.close, "rope_judge_close", self._handle)
        self._descriptions: dict[str, dict[str, Any]] = {}

    @functools.cached_property
    def case_names(self) -> list[str]:
        """The selected cases, in order."""
        names: list[str] = json.loads(self._library.text("rope_judge_case_names", self._handle))
        return names

    def describe(self, case_name: str) -> dict[str, Any]:
        """What a call does not say of its case: layout, direction, configuration and workload."""
        if (known := self._descriptions.get(case_name)) is None:
            text = self._library.text("rope_judge_describe", self._handle, case_name.encode())
            known = {key: value for key, value in json.loads(text).items() if key in _DESCRIBED}
            self._descriptions[case_name] = known
        # A function may change what it is given.
        return copy.deepcopy(known)

    def run(self, candidate: Candidate, progress: Callable[[str], None]) -> tuple[int, Backend]:
        """Runs a candidate on the selected cases. `progress` is given the JSON object of each.

        Returns the report's handle, and the backend that ran.

        Raises what `progress` raises.
        """
        desk = Desk()
        backend = Backend(candidate, self.describe, desk)

        def judged(_: int, line: bytes) -> int:
            try:
                desk.ask(lambda: progress(line.decode()))
            except BaseException:
                return FAILED
            return OK

        progressing = Progress(judged)
        structs = ctypes.byref(backend.backend), ctypes.byref(backend.memory)
        handle = desk.serve(lambda: self._library.handle("rope_judge_run", self._handle, *structs, progressing, None))
        return handle, backend

    def check(self, case_name: str, candidate: Candidate) -> str:
        """The verdict on one case, as a JSON object."""
        desk = Desk()
        backend = Backend(candidate, self.describe, desk)
        structs = ctypes.byref(backend.backend), ctypes.byref(backend.memory)
        verdict: str = desk.serve(
            lambda: self._library.text("rope_judge_check", self._handle, case_name.encode(), *structs)
        )
        return verdict

    def open(self, case_name: str) -> OpenCase:
        """Opens a case for a caller that runs it."""
        return OpenCase(self._library.handle("rope_case_open", self._handle, case_name.encode()))


_DESCRIBED = ("layout", "direction", "configuration", "workload")


class OpenCase:
    """An open `rope_case`, in whose memory the tensors of its call lie."""

    def __init__(self, handle: int) -> None:
        self._library = library()
        self._handle = handle
        weakref.finalize(self, self._library.close, "rope_case_close", handle)

    def call(self) -> Call:
        """Its call."""
        address = self._library.value("rope_case_call", self._handle)
        return read_call(ctypes.cast(address, ctypes.POINTER(header.rope_call)).contents)

    def verdict(self, query: header.rope_tensor, key: header.rope_tensor | None) -> str:
        """The verdict on some outputs, as a JSON object."""
        pointers = ctypes.byref(query), None if key is None else ctypes.byref(key)
        return self._library.text("rope_case_judge", self._handle, *pointers)

    def limits(self, tensor: int, expected: int, limits: int, count: int) -> None:
        """Writes expected values and limits of Q (0) or K (1) to the addresses of float64 arrays."""
        self._library.call("rope_case_limits", self._handle, tensor, expected, limits, count)
