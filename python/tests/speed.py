"""Measures the package on this machine, with the numpy function of examples/python; prints one line for each figure.

    PYTHONPATH=python/src:examples/python $(tools/python-env) python/tests/speed.py
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy_rope
import rope_conformance as rope

ROOT = Path(__file__).resolve().parents[2]
SMALL = "llama-3.1-8b/f32/prompt/position"


def rate(check: Callable[[], object], count: int) -> float:
    """How often something can be done in a second of processor time."""
    check()
    start = time.process_time()
    for _ in range(count):
        check()
    return count / (time.process_time() - start)


def seconds(work: Callable[[], object]) -> float:
    """The seconds of wall time that something takes."""
    start = time.monotonic()
    work()
    return time.monotonic() - start


def main() -> None:
    case = rope.case(SMALL)
    numpy_rope.rotate(case)
    q, k = case.q_out.copy(), case.k_out.copy()
    print(f"assert_close, one small case: {rate(lambda: rope.assert_close(q, k, case), 3_000):.0f} a second and core")
    once = rate(lambda: rope.check_case(numpy_rope.rotate, SMALL, runs=1), 500)
    print(f"check_case, the same with the function: {once:.0f} a second and core")

    here = seconds(lambda: rope.check(numpy_rope.rotate, runs=1).assert_conforms())
    record = f"{sys.executable} -m rope_conformance record {{inputs}} {{outputs}} --function {numpy_rope.__file__}:rotate"
    program = ROOT / ".build/release/rope-conformance"
    command = [str(program), "run", "--runs", "1", "--backend", f"command:{record}"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    there = seconds(lambda: subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL))
    print(f"every default case, once: {here:.0f} s in this process, {there:.0f} s by the program with recorded outputs")


main()
