"""Cases for a loop of one's own: inputs to run, outputs to judge, and the limits that outputs are held to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from rope_conformance import _header as header
from rope_conformance._call import Call, case_of, laid_out
from rope_conformance.case import Array, Case
from rope_conformance.errors import Unusable
from rope_conformance.frameworks import host, memory_of
from rope_conformance.frameworks._numpy import BorrowedMemory, check_array
from rope_conformance.frameworks.memory import ALIGNMENT, Memory
from rope_conformance.judge import Judge, OpenCase, Patterns, judge_of
from rope_conformance.report import Verdict


def case(
    name: str, *, framework: str | None = None, device: str | None = None, profile: str | None = None
) -> Case:
    """The case of a name, with inputs to run, and the profile by which its outputs are judged. Each call gives a new one.

    Tensors have the case's own strides. With numpy they lie between guards, and `assert_close` finds what is written
    outside of `q_out` and `k_out`; for another framework they are copies.

    Raises `Unusable` if there is no such case, it is an invalid one, or the framework or device cannot be used.
    """
    return _case(judge_of(profile=profile, tier="full"), name, framework, device)


def cases(
    patterns: Patterns = None,
    exclude: Patterns = None,
    *,
    framework: str | None = None,
    device: str | None = None,
    profile: str | None = None,
) -> Iterator[Case]:
    """The valid cases that match, one after the other, as `case` gives them.

    Raises `Unusable` if a pattern matches none.
    """
    judge = judge_of(patterns, exclude, profile=profile)
    for name in case_names(patterns, exclude):
        yield _case(judge, name, framework, device)


def case_names(patterns: Patterns = None, exclude: Patterns = None) -> list[str]:
    """The names of the valid cases that match: those that `case` opens.

    Raises `Unusable` if a pattern matches none.
    """
    judge = judge_of(patterns, exclude)
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
    """The limits of each of `case.tensors()`, under the default rules.

    Raises `Unusable` if the goldens have no such case.
    """
    opened, limits = _opened(case), []
    for index, (tensor, _) in enumerate(case.tensors()):
        shape = tuple(case.bshd(tensor).shape)
        expected, largest = np.empty(shape), np.empty(shape)
        opened.limits(index, expected.ctypes.data, largest.ctypes.data, expected.size)
        limits.append(Limit(laid_out(expected, case.layout), laid_out(largest, case.layout)))
    return tuple(limits)


def assert_close(q_out: Array, k_out: Array | None, case: Case) -> Verdict:
    """Judges the rotated Q and K of a case; `k_out` is None where the case has no K. Returns the verdict.

    Raises `DoesNotConform`, an `AssertionError` with the explained verdict, if it does not conform; `WrongResult` if
    the arrays have another type or shape than the case's; and `Unusable` if the goldens have no such case.
    """
    query = _tensor(case, case.q, q_out, "q")
    key = None if case.k is None else _tensor(case, case.k, k_out, "k")
    verdict = Verdict(_opened(case).verdict(query, key))
    verdict.assert_conforms()
    return verdict


def _case(judge: Judge, name: str, framework: str | None, device: str | None) -> Case:
    opened, memory = judge.open(name), memory_of(framework, device)
    call = opened.call()
    if memory.framework == "numpy":
        memory = BorrowedMemory(opened)
    else:
        call = _copied(call, memory)
    return replace(case_of(call, judge.describe(name), memory), opened=opened)


def _copied(call: Call, memory: Memory) -> Call:
    """A call whose tensors are copies in other memory. Those that overlap still do."""
    spans: list[list[int]] = []
    for start, end in sorted((place.address, place.address + place.byte_count) for place in call.places()):
        if spans and start < spans[-1][1]:
            spans[-1][1] = max(end, spans[-1][1])
        else:
            spans.append([start, end])
    distances = {}
    for start, end in spans:
        # As far from a multiple of the alignment as before.
        skipped = start % ALIGNMENT
        base = memory.allocate(skipped + end - start)
        memory.write(base, skipped, start, end - start)
        distances[start] = base + skipped - start
    return call.moved(
        {
            place.address: place.address + distances[max(s for s in distances if s <= place.address)]
            for place in call.places()
        }
    )


def _opened(case: Case) -> OpenCase:
    """The open case that a case came from, or the one of its name."""
    return judge_of(tier="full").open(case.name) if case.opened is None else case.opened


def _tensor(case: Case, wanted: Array, found: Array, name: str) -> header.rope_tensor:
    """An output as the library takes it. It keeps the array."""
    values = case.bshd(check_array(host(found), case.element_type, tuple(wanted.shape), name))
    if any(stride % values.itemsize for stride in values.strides):
        # The fields of a structured array are between elements.
        values = values.copy()
    tensor = header.rope_tensor(
        data=values.ctypes.data,
        element_type=header.ELEMENT_NUMBERS[case.element_type],
        shape=values.shape,
        strides=tuple(stride // values.itemsize for stride in values.strides),
        alignment=case.alignment(values),
    )
    tensor.array = values
    return tensor
