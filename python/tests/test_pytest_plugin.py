"""The plug-in of pytest: a test for each case, with the verdict of the suite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import rope_conformance

CASES = "glm-4.5/*/prompt/*"
"""11 cases, 3 of them in float32."""

FUNCTIONS = """
from dataclasses import replace
import rope_conformance
from numpy_rope import rotate

def swapped(case):
    # Rotates in the other sense.
    plan = replace(case.plan, pairs_in=case.plan.pairs_in[:, ::-1], pairs_out=case.plan.pairs_out[:, ::-1])
    return rotate(replace(case, plan=plan))

def raises(case):
    raise ValueError("no such kernel")

def refuses(case):
    if case.element_type != "float32":
        raise rope_conformance.Unsupported(case.element_type + " is not done yet")
    return rotate(case)
"""

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, program: rope_conformance.Program, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs tests of some of the functions in a session of their own."""
    # Each session runs in a folder of its own.
    root = Path(__file__).parents[2]
    monkeypatch.setenv("ROPE_FIXTURES", str(root / "Fixtures"))
    monkeypatch.setenv("ROPE_TOLERANCES_FILE", str(root / "tolerances.yaml"))

    def run(functions: str, *arguments: str, cases: str = CASES) -> pytest.RunResult:
        tests = "".join(f"test_{name} = rope_conformance.Tests({name}, '{cases}')\n" for name in functions.split())
        pytester.makepyfile(test_mine=FUNCTIONS + tests)
        return pytester.runpytest_subprocess("-p", "rope_conformance", f"--rope-program={program.path}", *arguments)

    return run


def test_a_right_function_passes(run: Run) -> None:
    result = run("rotate", "-v")
    result.assert_outcomes(passed=11)
    result.stdout.fnmatch_lines("test_mine.py::test_rotate::glm-4.5/bf16/prompt/table-f32 PASSED*")


def test_a_wrong_function_fails_with_its_diagnosis(run: Run) -> None:
    result = run("swapped")
    result.assert_outcomes(failed=11)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*test_swapped: glm-4.5/f32/prompt/position*", "*elements exceed*", "*sine-negated*"])
    # The output shows a verdict, not the place in the plug-in that raised it.
    result.stdout.no_fnmatch_line("*DoesNotConform*")


def test_the_summary_of_a_ci_has_a_line_for_each_case(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    # In CI, pytest does not truncate lines.
    monkeypatch.setenv("CI", "true")
    summary = run("swapped").stdout.str().split("short test summary info")[1].splitlines()[1:-1]
    assert len(summary) == 11
    assert all(" elements exceed " in line and "match sine-negated (B72)" in line for line in summary)


def test_a_function_that_raises_fails(run: Run) -> None:
    result = run("raises")
    result.assert_outcomes(failed=11)
    result.stdout.fnmatch_lines("*ValueError: no such kernel (test_mine.py:*)*")


def test_what_is_not_supported_is_skipped(run: Run) -> None:
    result = run("refuses", "-rs")
    result.assert_outcomes(passed=3, skipped=8)
    result.stdout.fnmatch_lines("*float16 is not done yet*")


def test_selected_cases_alone_are_run(run: Run) -> None:
    name, other = "glm-4.5/f32/prompt/table", "glm-4.5/f32/prompt/position"
    result = run("rotate raises", f"test_mine.py::test_rotate::{other}", f"test_mine.py::test_raises::{name}")
    result.assert_outcomes(passed=1, failed=1)
    # The error is on standard error once for each case that was run.
    assert result.stdout.str().count(f"{name}: ValueError: no such kernel (test_mine.py") == 1
    assert f"{other}: ValueError" not in result.stdout.str()
    run("raises", "-k", name).assert_outcomes(failed=1, deselected=10)


def test_a_missing_program_is_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_mine="import rope_conformance\ntest_none = rope_conformance.Tests(print)")
    result = pytester.runpytest_subprocess("-p", "rope_conformance", "--rope-program=/nowhere/rope-conformance")
    assert result.ret == 2
    result.stdout.fnmatch_lines(
        "*'/nowhere/rope-conformance'; build rope-conformance, or give its path with --rope-program*"
    )


def test_cases_that_do_not_exist_are_named(run: Run) -> None:
    result = run("rotate", cases="no/*")
    assert result.ret == 2
    result.stdout.fnmatch_lines("*rope-conformance export: *no/* matches none of the *")


def test_from_a_conftest(run: Run, pytester: pytest.Pytester, program: rope_conformance.Program) -> None:
    pytester.makeconftest('pytest_plugins = ["rope_conformance"]')
    pytester.makepyfile(test_mine=FUNCTIONS + "test_rotate = rope_conformance.Tests(rotate, 'wan-2.1/f32/prompt/*')")
    pytester.runpytest_subprocess(f"--rope-program={program.path}").assert_outcomes(passed=1)
