"""A rotary position embedding in numpy, for every case, from its plan alone.

Angles are float64; cosines, sines and products are float32, and each result is rounded once.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rope_conformance import Case

SLAB_ELEMENTS = 1 << 20
"""Elements of Q in a slab of tokens, about. It bounds the memory of a long call."""


def rotate(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Q and K, rotated."""
    q, k, plan = case.q.copy(), case.k.copy(), case.plan
    for tokens in slabs(case):
        cos, sin = (values[:, :, np.newaxis] for values in cos_sin(case, tokens))
        for source, target in ((case.q, q), (case.k, k)):
            x, y = case.bshd(source)[:, tokens], case.bshd(target)[:, tokens]
            x0, x1 = (x[..., plan.pairs_in[:, i]].astype(np.float32) for i in (0, 1))
            # Some cases hold infinities. Channels in no pair keep what was copied.
            with np.errstate(invalid="ignore"):
                y[..., plan.pairs_out[:, 0]] = x0 * cos - x1 * sin
                y[..., plan.pairs_out[:, 1]] = x1 * cos + x0 * sin
    return q, k


def cos_sin(case: Case, tokens: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and sines times the attention factor of some tokens of each row, float32 `[batch, tokens, pairs]`."""
    if case.contract == "none":
        no_pairs = np.empty((*case.bshd(case.q)[:, tokens].shape[:2], 0), np.float32)
        return no_pairs, no_pairs
    if case.contract == "table":
        return case.cos[:, tokens].astype(np.float32), case.sin[:, tokens].astype(np.float32)
    # Of each token the coordinate that drives a pair: [batch, tokens, pairs].
    positions = np.moveaxis(case.position_ids[:, :, tokens][case.plan.axis], 0, -1)
    if case.contract == "frequency":
        angles = (positions.astype(np.float32) * case.inv_freq).astype(np.float64)
    else:
        angles = positions * case.plan.inv_freq
    factor = case.plan.attention_factor
    return (factor * np.cos(angles)).astype(np.float32), (factor * np.sin(angles)).astype(np.float32)


def slabs(case: Case) -> Iterator[slice]:
    """Runs of tokens, so that a slab of all rows has not many more than `SLAB_ELEMENTS` elements of Q."""
    batch, sequence, heads, channels = case.bshd(case.q).shape
    step = max(1, SLAB_ELEMENTS // (batch * heads * channels))
    return (slice(start, start + step) for start in range(0, sequence, step))
