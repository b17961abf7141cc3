"""A case that the caller runs: the judge's open case, and a copy of its memory for the caller's function.

The judge compares its own memory with what it was. So whatever the function did to the copy, also to inputs, lists and
the guards around tensors, is copied back before the judge looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rope_conformance import _header as header
from rope_conformance._call import Call, case_of, lists
from rope_conformance._dlpack import address_of, host
from rope_conformance.case import Array
from rope_conformance.errors import Unusable
from rope_conformance.frameworks.memory import ALIGNMENT, Memory, check_kind
from rope_conformance.judge import Judge
from rope_conformance.report import Verdict, not_checked, notes_on

GUARD = 256
"""Bytes before and after each tensor that the judge compares, too: rope_judge.h says so."""


@dataclass(frozen=True)
class _Span:
    """Bytes of the judge's memory, and where their copy is in the framework's."""

    start: int
    count: int
    block: int
    offset: int


class OwnRun:
    """An open case with its tensors in the memory of a framework."""

    def __init__(self, judge: Judge, name: str, memory: Memory) -> None:
        self._opened, self._memory = judge.open(name), memory
        self._call = self._opened.call()
        self._spans = [_copied(start, end, memory) for start, end in _guarded(self._call)]
        self._write()
        self.case = case_of(self._call.moved(self._addresses()), judge.describe(name), memory)
        """The case, without this object."""
        self._is_judged = False

    def reset(self) -> None:
        """Brings all memory to its state before the first run."""
        self._opened.reset()
        self._write()
        if self._memory.gives_views:
            for _, given, found in lists(self._call, self.case):
                found[...] = self._memory.array(given)
        self._is_judged = False

    def verdict(self, outputs: list[Array]) -> Verdict:
        """The verdict on Q and K, or Q alone.

        Raises `Unusable` if they are the case's own outputs and were judged before: a function that writes nothing
        would leave what the run before it wrote.
        """
        wanted = [tensor for tensor, _ in self.case.tensors()]
        tensors = [self._tensor(*given) for given in zip(outputs, wanted, ("q", "k"), strict=False)]
        is_own = [self._is_own(found, own) for found, own in zip(outputs, self.case.outputs(), strict=True)]
        if any(is_own):
            if self._is_judged:
                raise Unusable(
                    f"case {self.case.name}: its outputs were judged before, and can be left from that run; "
                    "call case.reset() before you run it again"
                )
            self._is_judged = True
        self._read()
        left_out = not_checked(self._memory.gives_views, 0 if all(is_own) else 1)
        return Verdict(self._opened.verdict(*tensors), notes_on(vars(self.case), None, left_out))

    def limits(self, tensor: int, expected: np.ndarray, limits: np.ndarray) -> None:
        """Fills arrays with the expected values and limits of Q (0) or K (1)."""
        self._opened.limits(tensor, expected.ctypes.data, limits.ctypes.data, expected.size)

    def _write(self) -> None:
        for span in self._spans:
            self._memory.write(span.block, span.offset, span.start, span.count)

    def _read(self) -> None:
        self._memory.synchronize()
        for span in self._spans:
            self._memory.read(span.block, span.offset, span.start, span.count)
        if self._memory.gives_views:
            for _, given, found in lists(self._call, self.case):
                given[...] = self._memory.values(found)

    def _addresses(self) -> dict[int, int]:
        """Where each tensor of the call is in the framework's memory, by its address in the judge's."""
        return {
            place.address: span.block + span.offset + place.address - span.start
            for place in self._call.places()
            for span in self._spans
            if 0 <= place.address - span.start < span.count
        }

    def _is_own(self, found: Array, own: Array | None) -> bool:
        if own is None:
            return False
        # An empty array is nowhere.
        return found is own or (0 not in own.shape and address_of(found) == address_of(own))

    def _tensor(self, found: Array, wanted: Array, name: str) -> header.rope_tensor:
        """An output as the library takes it, of the kind of an input. It keeps the array."""
        case, array = self.case, host(found, name)
        check_kind(array, case.element_type, wanted.shape, name)
        # The fields of a structured array are between elements.
        values = case.bshd(np.ascontiguousarray(array))
        tensor = header.rope_tensor(
            data=values.ctypes.data,
            element_type=header.ELEMENT_NUMBERS[case.element_type],
            shape=values.shape,
            strides=tuple(stride // values.itemsize for stride in values.strides),
            alignment=case.alignment(values),
        )
        tensor.array = values
        return tensor


def _guarded(call: Call) -> Iterator[tuple[int, int]]:
    """From where to where the tensors of a call lie, guards included. Those that overlap are in one."""
    start = end = 0
    for place in sorted(call.places(), key=lambda place: place.address):
        first, last = place.address - GUARD, place.address + place.byte_count + GUARD
        if first >= end:
            if end:
                yield start, end
            start = first
        end = max(last, end)
    if end:
        yield start, end


def _copied(start: int, end: int, memory: Memory) -> _Span:
    """New memory for a span, as far from a multiple of the alignment."""
    offset = start % ALIGNMENT
    return _Span(start, end - start, memory.allocate(offset + end - start), offset)
