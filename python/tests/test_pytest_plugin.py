"""The plug-in of pytest: a test for each case, with the verdict of the judge."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable

import pytest

CASES = "glm-4.5/*/prompt/**"
"""11 cases, 3 of them in float32."""

MINE = """
from dataclasses import replace
import rope_conformance as rope
from numpy_rope import rotate

def swapped(case):
    # Rotates in the other sense.
    plan = replace(case.plan, pairs_in=case.plan.pairs_in[:, ::-1], pairs_out=case.plan.pairs_out[:, ::-1])
    rotate(replace(case, plan=plan))

def raises(case):
    raise ValueError("no such kernel")

def returns(case):
    return case.q, case.k

def exits(case):
    if case.element_type == "bfloat16":
        import os
        os._exit(3)
    rotate(case)

calls = []

def forgets(case):
    calls.append(case.name)
    if len(calls) == 1:
        rotate(case)

def generates(case):
    yield

def refuses(case):
    if case.element_type != "float32":
        raise rope.Unsupported(case.element_type + " is not done yet")
    rotate(case)
"""

OWN_TEST = """
import rope_conformance as rope
from mine import {function}

def test_mine(rope_case):
    {function}(rope_case)
    rope.assert_close(rope_case.q_out, rope_case.k_out, rope_case)
"""

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a session on some of the functions, on cases of glm-4.5 unless told otherwise."""
    # In CI, pytest does not truncate lines.
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile(mine=MINE)

    def run(*arguments: str, cases: str = CASES) -> pytest.RunResult:
        return pytester.runpytest_subprocess("--rope-cases", cases, *arguments)

    return run


def test_a_right_function_passes(run: Run) -> None:
    result = run("--rope", "mine:rotate", "-v")
    result.assert_outcomes(passed=11)
    result.stdout.fnmatch_lines("mine:rotate::glm-4.5/bf16/prompt/table-f32 PASSED*")


def test_a_wrong_function_fails_with_its_diagnosis(run: Run) -> None:
    result = run("--rope", "mine.py:swapped")
    result.assert_outcomes(failed=11)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*glm-4.5/f32/prompt/position*", "*elements exceed*", "*worst: *"])
    # The output shows a verdict, not the place in the plug-in that raised it.
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")
    summary = result.stdout.str().split("short test summary info")[1].splitlines()[1:-1]
    assert len(summary) == 11
    assert all(" - query and key match sine-negated (B72)" in line for line in summary)


def test_a_function_that_raises_fails(run: Run) -> None:
    result = run("--rope", "mine:raises")
    result.assert_outcomes(failed=11)
    # The function is shown, and not who called it.
    result.stdout.fnmatch_lines(
        ["*def raises(case):", ">*raise ValueError(*", "E *ValueError: no such kernel", "mine.py:*"]
    )
    assert "rope_conformance/_" not in result.stdout.str()
    # So is the verdict, with what the case is.
    result.stdout.fnmatch_lines(
        ["*Captured verdict call*", "*call: forward, bshd, separate; batch 1, *", "*function: mine:raises with *"]
    )
    result.stdout.fnmatch_lines("FAILED *glm-4.5/f32/prompt/position - ValueError: no such kernel")


def test_what_was_not_checked_is_said(run: Run) -> None:
    result = run("--rope", "mine:returns")
    result.stdout.fnmatch_lines(["*not checked: strides of outputs and writes in place, in 3 calls: *"])


def test_a_test_of_ones_own_is_shown_and_not_the_package(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=OWN_TEST.format(function="swapped"))
    result = run(cases="glm-4.5/f32/prompt/position")
    result.stdout.fnmatch_lines([">*rope.assert_close(*", "test_own.py:*"])
    assert "rope_conformance/" not in result.stdout.str()


def test_a_function_in_a_child(run: Run) -> None:
    result = run("--rope", "mine:exits", "--rope-isolated", cases="glm-4.5/*/prompt/position")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines("FAILED *glm-4.5/bf16* - *the function's process exited with status 3*")


def test_the_number_of_runs(run: Run) -> None:
    for runs, outcome in ((1, "passed"), (2, "failed")):
        result = run("--rope", "mine:forgets", "--rope-runs", str(runs), cases="glm-4.5/f32/prompt/position")
        result.assert_outcomes(**{outcome: 1})


