"""A case as calls of ONNX's operators `RotaryEmbedding`, for those who run them.

There are two, with the same inputs in another order: that of the standard, from opset 23 on, and the older one of ONNX
Runtime, in the domain `com.microsoft`. Both look up rows of a table by position, rotate the first channels of a head,
and compute in one type, that of the input.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
from numpy_rope import cos_sin
from onnx import TensorProto, helper
from rope_conformance import Case, Tokens, Unsupported

OPSET = 23
ELEMENT_TYPES = {
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
    "bfloat16": TensorProto.BFLOAT16,
}
INPUTS = {"": ["input", "cos", "sin", "positions"], "com.microsoft": ["input", "positions", "cos", "sin"]}
"""By domain, in the operator's order."""

Run = Callable[[onnx.ModelProto, dict[str, np.ndarray]], np.ndarray]
"""Runs a model of one operator on named inputs."""


def rotate(case: Case, run: Run, domain: str = "") -> tuple[np.ndarray, ...]:
    """Q and K of a case, or Q alone, each by one call of the operator of a domain.

    Raises `Unsupported` where the operator cannot express the case.
    """
    is_interleaved = _is_interleaved(case)
    dtype = case.q.dtype
    if case.cos is not None and case.cos.dtype != dtype:
        raise Unsupported(
            f"the operator's table must have the type of its input, but the case's table is {case.cos.dtype}"
        )

    def call(tensor: np.ndarray, tokens: Tokens) -> np.ndarray:
        batch, sequence, heads, head_dim = case.bshd(tensor).shape
        if tensor.size == 0:
            return tensor
        if case.contract == "table":
            # The cache and the row of each token, as the case gives them.
            case.gathered(tokens)
            cos, sin, positions = case.cos, case.sin, tokens.table_rows.astype(np.int64)
        else:
            # A row for each token.
            cos, sin = (values.reshape(-1, values.shape[-1]).astype(dtype) for values in cos_sin(case, tokens))
            positions = np.arange(batch * sequence, dtype=np.int64).reshape(batch, sequence)
        model = _model(
            domain,
            ELEMENT_TYPES[case.element_type],
            num_heads=heads,
            interleaved=int(is_interleaved),
            # 0 is the whole head.
            rotary_embedding_dim=2 * cos.shape[1] if 2 * cos.shape[1] < head_dim else 0,
        )
        # [batch, heads, sequence, channels], or [batch, sequence, heads * channels].
        given = tensor if case.layout == "bhsd" else tensor.reshape(batch, sequence, heads * head_dim)
        output = run(model, {"input": given, "positions": positions, "cos": cos, "sin": sin})
        return output.reshape(tensor.shape)

    return tuple(call(tensor, tokens) for tensor, tokens in case.tensors())


def _is_interleaved(case: Case) -> bool:
    """How the operator pairs the channels, where it can pair them as the case does."""
    plan = case.plan
    count = len(plan.pairs_in)
    if count == 0:
        raise Unsupported("nothing rotates, so there is no operator to call")
    if (plan.pairs_in != plan.pairs_out).any():
        raise Unsupported("the operator writes pairs to the channels that it reads, but this case has other channels")
    if plan.pairs_in.max() >= plan.head_dim:
        raise Unsupported(f"channel {plan.pairs_in.max()} of a head of {plan.head_dim} channels")
    first = plan.pairs_in.min()
    index = np.arange(count)
    is_half = (plan.pairs_in - first == np.stack([index, index + count], axis=1)).all()
    is_interleaved = (plan.pairs_in - first == np.stack([2 * index, 2 * index + 1], axis=1)).all()
    if not is_half and not is_interleaved:
        raise Unsupported(
            "the operator pairs halves or neighbours in one slice of channels, but this case pairs channels differently"
        )
    if first > 0:
        raise Unsupported("the operator rotates the first channels of a head, but this case rotates later ones")
    return bool(is_interleaved)


def _model(domain: str, element_type: int, **attributes: int) -> onnx.ModelProto:
    """A model of one operator."""
    names = INPUTS[domain]
    types = {"positions": TensorProto.INT64}
    node = helper.make_node("RotaryEmbedding", names, ["output"], domain=domain, **attributes)
    graph = helper.make_graph(
        [node],
        "rotary_embedding",
        [helper.make_tensor_value_info(name, types.get(name, element_type), None) for name in names],
        [helper.make_tensor_value_info("output", element_type, None)],
    )
    domains = [helper.make_opsetid("", OPSET)]
    if domain:
        domains.append(helper.make_opsetid(domain, 1))
    return helper.make_model(graph, opset_imports=domains, ir_version=10)
