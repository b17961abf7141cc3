"""The plug-in of pytest: a test for each case, with the verdict of the suite."""

from __future__ import annotations

from pathlib import Path

import pytest
import rope_conformance

CASES = "glm-4.5/*/prompt/*"
"""11 cases, 3 of them in float32."""

WRONG = f"""
from dataclasses import replace
import rope_conformance
from numpy_rope import rotate

def swapped(case):
    # Turns the other way.
    plan = replace(case.plan, pairs_in=case.plan.pairs_in[:, ::-1], pairs_out=case.plan.pairs_out[:, ::-1])
    return rotate(replace(case, plan=plan))

def raises(case):
    raise ValueError("no such kernel")

def refuses(case):
    if case.element_type != "float32":
        raise rope_conformance.Unsupported(case.element_type + " is not done yet")
    return rotate(case)

test_rotate = rope_conformance.Tests(rotate, cases="{CASES}")
test_swapped = rope_conformance.Tests(swapped, cases="{CASES}")
test_raises = rope_conformance.Tests(raises, cases="{CASES}")
test_refuses = rope_conformance.Tests(refuses, cases="{CASES}")
"""


@pytest.fixture
def run(pytester: pytest.Pytester, program: rope_conformance.Program, monkeypatch: pytest.MonkeyPatch):
    """Runs the tests above in a session of their own."""
    root = Path(__file__).parents[2]
    monkeypatch.setenv("ROPE_FIXTURES", str(root / "Fixtures"))
    monkeypatch.setenv("ROPE_TOLERANCES_FILE", str(root / "tolerances.yaml"))
    pytester.makepyfile(test_mine=WRONG)

    def run(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(
            "-p", "rope_conformance", "--rope-program", program.path, "-rs", *arguments
        )

    return run


def test_a_right_function_passes(run) -> None:
    result = run("-v", "-k", "test_rotate")
    result.assert_outcomes(passed=11, deselected=33)
    result.stdout.fnmatch_lines("test_mine.py::test_rotate::glm-4.5/bf16/prompt/table-f32 PASSED*")


def test_a_wrong_function_fails_with_its_diagnosis(run) -> None:
    result = run("-k", "test_swapped")
    result.assert_outcomes(failed=11, deselected=33)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*test_swapped: glm-4.5/f32/prompt/position*", "*elements exceed*", "*sine-negated*"])


def test_a_function_that_raises_fails(run) -> None:
    result = run("-k", "test_raises")
    result.assert_outcomes(failed=11, deselected=33)
    result.stdout.fnmatch_lines("*ValueError: no such kernel (test_mine.py:*)*")


def test_what_is_not_supported_is_skipped(run) -> None:
    result = run("-k", "test_refuses")
    result.assert_outcomes(passed=3, skipped=8, deselected=33)
    result.stdout.fnmatch_lines("*float16 is not done yet*")


def test_selected_cases_alone_are_run(run) -> None:
    name = "glm-4.5/f32/prompt/table"
    run(*(f"test_mine.py::{test}::{name}" for test in ("test_rotate", "test_swapped"))).assert_outcomes(
        passed=1, failed=1
    )


def test_a_missing_program_is_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_mine=WRONG)
    result = pytester.runpytest_subprocess("-p", "rope_conformance", "--rope-program", "/nowhere/rope-conformance")
    assert result.ret == 2
    result.stdout.fnmatch_lines("*'/nowhere/rope-conformance'; build rope-conformance, or say with --rope-program *")


def test_cases_that_do_not_exist_are_named(run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_mine="import rope_conformance\ntest_none = rope_conformance.Tests(print, cases='no/*')")
    result = run()
    assert result.ret == 2
    result.stdout.fnmatch_lines("*rope-conformance export: *no/*fits none of the*")


def test_without_the_plug_in_nothing_is_tested(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_mine=WRONG)
    assert pytester.runpytest_subprocess("-p", "no:rope_conformance").ret == pytest.ExitCode.NO_TESTS_COLLECTED
