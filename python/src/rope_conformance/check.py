"""Judging a function: all cases, or one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rope_conformance._backend import Candidate
from rope_conformance._call import Call
from rope_conformance._rotation import Function, Outcome, function_named, name_of, rotate
from rope_conformance.errors import Unusable
from rope_conformance.frameworks import memory_of
from rope_conformance.isolated import Child
from rope_conformance.judge import Patterns, judge_of
from rope_conformance.report import Report, Verdict

TIMEOUT = 60.0
"""Seconds that a call may take in a child process."""


def check(
    function: Function | str,
    cases: Patterns = None,
    exclude: Patterns = None,
    *,
    framework: str | None = None,
    device: str | None = None,
    profile: str | None = None,
    tolerances: str | Iterable[str] | None = None,
    runs: int | None = None,
    tier: str | None = None,
    isolated: bool = False,
    timeout: float = TIMEOUT,
    progress: Callable[[Verdict], None] | None = None,
) -> Report:
    """Judges a function on the selected cases.

    - function: takes a `Case`, and writes into its outputs or returns new tensors; or its name, as `module:function`.
    - cases, exclude: patterns of case names, such as `llama-3.1-8b` or `*/bf16/**`.
    - framework: `numpy`, `torch`, `cupy` or `jax`; by default numpy on the CPU, and torch on another device.
    - device: `cpu`, `cuda` or `cuda:1`.
    - profile, tolerances, runs, tier: as the options of `rope-conformance run`.
    - isolated: whether the function runs in a child process, which never holds expected values and whose crash or hang
      fails one case. Then the function must be at the top of a module, or a name. Otherwise it runs in this process and
      thread.
    - timeout: seconds that a call may take in a child process.
    - progress: is given each verdict as soon as there is one.

    Raises `Unusable` if the function, a setting or the device cannot be used.
    """
    judge = judge_of(cases, exclude, profile=profile, tolerances=tolerances, runs=runs, tier=tier)
    verdicts: list[Verdict] = []

    def judged(line: str) -> None:
        verdicts.append(Verdict(line))
        if progress is not None:
            progress(verdicts[-1])

    with candidate_of(function, framework, device, isolated, timeout) as candidate:
        handle, backend = judge.run(candidate, judged)
        return Report(handle, verdicts, not_checked(candidate, backend.returned_count))


def check_case(
    function: Function | str,
    name: str,
    *,
    framework: str | None = None,
    device: str | None = None,
    profile: str | None = None,
    tolerances: str | Iterable[str] | None = None,
    runs: int | None = None,
    isolated: bool = False,
    timeout: float = TIMEOUT,
) -> Verdict:
    """Judges a function on the case of a name. The arguments are those of `check`.

    Raises `Unusable` if there is no such case, or what `check` raises it for.
    """
    # Computed cases of every size can be named.
    judge = judge_of(profile=profile, tolerances=tolerances, runs=runs, tier="full")
    with candidate_of(function, framework, device, isolated, timeout) as candidate:
        return Verdict(judge.check(name, candidate))


def not_checked(candidate: Candidate, returned_count: int) -> list[str]:
    """What the judge cannot see of a candidate that returned new tensors in some calls."""
    if not candidate.gives_views:
        return [
            "memory layouts, in-place calls, changed inputs and writes outside the outputs: "
            "the framework's arrays cannot be written, so inputs are copies and outputs are returned"
        ]
    if returned_count:
        return [
            f"strides of outputs and writes in place, in {returned_count} calls: the function returned new tensors, "
            "which were copied into the outputs"
        ]
    return []


# ---- Candidates ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def candidate_of(
    function: Function | str, framework: str | None, device: str | None, isolated: bool, timeout: float
) -> Iterator[Candidate]:
    """A function that is ready to be called, with its memory."""
    if not callable(function) and not isinstance(function, str):
        raise Unusable(f"function {function!r}: is not a function")
    if isolated:
        if timeout <= 0:
            raise Unusable(f"timeout {timeout:g} s: must be more than 0")
        with Child(function, framework, device, timeout) as child:
            yield child
    else:
        yield InThisProcess(function, framework, device)


class InThisProcess:
    """A function that is called here."""

    def __init__(self, function: Function | str, framework: str | None, device: str | None) -> None:
        self.name = name_of(function)
        self._function = function_named(function) if isinstance(function, str) else function
        self.allocator = memory_of(framework, device)
        self.gives_views = self.allocator.gives_views
        self.description = f"{self.name} with {self.allocator.framework} on {self.allocator.device}, in this process"

    def rotate(self, call: Call, about: dict[str, Any]) -> Outcome:
        return rotate(self._function, call, about, self.allocator)
