"""What needs a GPU: right functions in torch, CuPy and JAX conform on it, and planted faults are reported.

    PYTHONPATH=examples/python python python/tests/on_gpu.py [PATTERN ...]

The patterns are the cases of right functions; all without one. It needs the package and a GPU. A framework that is not
installed is named and left out. Exit status: 0 if everything is as it should be, 1 otherwise.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable

import faults
from faults import FAULTS
from test_check import CASES, faults_in

import rope_conformance as rope

FRAMEWORKS = ["torch", "cupy", "jax"]


def main(patterns: list[str]) -> int:
    """Runs all of it. Returns the exit status."""
    results: list[bool] = []

    def expect(what: str, function: Callable[[], tuple[bool, object]]) -> None:
        start = time.perf_counter()
        is_right, found = function()
        print(f"{'ok ' if is_right else 'BAD'} {what}: {found} ({time.perf_counter() - start:.1f} s)", flush=True)
        results.append(is_right)

    for framework in FRAMEWORKS:
        if importlib.util.find_spec(framework) is None:
            print(f"--- {framework} is not installed; NOT CHECKED", flush=True)
            continue
        expect(f"{framework} conforms", lambda f=framework: conforms(f, patterns))
        if framework != "jax":
            for fault in FAULTS:
                expect(f"{framework} {fault}", lambda f=framework, fault=fault: reported(f, fault))
            expect(f"{framework} in a loop", lambda f=framework: in_a_loop(f))
    if importlib.util.find_spec("torch") is not None:
        expect("torch in a child", in_a_child)
        expect("torch in a child that breaks the device", broken_device)
    return 0 if results and all(results) else 1


def conforms(framework: str, patterns: list[str]) -> tuple[bool, object]:
    if framework == "jax":
        import jax
        import jax_rope

        jax.config.update("jax_enable_x64", True)
        function = jax_rope.rotate
    else:
        function = faults.rotate
    report = rope.check(function, patterns or None, framework=framework, device="cuda")
    # CuPy compiles its arithmetic with -ftz=true, which makes subnormal float32 results 0.
    allowed = ["subnormal"] if framework == "cupy" else []
    wrong = [verdict.name for verdict in report.verdicts if not verdict.conforms]
    unexpected = [name for name in wrong if not any(word in name for word in allowed)]
    return bool(report.verdicts) and not unexpected, (wrong, report)


def reported(framework: str, fault: str) -> tuple[bool, object]:
    found = faults_in(rope.check(getattr(faults, fault), CASES, framework=framework, device="cuda"))
    return FAULTS[fault] in found, sorted(found)


def in_a_loop(framework: str) -> tuple[bool, object]:
    """A case is judged, reset, and judged again with a changed input."""
    case = rope.case("llama-3.1-8b/f16/fused-qkv/table", framework=framework, device="cuda")
    faults.rotate(case)
    rope.assert_close(case.q_out, case.k_out, case)
    case.reset()
    faults.changes_an_input(case)
    try:
        rope.assert_close(case.q_out, case.k_out, case)
    except rope.DoesNotConform as error:
        return "changed outside the outputs" in str(error), error.verdict.reason
    return False, "a changed input was not found"


def in_a_child() -> tuple[bool, object]:
    report = rope.check("faults:rotate", CASES, device="cuda", isolated=True)
    return report.conforms, repr(report)


def broken_device() -> tuple[bool, object]:
    report = rope.check("faults:breaks_the_device", "glm-4.5/*/prompt/**", device="cuda", isolated=True)
    right = all(verdict.conforms == (verdict.data["element_type"] != "bfloat16") for verdict in report.verdicts)
    reasons = {verdict.reason for verdict in report.verdicts if not verdict.conforms}
    return right, sorted(reasons)[:1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
