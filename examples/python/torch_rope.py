"""A rotary position embedding in torch, for every case on any device, from its plan alone.

Angles are float64; cosines, sines and products are float32, and each result is rounded once.
"""

from __future__ import annotations

import torch
from rope_conformance import Case, Tokens, Unsupported


def rotate(case: Case) -> None:
    """Writes Q and K, or Q alone, into the outputs of the case, which may be where they are."""
    plan = case.plan
    if plan.pairs_in.numel() and plan.pairs_in.max() >= plan.head_dim:
        raise Unsupported(f"channel {plan.pairs_in.max()} of a head of {plan.head_dim} channels")
    if case.contract == "table":
        # A row that the cache does not have is refused before anything is written.
        for _, tokens in case.tensors():
            case.gathered(tokens)
    for (tensor, tokens), output in zip(case.tensors(), case.outputs(), strict=True):
        cos, sin = (values.unsqueeze(2) for values in cos_sin(case, tokens))
        x, y = case.bshd(tensor), case.bshd(output)
        x0, x1 = (x[..., plan.pairs_in[:, i]].float() for i in (0, 1))
        y0, y1 = x0 * cos - x1 * sin, x1 * cos + x0 * sin
        # Channels in no pair keep what is copied.
        y.copy_(x)
        y[..., plan.pairs_out[:, 0]], y[..., plan.pairs_out[:, 1]] = y0.to(y.dtype), y1.to(y.dtype)


def cos_sin(case: Case, tokens: Tokens) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines times the attention factor of some tokens, float32 `[batch, tokens, pairs]`."""
    if case.contract == "none":
        no_pairs = torch.empty((1, 1, 0), device=case.q.device)
        return no_pairs, no_pairs
    if case.contract == "table":
        cos, sin = case.gathered(tokens)
        return cos.float(), sin.float()
    # Of each token the coordinate that drives a pair: [batch, tokens, pairs].
    positions = tokens.position_ids[case.plan.axis].movedim(0, -1)
    if case.contract == "frequency":
        angles = (positions.float() * case.inv_freq).double()
    else:
        angles = positions * case.plan.inv_freq
    factor = case.plan.attention_factor
    return (factor * angles.cos()).float(), (factor * angles.sin()).float()
