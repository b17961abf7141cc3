"""The exact rotation, correctly rounded to float64."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from flint import arb, fmpq

from .exact import FRACTION_BITS, PIECE_COUNT, Format, Undecided, nearest, pieces


@dataclass(frozen=True)
class Turn:
    """Multiplied cosine and sine of an angle, each as a sum of `PIECE_COUNT` short float64."""

    cosine: list[float]
    sine: list[float]
    exact: bool


@dataclass
class Angles:
    """Cosines and sines of angles times an attention factor, each computed once."""

    frequencies: list[arb]
    factor: arb
    # Turns per position of each pair, if known to be rational.
    rational_turns: list[fmpq | None] = field(default_factory=list)
    turns: dict[tuple[int, int], Turn] = field(default_factory=dict)
    given: dict[float, Turn] = field(default_factory=dict)
    entries: dict[tuple[int, int, Format], tuple[float, float]] = field(default_factory=dict)

    def _values(self, angle: arb) -> tuple[arb, arb]:
        sine, cosine = angle.sin_cos()
        return self.factor * cosine, self.factor * sine

    def _values_at(self, pair: int, position: int) -> tuple[arb, arb]:
        turns = self.rational_turns[pair]
        if turns is None:
            return self._values(self.frequencies[pair] * position)
        sine, cosine = arb.sin_cos_pi_fmpq(2 * turns * position)
        return self.factor * cosine, self.factor * sine

    def turn(self, pair: int, position: int) -> Turn:
        """By the exact product of a position and a frequency."""
        key = (pair, position)
        if key not in self.turns:
            self.turns[key] = _turn(*self._values_at(pair, position))
        return self.turns[key]

    def turn_by(self, angle: float) -> Turn:
        """By an angle that is given."""
        if angle not in self.given:
            self.given[angle] = _turn(*self._values(arb(angle)))
        return self.given[angle]

    def entry(self, pair: int, position: int, table: Format) -> tuple[float, float]:
        """Cosine and sine as a table of a format holds them."""
        key = (pair, position, table)
        if key not in self.entries:
            cosine, sine = self._values_at(pair, position)
            self.entries[key] = nearest(cosine, table), nearest(sine, table)
        return self.entries[key]


def _turn(cosine: arb, sine: arb) -> Turn:
    (c, c_exact), (s, s_exact) = pieces(cosine), pieces(sine)
    return Turn(c, s, c_exact and s_exact)


def rotate_by_table(
    first: np.ndarray, second: np.ndarray, cosine: np.ndarray, sine: np.ndarray
) -> tuple:
    """Both outputs of pairs by the values of a table.

    The product of two numbers of at most 24 bits is exact in float64, so that the sum rounds once.
    """
    with np.errstate(invalid="ignore"):
        return first * cosine - second * sine, second * cosine + first * sine


def rotate_by_turns(first: np.ndarray, second: np.ndarray, turns: list[list[Turn]]) -> tuple:
    """Both outputs `[token, head, pair]` of pairs by exact angles `[token][pair]`."""
    shape = (len(turns), 1, first.shape[2], PIECE_COUNT)
    cosine = np.array([[t.cosine for t in row] for row in turns]).reshape(shape)
    sine = np.array([[t.sine for t in row] for row in turns]).reshape(shape)
    inexact = np.array([[not t.exact for t in row] for row in turns]).reshape(shape[:3])
    return (
        _rounded_sum(first, cosine, second, -sine, inexact),
        _rounded_sum(second, cosine, first, sine, inexact),
    )


def _rounded_sum(
    x: np.ndarray, a: np.ndarray, y: np.ndarray, b: np.ndarray, inexact: np.ndarray
) -> np.ndarray:
    """`x · a + y · b`, correctly rounded, with `a` and `b` in pieces.

    The product of an element and a piece is exact, and `math.fsum` rounds the sum of all products
    once. What the pieces lack cannot change the result where adding its bound and taking it away
    give the same float64. Zeros, infinities and NaN follow IEEE 754 (6.1 to 6.3), for which only
    signs and zeros of `a` and `b` matter.
    """
    with np.errstate(invalid="ignore"):
        left, right = x * a.sum(axis=-1), y * b.sum(axis=-1)
        special = left + right
    ordinary = np.isfinite(x) & np.isfinite(y) & ((left != 0) | (right != 0))
    x, y = np.where(ordinary, x, 0), np.where(ordinary, y, 0)
    bound = inexact * (np.abs(x) + np.abs(y)) * 2.0 ** (2 - FRACTION_BITS)
    terms = np.concatenate([x[..., None] * a, y[..., None] * b], axis=-1)
    low = _sums(np.concatenate([terms, -bound[..., None]], axis=-1))
    high = _sums(np.concatenate([terms, bound[..., None]], axis=-1))
    if (undecided := int((low != high).sum())) > 0:
        raise Undecided(f"the rounding of {undecided} sums; more pieces are needed")
    return np.where(ordinary, low, special)


def _sums(terms: np.ndarray) -> np.ndarray:
    flat = terms.reshape(-1, terms.shape[-1])
    return np.array([math.fsum(row) for row in flat.tolist()]).reshape(terms.shape[:-1])
