"""Cases for a loop of one's own: inputs to run, outputs to judge, and the limits that outputs are held to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from rope_conformance._arguments import PATTERNS, case_name, shown, texts
from rope_conformance._call import laid_out
from rope_conformance._own_run import OwnRun
from rope_conformance.case import Array, Case
from rope_conformance.errors import Unusable, WrongResult
from rope_conformance.frameworks import memory_of
from rope_conformance.judge import Judge, Patterns, judge_of
from rope_conformance.report import Verdict


def case(name: str, *, framework: str | None = None, device: str | None = None, profile: str | None = None) -> Case:
    """The case of a name, with inputs to run, and the profile by which its outputs are judged. Each call makes one.

    Tensors have the case's own strides and lie between guards. `case.reset()` brings them back for another run.

    Raises `Unusable` if there is no such case, it is an invalid one, or the framework or device cannot be used.
    """
    return _case(judge_of(profile=profile, tier="full"), case_name(name), framework, device)


def cases(
    patterns: Patterns = None,
    exclude: Patterns = None,
    *,
    framework: str | None = None,
    device: str | None = None,
    profile: str | None = None,
    tier: str | None = None,
) -> Iterator[Case]:
    """The valid cases that match, one after the other, as `case` gives them.

    Raises `Unusable` if a pattern matches none.
    """
    patterns, exclude = texts("cases", patterns, PATTERNS), texts("exclude", exclude, PATTERNS)
    judge = judge_of(patterns, exclude, profile=profile, tier=tier)
    names = case_names(patterns, exclude, tier=tier)
    return (_case(judge, name, framework, device) for name in names)


def case_names(patterns: Patterns = None, exclude: Patterns = None, *, tier: str | None = None) -> list[str]:
    """The names of the valid cases that match: those that `case` opens.

    Raises `Unusable` if a pattern matches none.
    """
    judge = judge_of(patterns, exclude, tier=tier)
    names = [name for name in judge.case_names if not is_invalid(judge, name)]
    if not names:
        raise Unusable(f"cases {patterns!r}: each must be refused, which only check can tell")
    return names


def is_invalid(judge: Judge, name: str) -> bool:
    """Whether a case must be refused."""
    return judge.describe(name)["workload"].get("invalid_value") is not None


class Limit(NamedTuple):
    """What the elements of one output are held to: float64 arrays of its shape."""

    expected: np.ndarray
    """The exact result, rounded to float64."""
    limit: np.ndarray
    """The largest error. 0 where bits are copied, infinity where nothing is judged."""


def limit(case: Case) -> tuple[Limit, ...]:
    """The limits of each of `case.tensors()`, under the rules that the case was opened with.

    Raises `Unusable` if it is no case, or the goldens have none of its name.
    """
    _check(case)
    run, limits = _run_of(case), []
    for index, (tensor, _) in enumerate(case.tensors()):
        shape = tuple(case.bshd(tensor).shape)
        expected, largest = np.empty(shape), np.empty(shape)
        run.limits(index, expected, largest)
        limits.append(Limit(laid_out(expected, case.layout), laid_out(largest, case.layout)))
    return tuple(limits)


def assert_close(q_out: Array, k_out: Array | None, case: Case) -> Verdict:
    """Judges the rotated Q and K of a case; `k_out` is None where the case has no K. Returns the verdict.

    They can be `case.q_out` and `case.k_out`, or arrays of any library with DLPack. Changed inputs and lists, and
    writes outside of the outputs, are found in either case, except with JAX, whose arrays cannot be written.

    Raises `DoesNotConform`, an `AssertionError` with the explained verdict, if it does not conform; `WrongResult` if
    the arrays have another type or shape than the case's; and `Unusable` if `case` is no case, its own outputs are
    judged again without `case.reset()`, or the goldens have no such case.
    """
    __tracebackhide__ = True
    _check(case, "; the order is assert_close(q_out, k_out, case)")
    if case.k is None and k_out is not None:
        raise WrongResult(f"case {case.name}: has no K, so k_out must be None")
    verdict = _run_of(case).verdict([q_out] if case.k is None else [q_out, k_out])
    verdict.assert_conforms()
    return verdict


def _case(judge: Judge, name: str, framework: str | None, device: str | None) -> Case:
    run = OwnRun(judge, name, memory_of(framework, device))
    return replace(run.case, own_run=run)


def _check(case: object, advice: str = "") -> None:
    """Raises `Unusable` for what is no case."""
    __tracebackhide__ = True
    if not isinstance(case, Case):
        raise Unusable(f"case {shown(case)}: must be a case of rope_conformance.case or cases{advice}")


def _run_of(case: Case) -> OwnRun:
    """The run that a case came with, or a new one of the same name for a case of a file."""
    return OwnRun(judge_of(tier="full"), case.name, memory_of()) if case.own_run is None else case.own_run
