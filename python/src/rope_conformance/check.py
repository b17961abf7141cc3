"""Judging a function: all cases, or one."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from rope_conformance._arguments import case_name, seconds, shown
from rope_conformance._backend import Backend, Candidate
from rope_conformance._call import Call
from rope_conformance._function import Function, name_of, usable
from rope_conformance._rotation import Outcome, rotate
from rope_conformance.errors import Unusable
from rope_conformance.frameworks import memory_of
from rope_conformance.isolated import Child
from rope_conformance.judge import Judge, Patterns, Rules, judge_of
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
    tolerances: Rules = None,
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
    - profile, runs: as the options of `rope-conformance run`.
    - tolerances: a rule `cases = budget because reason`, several, or a file that takes the place of tolerances.yaml.
    - tier: `default`, or `full` with cases of millions of elements.
    - isolated: whether the function runs in a child process, which never holds expected values and whose crash or hang
      fails one case. Then the function must be at the top of a module, or a name. Otherwise it runs in this process and
      thread.
    - timeout: seconds that a call may take in a child process; `float("inf")` is no limit.
    - progress: is given each verdict as soon as there is one.

    Raises `Unusable` if the function, a setting or the device cannot be used.
    """
    if progress is not None and not callable(progress):
        raise Unusable(f"progress {shown(progress)}: must be a function of a verdict")
    judge = judge_of(cases, exclude, profile=profile, tolerances=tolerances, runs=runs, tier=tier)
    verdicts: list[Verdict] = []
    with candidate_of(function, framework, device, isolated, timeout) as candidate:
        backend = Backend(candidate, judge.describe)

        def judged(line: str) -> None:
            verdicts.append(Verdict(line, backend.notes_on(json.loads(line)["name"])))
            if progress is not None:
                progress(verdicts[-1])

        handle = judge.run(backend, judged)
        return Report(handle, verdicts, backend.not_checked())


def check_case(
    function: Function | str,
    name: str,
    *,
    framework: str | None = None,
    device: str | None = None,
    profile: str | None = None,
    tolerances: Rules = None,
    runs: int | None = None,
    isolated: bool = False,
    timeout: float = TIMEOUT,
) -> Verdict:
    """Judges a function on the case of a name. The arguments are those of `check`.

    Raises `Unusable` if there is no such case, or what `check` raises it for.
    """
    name = case_name(name)
    # Computed cases of every size can be named.
    judge = judge_of(profile=profile, tolerances=tolerances, runs=runs, tier="full")
    with candidate_of(function, framework, device, isolated, timeout) as candidate:
        return judged(judge, name, candidate)


def judged(judge: Judge, name: str, candidate: Candidate) -> Verdict:
    """The verdict on one case."""
    backend = Backend(candidate, judge.describe)
    line = judge.check(name, backend)
    return Verdict(line, backend.notes_on(name), backend.raised)


# ---- Candidates ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def candidate_of(
    function: Function | str, framework: str | None, device: str | None, isolated: bool, timeout: float
) -> Iterator[Candidate]:
    """A function that is ready to be called, with its memory."""
    timeout = seconds("timeout", timeout)
    if isolated:
        with Child(function, framework, device, timeout) as child:
            yield child
    else:
        yield InThisProcess(function, framework, device)


class InThisProcess:
    """A function that is called here."""

    def __init__(self, function: Function | str, framework: str | None, device: str | None) -> None:
        self.name = name_of(function)
        self._function = usable(function)
        self.allocator = memory_of(framework, device)
        self.gives_views = self.allocator.gives_views
        self.description = f"{self.name} with {self.allocator.framework} on {self.allocator.device}, in this process"

    def rotate(self, call: Call, about: dict[str, Any]) -> Outcome:
        return rotate(self._function, call, about, self.allocator)
