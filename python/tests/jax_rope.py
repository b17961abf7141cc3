"""A rotary position embedding in JAX, for every case, from its plan alone. Needs `jax_enable_x64`."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from rope_conformance import Case, Tokens, Unsupported


def rotate(case: Case) -> tuple[jax.Array, ...]:
    """Q and K, or Q alone, rotated."""
    plan = case.plan
    if plan.pairs_in.max(initial=0) >= plan.head_dim:
        raise Unsupported(f"channel {plan.pairs_in.max()} of a head of {plan.head_dim} channels")
    return tuple(rotated(case, tensor, tokens) for tensor, tokens in case.tensors())


def rotated(case: Case, tensor: jax.Array, tokens: Tokens) -> jax.Array:
    plan, x = case.plan, case.bshd(tensor)
    cos, sin = (values[:, :, None] for values in cos_sin(case, tokens))
    x0, x1 = (x[..., plan.pairs_in[:, i]].astype(jnp.float32) for i in (0, 1))
    y = x.at[..., plan.pairs_out[:, 0]].set((x0 * cos - x1 * sin).astype(x.dtype))
    y = y.at[..., plan.pairs_out[:, 1]].set((x1 * cos + x0 * sin).astype(x.dtype))
    return y[0] if case.layout == "thd" else y.swapaxes(1, 2) if case.layout == "bhsd" else y


def cos_sin(case: Case, tokens: Tokens) -> tuple[jax.Array, jax.Array]:
    """Cosines and sines times the attention factor of some tokens, float32 `[batch, tokens, pairs]`."""
    if case.contract == "none":
        no_pairs = jnp.empty((1, 1, 0), jnp.float32)
        return no_pairs, no_pairs
    if case.contract == "table":
        cos, sin = case.gathered(tokens)
        return cos.astype(jnp.float32), sin.astype(jnp.float32)
    positions = jnp.moveaxis(tokens.position_ids[case.plan.axis], 0, -1)
    if case.contract == "frequency":
        angles = (positions.astype(jnp.float32) * case.inv_freq).astype(jnp.float64)
    else:
        angles = positions * case.plan.inv_freq
    factor = case.plan.attention_factor
    return (factor * jnp.cos(angles)).astype(jnp.float32), (factor * jnp.sin(angles)).astype(jnp.float32)
