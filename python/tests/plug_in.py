"""The plug-in of examples/c-plug-in with a mistake in some calls: as a library, and as a function of a case."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rope_conformance import Case, Tokens, Unsupported
from rope_conformance import _header as header

ROOT = Path(__file__).parents[2]
WRONG = """
#define rope_backend_get right_backend_get
#include "plain_rope.c"
#undef rope_backend_get

/* Float16 by positions: the last pair is rotated in the other sense. */
static int wrong_apply(void *state, const rope_call *call, rope_error *error) {
  rope_plan plan = *call->plan;
  rope_call wrong = *call;
  int64_t last = 2 * plan.pair_count - 1;
  int32_t in[4096], out[4096];
  if (call->query_in->element_type != ROPE_ELEMENT_FLOAT16 || call->contract != ROPE_CONTRACT_POSITION)
    return apply(state, call, error);
  memcpy(in, plan.in, (last + 1) * sizeof *in);
  memcpy(out, plan.out, (last + 1) * sizeof *out);
  in[last - 1] = plan.in[last], in[last] = plan.in[last - 1];
  out[last - 1] = plan.out[last], out[last] = plan.out[last - 1];
  plan.in = in, plan.out = out, wrong.plan = &plan;
  return apply(state, &wrong, error);
}

static const rope_backend wrong_backend = {
  sizeof(rope_backend), ROPE_BACKEND_MAJOR_VERSION, ROPE_BACKEND_MINOR_VERSION, "plain-rope",
  "plain C on one processor", NULL, supports, wrong_apply,
};

const rope_backend *rope_backend_get(const rope_host *host, rope_error *error) {
  (void)host;
  (void)error;
  return &wrong_backend;
}
"""


class PlugIn:
    """A plug-in that is compiled and loaded."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("there is no C compiler")
        example = ROOT / "examples" / "c-plug-in"
        source = folder / "wrong_rope.c"
        source.write_text(WRONG)
        self.path = folder / "libplain_rope.so"
        folders = [f"-I{ROOT}/Sources/CRoPEBackend/include", f"-I{example}"]
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", *folders, "-o", self.path, source, "-lm"], check=True)
        get = ctypes.CDLL(str(self.path)).rope_backend_get
        get.restype = ctypes.POINTER(header.rope_backend)
        # The example looks at neither of its arguments.
        self.backend = get(None, None)

    def rotate(self, case: Case) -> None:
        """Calls it as a function of a case."""
        text = ctypes.create_string_buffer(512)
        error = header.rope_error(text=ctypes.addressof(text), capacity=len(text))
        call, functions = call_of(case), self.backend.contents
        for function in (functions.supports, functions.apply):
            status = function(functions.state, call, error)
            if status == header.UNSUPPORTED:
                raise Unsupported(text.value.decode())
            assert status == header.OK, text.value


def call_of(case: Case) -> header.rope_call:
    """A case as the call that it came from, as far as the example looks at it."""
    plan = case.plan
    table_type = "float32" if case.cos is None else case.cos.dtype.name
    return header.rope_call(
        contract={name: number for number, name in header.CONTRACTS.items()}[case.contract],
        plan=ctypes.pointer(
            header.rope_plan(
                **{"in": _address(plan.pairs_in), "out": _address(plan.pairs_out), "axis": _address(plan.axis)},
                head_dim=plan.head_dim,
                pair_count=len(plan.pairs_in),
                inv_freq=_address(plan.inv_freq),
                attention_factor=plan.attention_factor,
            )
        ),
        query_in=_tensor(case, case.q),
        query_out=_tensor(case, case.q_out),
        key_in=_tensor(case, case.k),
        key_out=_tensor(case, case.k_out),
        inv_freq_float32=_address(case.inv_freq),
        cos=_address(case.cos),
        sin=_address(case.sin),
        table_type=header.ELEMENT_NUMBERS[table_type],
        table_row_count=0 if case.cos is None else len(case.cos),
        key_tokens=None if case.key_tokens is None else ctypes.pointer(header.rope_tokens(**_tokens(case.key_tokens))),
        **_tokens(case.tokens),
    )


def _tokens(tokens: Tokens) -> dict[str, Any]:
    positions = tokens.position_ids
    is_fractional = positions is not None and positions.dtype == np.float64
    return {
        "positions": None if is_fractional else _address(positions),
        "fractional_positions": _address(positions) if is_fractional else None,
        "table_rows": _address(tokens.table_rows),
    }


def _tensor(case: Case, array: np.ndarray | None) -> Any:
    if array is None:
        return None
    view = case.bshd(array)
    return ctypes.pointer(
        header.rope_tensor(
            data=view.ctypes.data,
            element_type=header.ELEMENT_NUMBERS[case.element_type],
            shape=view.shape,
            strides=tuple(stride // view.itemsize for stride in view.strides),
        )
    )


def _address(array: np.ndarray | None) -> int | None:
    return None if array is None else array.ctypes.data