def test_the_tier(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=OWN_TEST.format(function="rotate"))
    for tier, status in (("full", pytest.ExitCode.OK), ("default", pytest.ExitCode.USAGE_ERROR)):
        result = run(
            *("--rope", "mine:rotate", "--rope-tier", tier, "--collect-only", "-q"),
            cases="glm-4-9b-chat/f32/million/position",
        )
        assert result.ret == status
        # One of --rope, one of the fixture.
        assert ("2 tests collected" in result.stdout.str()) == (tier == "full")


def test_what_is_not_supported_is_skipped(run: Run) -> None:
    result = run("--rope", "mine:refuses", "-rs")
    result.assert_outcomes(passed=3, skipped=8)
    result.stdout.fnmatch_lines("*float16 is not done yet*")


def test_a_run_without_a_judged_case_fails(run: Run) -> None:
    result = run("--rope", "mine:refuses", cases="glm-4.5/bf16/prompt/**")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines("rope-conformance: all * cases were skipped, so none conforms")
    result = run("--rope", "mine:refuses", cases="glm-4.5/bf16/prompt/position")
    result.stdout.fnmatch_lines("rope-conformance: the only case was skipped, so none conforms")


def test_a_function_that_returns_something_else(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(lists="def rotate(case): return [1]")
    result = run("--rope", "lists:rotate", cases="glm-4.5/f32/prompt/position")
    result.stdout.fnmatch_lines("FAILED * - the function failed: returned list, must be a tuple of Q and K*")


def test_an_expected_failure_is_a_verdict(run: Run, pytester: pytest.Pytester) -> None:
    name = "glm-4.5/f32/prompt/position"
    pytester.path.joinpath("rope-expected.toml").write_text(f'[[fails]]\ncases = "{name}"\nbecause = "not done yet"\n')
    pytester.makepyfile(test_own=OWN_TEST.format(function="raises"))
    run(cases=name).assert_outcomes(failed=1)


def test_the_fixture_has_the_profile(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_own="""
import numpy as np
import rope_conformance as rope
from numpy_rope import rotate
from dataclasses import replace

def test_mine(rope_case):
    # An inverse frequency that is rounded to float32, as in most engines.
    plan = replace(rope_case.plan, inv_freq=np.float64(np.float32(rope_case.plan.inv_freq)))
    rotate(replace(rope_case, plan=plan))
    rope.assert_close(rope_case.q_out, rope_case.k_out, rope_case)
"""
    )
    name = "olmo-2-7b/f32/far/position"
    run(cases=name).assert_outcomes(failed=1)
    run("--rope-profile", "float32-angles", cases=name).assert_outcomes(passed=1)


def test_files_of_the_same_name(run: Run, pytester: pytest.Pytester) -> None:
    for folder, function in [("first", "rotate"), ("second", "swapped")]:
        pytester.mkdir(folder).joinpath("kernel.py").write_text(f"from mine import {function} as f\n")
    result = run("--rope", "first/kernel.py:f", "--rope", "second/kernel.py:f")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("*another module kernel is imported*")


def test_several_functions_and_a_selection(run: Run) -> None:
    result = run("--rope", "mine:rotate", "--rope", "mine:swapped", "-k", "/f32/ and table")
    result.assert_outcomes(passed=1, failed=1, deselected=20)


def test_the_last_failed_are_run_again(run: Run) -> None:
    run("--rope", "mine:rotate", "--rope", "mine:swapped", "-k", "/f32/").assert_outcomes(
        passed=3, failed=3, deselected=16
    )
    run("--rope", "mine:rotate", "--rope", "mine:swapped", "--lf").assert_outcomes(failed=3, deselected=19)


def test_a_fixture_gives_each_case(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=OWN_TEST.format(function="rotate"))
    result = run("-v")
    result.assert_outcomes(passed=11)
    result.stdout.fnmatch_lines("test_own.py::test_mine[[]glm-4.5/bf16/prompt/table[]] PASSED*")


def test_a_fixture_of_a_wrong_function(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=OWN_TEST.format(function="swapped"))
    result = run()
    result.assert_outcomes(failed=11)
    result.stdout.fnmatch_lines(["*worst: *", "FAILED test_own.py::test_mine* query and key match sine-negated (B72)*"])
    assert len(result.stdout.str().split("short test summary info")[1].splitlines()) == 13


def test_a_fixture_of_what_is_not_supported(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=OWN_TEST.format(function="refuses"))
    run().assert_outcomes(passed=3, skipped=8)


@pytest.mark.parametrize("way", ["--rope", "fixture"])
def test_expected_failures(way: str, run: Run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("rope-expected.toml").write_text(
        '[[fails]]\ncases = "*/f32"\nbecause = "the sine is negated"\n'
    )

    def outcomes(function: str) -> pytest.RunResult:
        if way == "fixture":
            pytester.makepyfile(test_own=OWN_TEST.format(function=function))
            return run("-rx")
        return run("-rx", "--rope", f"mine:{function}")

    result = outcomes("swapped")
    result.assert_outcomes(xfailed=3, failed=8)
    result.stdout.fnmatch_lines("XFAIL * - the sine is negated (rope-expected.toml)*")
    # What passes although it is expected to fail is a failure.
    result = outcomes("rotate")
    result.assert_outcomes(passed=8, failed=3)
    result.stdout.fnmatch_lines("*XPASS(strict)*the sine is negated (rope-expected.toml)*")


def test_several_patterns_are_expected_to_fail(run: Run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("rope-expected.toml").write_text(
        '[[fails]]\ncases = ["*/f32", "*/f16"]\nbecause = "the sine is negated"\n'
    )
    result = run("--rope", "mine:swapped", "-k", "/prompt/position")
    result.assert_outcomes(xfailed=2, failed=1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fails", "*rope-expected.toml: *"),
        ("[[passes]]", "*rope-expected.toml: has 'passes'; only ??fails?? can be there*"),
        ('[fails]\ncases = "**"', "*rope-expected.toml: [[]fails[]]: write [[][[]fails[]][]]"),
        ('fails = ["**"]', "*rope-expected.toml: entry 1: must be a table; write [[][[]fails[]][]]"),
        ('[[fails]]\ncases = "**"', "*rope-expected.toml: entry 1: has no 'because'"),
        ('[[fails]]\nbecause = "x"', "*rope-expected.toml: entry 1: has no 'cases'"),
        (
            '[[fails]]\ncases = "**"\nbecause = "x"\nuntil = 3',
            "*rope-expected.toml: entry 1: has 'until'; only 'cases' and 'because' can be there",
        ),
        ('[[fails]]\ncases = "**"\nbecause = " "', "*.toml: entry 1: because ' ': must be a text, not empty"),
        ('[[fails]]\ncases = "**"\nbecause = 3', "*rope-expected.toml: entry 1: because 3: must be a text, not empty"),
        ('[[fails]]\ncases = ""\nbecause = "x"', "*rope-expected.toml: entry 1: cases '': must be a pattern*"),
        ('[[fails]]\ncases = []\nbecause = "x"', "*rope-expected.toml: entry 1: cases [[][]]: must be a pattern*"),
        ('[[fails]]\ncases = ["**", 3]\nbecause = "x"', "*rope-expected.toml: entry 1: cases 3: must be a pattern*"),
        ('[[fails]]\ncases = "no/*"\nbecause = "x"', "*rope-expected.toml: entry 1: *no/[*]* matches none*"),
    ],
)
def test_an_expectation_that_cannot_be_read(text: str, message: str, run: Run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("rope-expected.toml").write_text(text)
    result = run("--rope", "mine:rotate")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mine:missing"], "*function mine:missing: module 'mine' has no attribute 'missing'*"),
        (["mine:generates"], "*function mine:generates: is a generator, which does not run when it is called*"),
        (["mine:rotate", "--rope-cases", "no/*"], "*no/[*]* matches none of the *"),
        (["mine:rotate", "--rope-profile", "float33"], "*float33*"),
        (["mine:rotate", "--rope-runs", "0"], "*runs*must be a whole number from 1 to 1000*"),
        (["mine:rotate", "--rope-runs", "three"], "*--rope-runs: invalid int value: 'three'*"),
        (["mine:rotate", "--rope-tier", "big"], "*--rope-tier: invalid choice: 'big'*"),
        (["mine:rotate", "--rope-device", "gpu"], "*device 'gpu': must be cpu, cuda or cuda:1; *"),
        (["mine:rotate", "--rope-framework", "numpy", "--rope-device", "cuda"], "*'cuda': numpy has only 'cpu'*"),
        (["mine:rotate", "--rope-isolated", "--rope-framework", "theano"], "*framework 'theano': must be one of *"),
    ],
)
def test_what_cannot_be_used_is_named(arguments: list[str], message: str, run: Run) -> None:
    result = run("--rope", *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert fnmatch.fnmatch(result.stdout.str() + result.stderr.str(), message)


def test_what_cannot_be_used_is_named_without_a_function(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=OWN_TEST.format(function="rotate"))
    for argument, message in (("--rope-profile=float33", "*float33*"), ("--rope-framework=theano", "*'theano'*")):
        result = run(argument)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(message)


def test_other_tests_are_left_alone(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_other="def test_other(): pass")
    run().assert_outcomes(passed=1)
