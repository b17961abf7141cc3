"""ONNX Runtime's `RotaryEmbedding` on the CPU: its own operator (`contrib`) and that of the standard (`standard`)."""

from __future__ import annotations

import numpy as np
import onnx
import onnx_call
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as NoKernel
from rope_conformance import Case, Unsupported


def contrib(case: Case) -> tuple[np.ndarray, ...]:
    """Its tensors by `com.microsoft.RotaryEmbedding`."""
    return onnx_call.rotate(case, _run, domain="com.microsoft")


def standard(case: Case) -> tuple[np.ndarray, ...]:
    """Its tensors by `RotaryEmbedding` of opset 23."""
    return onnx_call.rotate(case, _run)


def _run(model: onnx.ModelProto, inputs: dict[str, np.ndarray]) -> np.ndarray:
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    except NoKernel as error:
        raise Unsupported(f"the CPU has no kernel for {inputs['input'].dtype}") from error
    return session.run(None, inputs)[0]
