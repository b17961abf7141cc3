"""Comparing what is stored with what is recomputed, bit by bit, and counting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Difference:
    """One value that is not what it must be."""

    file: str
    case: str
    dataset: str
    index: tuple[int, ...]
    stored: str
    recomputed: str

    def __str__(self) -> str:
        index = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        where = " ".join(part for part in (self.file, self.case, self.dataset + index) if part)
        return f"{where}: stored {self.stored}, recomputed {self.recomputed}"


@dataclass
class Tally:
    """How much was compared in a file, and what differs; the first differences are kept."""

    file: str
    keep: int = 20
    cases: int = 0
    float64_values: int = 0
    other_values: int = 0
    differing: int = 0
    first: list[Difference] = field(default_factory=list)

    def differ(
        self, case: str, dataset: str, index: tuple[int, ...], stored: str, recomputed: str
    ) -> None:
        self.differing += 1
        if len(self.first) < self.keep:
            self.first.append(Difference(self.file, case, dataset, index, stored, recomputed))

    def fact(self, case: str, name: str, stored: object, recomputed: object) -> None:
        """Compares something that is not a floating-point array."""
        self.other_values += 1
        if stored != recomputed or type(stored) is not type(recomputed):
            self.differ(case, name, (), repr(stored), repr(recomputed))

    def integers(self, case: str, dataset: str, stored: np.ndarray, recomputed: np.ndarray) -> None:
        """Compares arrays of integers."""
        if stored.shape != recomputed.shape:
            self.fact(case, f"{dataset} shape", stored.shape, recomputed.shape)
            return
        self.other_values += stored.size
        for index in np.argwhere(stored != recomputed):
            place = tuple(int(i) for i in index)
            self.differ(case, dataset, place, str(stored[place]), str(recomputed[place]))

    def numbers(
        self,
        case: str,
        dataset: str,
        stored: np.ndarray,
        recomputed: np.ndarray,
        place: Callable[..., tuple[int, ...]] = lambda *index: index,
    ) -> None:
        """Compares numbers as float64 bits: zeros by their sign, any NaN with any NaN.

        Other types than float64 have been widened, which keeps their values apart.
        """
        if stored.shape != recomputed.shape:
            self.fact(case, f"{dataset} shape", stored.shape, recomputed.shape)
            return
        if stored.dtype == np.float64:
            self.float64_values += stored.size
        else:
            self.other_values += stored.size
        a, b = (
            np.ascontiguousarray(stored, np.float64),
            np.ascontiguousarray(recomputed, np.float64),
        )
        unequal = (a.view(np.uint64) != b.view(np.uint64)) & ~(np.isnan(a) & np.isnan(b))
        for index in np.argwhere(unequal):
            i = tuple(int(n) for n in index)
            self.differ(case, dataset, place(*i), float(a[i]).hex(), float(b[i]).hex())
