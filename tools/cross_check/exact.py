"""Exact numbers: intervals that hold them, and their correct rounding to a format."""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb, ctx

WORKING_BITS = 400
"""Precision of intervals: a position below 2^63 leaves an angle over 300 bits of fraction."""

PIECE_BITS = 29
"""A piece times a float32 has at most 29 + 24 = 53 bits, so that float64 holds it exactly."""

FRACTION_BITS = 7 * PIECE_BITS
PIECE_COUNT = 8


class Undecided(ArithmeticError):
    """An interval is too wide to say what its number rounds to; more `WORKING_BITS` are needed."""


@dataclass(frozen=True)
class Format:
    """A binary format of IEEE 754: precision, and lowest exponent of normal numbers."""

    name: str
    precision: int
    lowest_exponent: int

    @property
    def highest_exponent(self) -> int:
        return 1 - self.lowest_exponent

    @property
    def layout(self) -> tuple[int, int, int, int, int, int]:
        """What HDF5 says of it: position of the sign, position and size of the exponent and of the
        significand, bias."""
        stored = self.precision - 1
        exponent = self.highest_exponent.bit_length() + 1
        return (stored + exponent, stored, exponent, 0, stored, self.highest_exponent)


FLOAT64 = Format("float64", 53, -1022)
FLOAT32 = Format("float32", 24, -126)
FLOAT16 = Format("float16", 11, -14)
BFLOAT16 = Format("bfloat16", 8, -126)
FORMATS = {format.name: format for format in (FLOAT64, FLOAT32, FLOAT16, BFLOAT16)}


def working_precision():
    """The context in which all intervals are computed."""
    return ctx.workprec(WORKING_BITS)


def ends(value: arb) -> tuple[int, int, int]:
    """An interval as `(low, high, exponent)`.

    It reaches from `low · 2^exponent` to `high · 2^exponent`.
    """
    if not value.is_finite():
        raise Undecided(f"{value} is not a number")
    middle, shift = map(int, value.mid().man_exp())
    radius, radius_shift = map(int, value.rad().man_exp())
    exponent = min(shift, radius_shift) if radius else shift
    middle <<= shift - exponent
    radius = radius << (radius_shift - exponent) if radius else 0
    return middle - radius, middle + radius, exponent


def round_dyadic(number: int, exponent: int, target: Format) -> float:
    """The value of a format nearest to `number · 2^exponent`, ties to even (IEEE 754, 4.3.1)."""
    magnitude = abs(number)
    leading = max(magnitude.bit_length() - 1 + exponent, target.lowest_exponent)
    dropped = leading - (target.precision - 1) - exponent
    if dropped > 0:
        kept, rest, half = (
            magnitude >> dropped,
            magnitude & ((1 << dropped) - 1),
            1 << (dropped - 1),
        )
        kept += rest > half or (rest == half and kept & 1)
        exponent += dropped
    else:
        kept = magnitude
    if kept.bit_length() - 1 + exponent > target.highest_exponent:
        rounded = float("inf")
    else:
        trailing = (kept & -kept).bit_length() - 1 if kept else 0
        rounded = float(kept >> trailing) * 2.0 ** (exponent + trailing) if kept else 0.0
    return -rounded if number < 0 else rounded


def nearest(value: arb, target: Format) -> float:
    """The value of a format nearest to the number in an interval: both ends must round to it."""
    low, high, exponent = ends(value)
    rounded = round_dyadic(low, exponent, target)
    if low != high and (rounded != round_dyadic(high, exponent, target) or low <= 0 <= high):
        raise Undecided(f"{value} does not decide its {target.name}")
    return rounded


def pieces(value: arb) -> tuple[list[float], bool]:
    """A number below 2^29 as a sum of numbers of `PIECE_BITS` bits, and whether it is exact.

    Where it is not, it differs by less than `2^(1 − FRACTION_BITS)`.
    """
    low, high, exponent = ends(value)
    shift = exponent + FRACTION_BITS
    if shift >= 0:
        fixed, width, exact = low << shift, (high - low) << shift, low == high
    else:
        fixed, width = low >> -shift, (high >> -shift) - (low >> -shift)
        exact = low == high and fixed << -shift == low
    if width > 1:
        raise Undecided(f"{value} is too wide")
    sign, magnitude = (-1.0 if fixed < 0 else 1.0), abs(fixed)
    if magnitude.bit_length() > PIECE_COUNT * PIECE_BITS:
        raise Undecided(f"{value} is too large")
    mask = (1 << PIECE_BITS) - 1
    parts = [
        sign
        * float(magnitude >> (PIECE_BITS * index) & mask)
        * 2.0 ** (PIECE_BITS * index - FRACTION_BITS)
        for index in range(PIECE_COUNT)
    ]
    return parts, exact
