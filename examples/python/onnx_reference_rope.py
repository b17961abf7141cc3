"""`RotaryEmbedding` of onnx's reference evaluator, by which the standard's own tests are made."""

from __future__ import annotations

import numpy as np
import onnx
import onnx_call
from onnx.reference import ReferenceEvaluator
from rope_conformance import Case


def rotate(case: Case) -> tuple[np.ndarray, ...]:
    """Its tensors by `RotaryEmbedding` of opset 23."""
    return onnx_call.rotate(case, _run)


def _run(model: onnx.ModelProto, inputs: dict[str, np.ndarray]) -> np.ndarray:
    return ReferenceEvaluator(model).run(None, inputs)[0]
