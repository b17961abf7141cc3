"""A rotary position embedding in numpy, for every case, from its plan alone. It rotates CuPy's arrays too.

Angles are float64; cosines, sines and products are float32, and each result is rounded once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from rope_conformance import Case, Tokens, Unsupported

SLAB_ELEMENTS = 1 << 20
"""Elements in a slab of tokens, about. It bounds the memory of a long call."""


def rotate(case: Case) -> None:
    """Writes Q and K, or Q alone, into the outputs of the case, which may be where they are."""
    if case.plan.pairs_in.size and case.plan.pairs_in.max() >= case.plan.head_dim:
        raise Unsupported(f"channel {case.plan.pairs_in.max()} of a head of {case.plan.head_dim} channels")
    if case.contract == "table":
        # A row that the cache does not have is refused before anything is written.
        for _, tokens in case.tensors():
            case.gathered(tokens)
    for (tensor, tokens), output in zip(case.tensors(), case.outputs(), strict=True):
        rotate_tensor(case, tokens, case.bshd(tensor), case.bshd(output))


def rotate_tensor(case: Case, tokens: Tokens, x: np.ndarray, y: np.ndarray) -> None:
    """Q or K, a slab of tokens at a time."""
    plan = case.plan
    for slab in slabs(x):
        cos, sin = (values[:, :, np.newaxis] for values in cos_sin(case, tokens_of(tokens, slab)))
        source, target = x[:, slab], y[:, slab]
        x0, x1 = (source[..., plan.pairs_in[:, i]].astype(np.float32) for i in (0, 1))
        y0, y1 = x0 * cos - x1 * sin, x1 * cos + x0 * sin
        # Channels in no pair keep what is copied.
        target[...] = source
        target[..., plan.pairs_out[:, 0]], target[..., plan.pairs_out[:, 1]] = y0, y1


def cos_sin(case: Case, tokens: Tokens) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and sines times the attention factor of some tokens, float32 `[batch, tokens, pairs]`."""
    if case.contract == "none":
        no_pairs = np.empty_like(case.q, np.float32, shape=(1, 1, 0))
        return no_pairs, no_pairs
    if case.contract == "table":
        cos, sin = case.gathered(tokens)
        return cos.astype(np.float32), sin.astype(np.float32)
    # Of each token the coordinate that drives a pair: [batch, tokens, pairs].
    positions = np.moveaxis(tokens.position_ids[case.plan.axis], 0, -1)
    if case.contract == "frequency":
        angles = (positions.astype(np.float32) * case.inv_freq).astype(np.float64)
    else:
        angles = positions * case.plan.inv_freq
    factor = case.plan.attention_factor
    return (factor * np.cos(angles)).astype(np.float32), (factor * np.sin(angles)).astype(np.float32)


def tokens_of(tokens: Tokens, slab: slice) -> Tokens:
    """Some tokens of each row."""
    return replace(
        tokens,
        position_ids=None if tokens.position_ids is None else tokens.position_ids[:, :, slab],
        table_rows=None if tokens.table_rows is None else tokens.table_rows[:, slab],
    )


def slabs(tensor: np.ndarray) -> Iterator[slice]:
    """Runs of tokens, so that a slab of all rows has not many more than `SLAB_ELEMENTS` elements."""
    batch, sequence, heads, channels = tensor.shape
    step = max(1, SLAB_ELEMENTS // max(1, batch * heads * channels))
    return (slice(start, start + step) for start in range(0, sequence, step))
