"""The values of Q and K from the seed, by the documented hash.

It is the finaliser of splitmix64 (Steele, Lea and Flood 2014).
"""

from __future__ import annotations

import numpy as np

from .exact import Format

KEY_OFFSET = 1 << 40


def seed_of(case: str) -> int:
    """The 64-bit FNV-1a hash of a case's name (Fowler, Noll and Vo) without its lowest bit."""
    value = 0xCBF29CE484222325
    for byte in case.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value >> 1


def elements(seed: int, indices: np.ndarray, element: Format) -> np.ndarray:
    """The elements at some indices as float64."""
    with np.errstate(over="ignore"):
        h = np.uint64(seed) + (indices.astype(np.uint64) + np.uint64(1)) * np.uint64(
            0x9E3779B97F4A7C15
        )
        h = (h ^ h >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ h >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    h ^= h >> np.uint64(31)
    bits = element.precision - 1
    exponent = (9 * (h >> np.uint64(56) & np.uint64(127)).astype(np.int64) >> 7) - 6
    significand = 1 + (h & np.uint64((1 << bits) - 1)).astype(np.float64) * 2.0**-bits
    return np.where(h >> np.uint64(63), -1.0, 1.0) * np.ldexp(significand, exponent)
