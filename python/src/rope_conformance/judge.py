"""Goldens, rules and selected cases, as the library opens them."""

from __future__ import annotations

import contextlib
import copy
import ctypes
import functools
import json
import os
import weakref
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from rope_conformance import _header as header
from rope_conformance._arguments import PATTERNS, counted, shown, texts, whole
from rope_conformance._backend import Backend
from rope_conformance._call import Call, read_call
from rope_conformance._header import FAILED, OK, Progress
from rope_conformance._library import library
from rope_conformance._places import environment
from rope_conformance.errors import Unusable

Patterns = str | Iterable[str] | None
"""Patterns of case names: `*` is any run of characters but `/`, `**` any run at all, and a pattern may end early."""

TIERS = ("default", "full")
"""Which cases there are: `full` adds those of millions of elements."""

Rules = str | os.PathLike[str] | Iterable[str] | None
"""Rules `cases = budget because reason`, or a file that takes the place of tolerances.yaml."""

_RULE = "'cases = budget because reason'"


def judge_of(
    cases: Patterns = None,
    exclude: Patterns = None,
    *,
    profile: str | None = None,
    tolerances: Rules = None,
    runs: int | None = None,
    tier: str | None = None,
) -> Judge:
    """The judge with some settings. Judges are kept, because opening one reads the list of all goldens.

    Raises `Unusable` if a setting cannot be used, or there are no goldens.
    """
    cases, exclude = texts("cases", cases, PATTERNS), texts("exclude", exclude, PATTERNS)
    if cases == []:
        raise Unusable("cases is an empty list; None selects all")
    if not isinstance(profile, str | None):
        raise Unusable(f"profile {shown(profile)}: must be the name of a profile, such as 'strict'")
    if tier not in (None, *TIERS):
        raise Unusable(f"tier {tier!r}: must be {' or '.join(map(repr, TIERS))}")
    found = environment()
    file, rules = _rules(tolerances)
    settings = {
        "goldens": found["ROPE_FIXTURES"],
        "tolerances_file": found["ROPE_TOLERANCES_FILE"] if file is None else file,
        "cases": cases,
        "exclude": exclude,
        "profile": profile,
        "tolerances": rules,
        "runs": None if runs is None else whole("runs", runs),
        "tier": tier,
        # A function says that it does not do a case when it is called, not before.
        "apply_may_refuse": True,
    }
    return _judge(json.dumps({key: value for key, value in settings.items() if value is not None}))


def _rules(tolerances: Rules) -> tuple[str | None, list[str] | None]:
    """The file and the rules that are given; None for either that is not."""
    if isinstance(tolerances, os.PathLike):
        file = os.fsdecode(tolerances)
    else:
        rules = texts("tolerances", tolerances, f"must be a rule {_RULE}, several, or a file")
        # A rule has an equals sign.
        if rules is None or len(rules) != 1 or "=" in rules[0]:
            return None, rules
        file = rules[0]
    if not Path(file).is_file():
        raise Unusable(f"tolerances {file!r}: is no file, and no rule, which is written {_RULE}")
    return file, None


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

    def run(self, backend: Backend, progress: Callable[[str], None]) -> int:
        """Runs a backend on the selected cases. `progress` is given the JSON object of each.

        Returns the report's handle.

        Raises what `progress` raises.
        """

        def judged(_: int, line: bytes) -> int:
            try:
                backend.desk.ask(lambda: progress(line.decode()))
            except BaseException:
                return FAILED
            return OK

        progressing = Progress(judged)
        structs = ctypes.byref(backend.backend), ctypes.byref(backend.memory)
        handle: int = backend.desk.serve(
            lambda: self._library.handle("rope_judge_run", self._handle, *structs, progressing, None)
        )
        return handle

    def check(self, case_name: str, backend: Backend) -> str:
        """The verdict on one case, as a JSON object."""
        structs = ctypes.byref(backend.backend), ctypes.byref(backend.memory)
        with _named(case_name):
            verdict: str = backend.desk.serve(
                lambda: self._library.text("rope_judge_check", self._handle, case_name.encode(), *structs)
            )
        return verdict

    def open(self, case_name: str) -> OpenCase:
        """Opens a case for a caller that runs it."""
        with _named(case_name):
            return OpenCase(self._library.handle("rope_case_open", self._handle, case_name.encode()))


@contextlib.contextmanager
def _named(case_name: str) -> Iterator[None]:
    """Says of a pattern in place of a name that it is one."""
    try:
        yield
    except Unusable as error:
        try:
            first, *others = judge_of(case_name, tier="full").case_names
        except Unusable:
            raise error from None
        if case_name == first:
            raise
        matching = f"{counted(len(others) + 1, 'case')} {'match' if others else 'matches'}"
        raise Unusable(
            f"case {case_name!r}: is a pattern, which {matching}; name one, such as {first!r}, "
            f"or give the pattern to rope_conformance.cases or check"
        ) from None


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

    def reset(self) -> None:
        """Brings its memory to its state before the first use."""
        self._library.call("rope_case_reset", self._handle)

    def verdict(self, query: header.rope_tensor, key: header.rope_tensor | None = None) -> str:
        """The verdict on some outputs, as a JSON object."""
        pointers = ctypes.byref(query), None if key is None else ctypes.byref(key)
        return self._library.text("rope_case_judge", self._handle, *pointers)

    def limits(self, tensor: int, expected: int, limits: int, count: int) -> None:
        """Writes expected values and limits of Q (0) or K (1) to the addresses of float64 arrays."""
        self._library.call("rope_case_limits", self._handle, tensor, expected, limits, count)
