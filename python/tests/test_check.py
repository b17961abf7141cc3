"""Judging a function in this process."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import faults
import numpy as np
import numpy_rope
import pytest
from faults import FAULTS

import rope_conformance as rope
from rope_conformance import Case, judge

CASES = [
    "glm-4.5/*/prompt/**",
    "*/*/ragged/table",
    "*/f16/{bhsd,fused-qkv,fused-qkv-in-place}/**",
    "*/f32/channels-apart/**",
]
"""Every element type, layout and contract; strides and calls in place."""


def faults_in(report: rope.Report) -> set[str]:
    """The kinds of violations, and `accuracy` for elements beyond their limit."""
    found = {violation["kind"] for verdict in report.verdicts for violation in verdict.data["violations"]}
    if any(verdict.data.get("accuracy", {}).get("failed_count") for verdict in report.verdicts):
        found.add("accuracy")
    return found


def swapped(case: Case) -> None:
    """Rotates in the other sense."""
    plan = case.plan
    plan = replace(plan, pairs_in=plan.pairs_in[:, ::-1], pairs_out=plan.pairs_out[:, ::-1])
    numpy_rope.rotate(replace(case, plan=plan))


def returns(case: Case) -> tuple[np.ndarray, ...]:
    """Returns new tensors, contiguous ones."""
    copies = [x.copy("C") for x, _ in case.tensors()]
    k = copies[1] if len(copies) > 1 else None
    numpy_rope.rotate(replace(case, q=copies[0], k=k, q_out=copies[0], k_out=k))
    return tuple(copies)


def test_a_right_function_conforms() -> None:
    report = rope.check(numpy_rope.rotate, CASES)
    assert report.conforms, report
    assert {verdict.outcome for verdict in report.verdicts} == {"conforms"}
    assert [verdict.name for verdict in report.verdicts] == rope.judge.judge_of(CASES).case_names
    assert len(report.verdicts) > 20
    report.assert_conforms()
    text = str(report)
    assert "numpy_rope:rotate with numpy on cpu, in this process" in text
    assert "conforms (profile strict)" in text
    assert report.not_checked == []


def test_a_wrong_function_is_told_its_mistake() -> None:
    report = rope.check(swapped, "glm-4.5/*/prompt/**")
    assert not report.conforms
    assert "sine-negated" in str(report)
    assert report.verdicts[0].reason.startswith("query and key match sine-negated (B72)")
    with pytest.raises(AssertionError, match="does not conform"):
        report.assert_conforms()


@pytest.mark.parametrize("framework", ["numpy", "torch"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_reported(fault: str, framework: str) -> None:
    pytest.importorskip(framework)
    report = rope.check(getattr(faults, fault), CASES, framework=framework)
    assert FAULTS[fault] in faults_in(report)
    assert not report.conforms


def test_returned_tensors_conform_and_the_report_says_what_was_not_checked() -> None:
    report = rope.check(returns, CASES)
    assert report.conforms, report
    (text,) = report.not_checked
    assert text.startswith("strides of outputs and writes in place, in ")
    assert f"not checked: {text}" in str(report)


def test_unsupported_cases_do_not_fail() -> None:
    def only_float32(case: Case) -> None:
        if case.element_type != "float32":
            raise rope.Unsupported(f"{case.element_type} is not done yet")
        numpy_rope.rotate(case)

    report = rope.check(only_float32, "glm-4.5/*/prompt/**")
    outcomes = {verdict.data["element_type"]: verdict.outcome for verdict in report.verdicts}
    assert outcomes == {"float32": "conforms", "float16": "unsupported", "bfloat16": "unsupported"}
    assert report.conforms
    (reason,) = {verdict.reason for verdict in report.verdicts if verdict.data["element_type"] == "float16"}
    assert reason == "float16 is not done yet"


def test_nothing_done_is_no_conformance() -> None:
    def refuses(case: Case) -> None:
        raise rope.Unsupported("on holiday")

    assert not rope.check(refuses, "glm-4.5/f32/prompt/**").conforms


def test_an_error_fails_its_case() -> None:
    def raises(case: Case) -> None:
        raise ValueError("no such kernel")

    verdict = rope.check_case(raises, "glm-4.5/f32/prompt/position")
    assert verdict.outcome == "fails"
    assert "ValueError: no such kernel (test_check.py:" in verdict.reason


def test_invalid_cases_must_be_refused() -> None:
    invalid = ["*/*/rotary-beyond-head/**", "*/*/row-beyond-table/**"]
    assert rope.check(numpy_rope.rotate, invalid).conforms

    def clamps(case: Case) -> None:
        rows = case.table_rows.clip(0, len(case.cos) - 1)
        numpy_rope.rotate(replace(case, tokens=replace(case.tokens, table_rows=rows)))

    for verdict in rope.check(clamps, invalid[1]).verdicts:
        assert [violation["kind"] for violation in verdict.data["violations"]] == ["not refused"]


def test_one_case() -> None:
    verdict = rope.check_case(numpy_rope.rotate, "glm-4.5/bf16/prompt/table")
    assert (verdict.name, verdict.outcome, verdict.reason) == ("glm-4.5/bf16/prompt/table", "conforms", "")
    assert repr(verdict) == "<glm-4.5/bf16/prompt/table: conforms>"
    verdict.assert_conforms()
    verdict = rope.check_case(swapped, "glm-4.5/bf16/prompt/table")
    with pytest.raises(rope.DoesNotConform, match="query and key match sine-negated") as raised:
        verdict.assert_conforms()
    assert raised.value.verdict is verdict
    assert "worst: " in str(verdict)


def test_a_looser_profile() -> None:
    def float32_angles(case: Case) -> None:
        angles = case.position_ids[0, :, :, None].astype(np.float32) * case.plan.inv_freq.astype(np.float32)
        table = replace(
            case,
            contract="table",
            cos=np.cos(angles).reshape(-1, angles.shape[-1]),
            sin=np.sin(angles).reshape(-1, angles.shape[-1]),
            tokens=replace(case.tokens, table_rows=np.arange(angles[..., 0].size).reshape(angles.shape[:2])),
        )
        numpy_rope.rotate(table)

    case = "llama-3.1-8b/f32/far/position"
    assert not rope.check(float32_angles, case).conforms
    report = rope.check(float32_angles, case, profile="float32-angles")
    assert report.conforms, report
    assert "profile float32-angles" in str(report)


def test_reports_in_files(tmp_path: Path) -> None:
    report = rope.check(numpy_rope.rotate, "glm-4.5/f32/prompt/**")
    paths = {name: tmp_path / name for name in ("text", "json", "junit", "html", "markdown")}
    report.write(**paths)
    lines = [json.loads(line) for line in paths["json"].read_text().splitlines()]
    assert [line["record"] for line in lines] == ["header", *("case" for _ in report.verdicts), "summary"]
    assert [line for line in lines if line["record"] == "case"] == [verdict.data for verdict in report.verdicts]
    assert lines[0]["backend"]["name"] == "numpy_rope:rotate"
    assert "<testsuite" in paths["junit"].read_text()
    assert paths["html"].read_text().startswith("<!DOCTYPE html>")
    with pytest.raises(TypeError, match="pdf=...*must be one of text, json"):
        report.write(pdf=tmp_path / "x")


def test_progress_comes_as_it_goes_and_in_this_thread() -> None:
    seen: list[tuple[str, threading.Thread]] = []
    report = rope.check(
        numpy_rope.rotate,
        "glm-4.5/f32/prompt/**",
        progress=lambda verdict: seen.append((verdict.name, threading.current_thread())),
    )
    assert seen == [(verdict.name, threading.current_thread()) for verdict in report.verdicts]


@pytest.mark.parametrize("where", ["function", "progress"])
def test_ctrl_c_ends_a_run(where: str) -> None:
    called = []

    def interrupted(*_: object) -> None:
        called.append(1)
        raise KeyboardInterrupt

    functions: dict[str, Callable] = {"function": numpy_rope.rotate, "progress": lambda _: None, where: interrupted}
    with pytest.raises(KeyboardInterrupt):
        rope.check(functions["function"], CASES, progress=functions["progress"])
    assert called == [1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cases": "no/*"}, "'no/\\*' matches none"),
        ({"profile": "float33"}, "float33"),
        ({"tolerances": ["nonsense"]}, "nonsense"),
        ({"runs": 0}, "runs"),
        ({"framework": "theano"}, "framework 'theano': must be one of numpy, torch, cupy, jax"),
        ({"device": "cuda", "framework": "numpy"}, "numpy has only 'cpu'"),
        ({"device": "gpu"}, "device 'gpu': must be cpu, cuda or cuda:1; for any other, name the framework that has it"),
        ({"device": "gpu", "framework": "jax"}, "device 'gpu': JAX has only cpu:0"),
        ({"device": "gpu", "framework": "torch"}, "device 'gpu': torch has only cpu"),
        (
            {"tolerances": "nosuch.yaml"},
            "tolerances 'nosuch.yaml': is no file, and no rule, which is written '.* = .*'",
        ),
        ({"tier": "big"}, "tier 'big': must be 'default' or 'full'"),
    ],
)
def test_what_cannot_be_used_is_named(arguments: dict, message: str) -> None:
    if arguments.get("framework") in ("jax", "torch"):
        pytest.importorskip(arguments["framework"])
    with pytest.raises(rope.Unusable, match=message):
        rope.check(numpy_rope.rotate, **arguments)


def test_a_case_that_is_not_there_is_named() -> None:
    with pytest.raises(rope.Unusable, match="no-such/case"):
        rope.check_case(numpy_rope.rotate, "no-such/case")


def test_torch() -> None:
    pytest.importorskip("torch")
    report = rope.check(faults.rotate, CASES, framework="torch")
    assert report.conforms, report
    assert report.not_checked == []
    assert "faults:rotate with torch on cpu, in this process" in str(report)


def test_jax() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    import jax_rope

    report = rope.check(jax_rope.rotate, CASES, framework="jax")
    assert report.conforms, report
    (text,) = report.not_checked
    assert text.startswith("memory layouts, in-place calls, changed inputs and writes outside the outputs: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cases": []}, "cases is an empty list"),
        ({"cases": CASES, "isolated": True, "timeout": 0}, "timeout 0 s: must be more than 0"),
    ],
)
def test_settings_that_cannot_be_used(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(rope.Unusable, match=message):
        rope.check(faults.rotate, **arguments)


def generates(case: Case) -> Iterator[None]:
    yield


async def waits(case: Case) -> None:
    numpy_rope.rotate(case)


async def generates_and_waits(case: Case) -> AsyncIterator[None]:
    yield


class Waits:
    async def __call__(self, case: Case) -> None:
        numpy_rope.rotate(case)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (3, "function 3: is not a function"),
        (generates, "function test_check:generates: is a generator, which does not run when it is called; "),
        (functools.partial(generates), "function test_check:generates: is a generator"),
        (waits, "function test_check:waits: is an async function"),
        (generates_and_waits, "function test_check:generates_and_waits: is an async generator"),
        (Waits(), "function test_check:Waits: is an async function"),
        ("test_check:waits", "function test_check:waits: is an async function"),
    ],
)
def test_what_is_no_function(function: Any, message: str) -> None:
    with pytest.raises(rope.Unusable, match=message):
        rope.check(function, CASES)


class Rotation:
    """A function with state."""

    def __call__(self, case: Case) -> None:
        numpy_rope.rotate(case)

    def raises(self, case: Case) -> None:
        raise ValueError("no such kernel")


def raises_with(text: str, case: Case) -> None:
    raise ValueError(text)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (Rotation(), "test_check:Rotation"),
        (functools.partial(numpy_rope.rotate), "numpy_rope:rotate"),
        (lambda case: numpy_rope.rotate(case), "test_check:<lambda>"),
    ],
)
def test_whatever_can_be_called(function: Callable, name: str) -> None:
    report = rope.check(function, "glm-4.5/f32/prompt/table")
    assert report.conforms
    assert f"{name} with numpy on cpu, in this process" in str(report)


@pytest.mark.parametrize("function", [Rotation().raises, functools.partial(raises_with, "no such kernel")])
def test_the_place_of_an_error(function: Callable) -> None:
    assert "ValueError: no such kernel (test_check.py:" in rope.check_case(function, "glm-4.5/f32/prompt/table").reason


def test_what_a_function_raised_is_the_cause() -> None:
    with pytest.raises(rope.DoesNotConform) as raised:
        rope.check_case(Rotation().raises, "glm-4.5/f32/prompt/table").assert_conforms()
    assert isinstance(raised.value.__cause__, ValueError)


def test_a_verdict_says_what_was_called_and_what_was_not_checked() -> None:
    name = "glm-4.5/f32/prompt/table"
    (listed,) = rope.check(returns, name).verdicts
    for verdict in (rope.check_case(returns, name), listed):
        first, *lines = str(verdict).splitlines()
        assert first.endswith(name)
        assert lines[0].startswith("  call: forward, bshd, separate; batch 1, 5 tokens, 2 heads of Q and 1 of K")
        assert lines[1] == "  function: test_check:returns with numpy on cpu, in this process"
        assert lines[2].startswith("  not checked: strides of outputs and writes in place, in 3 calls: ")
    assert "not checked" not in str(rope.check_case(numpy_rope.rotate, name))


@pytest.mark.parametrize("variable", ["ROPE_FIXTURES", "ROPE_TOLERANCES_FILE", "ROPE_PROFILE", "ROPE_RUNS"])
def test_an_empty_variable_is_named(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "")
    # Judges that are open already have read what they need.
    judge._judge.cache_clear()
    with pytest.raises(rope.Unusable, match=f"environment variable {variable} is empty: give it a value or unset it"):
        rope.check(numpy_rope.rotate, "glm-4.5/f32/prompt/table")
    judge._judge.cache_clear()


def test_a_file_of_tolerances(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("rules:\n  - '** = ulp=0 because nothing is right'\n")
    assert rope.check_case(numpy_rope.rotate, "glm-4.5/f32/prompt/table").conforms
    assert not rope.check_case(numpy_rope.rotate, "glm-4.5/f32/prompt/table", tolerances=str(file)).conforms


def test_a_path_that_is_not_ascii(tmp_path: Path) -> None:
    report = rope.check(numpy_rope.rotate, "glm-4.5/f32/prompt/table")
    folder = tmp_path / "Prüfung 検証"
    folder.mkdir()
    report.write(html=folder / "δ.html", junit=str(folder / "δ.xml"))
    assert (folder / "δ.html").read_text(encoding="utf-8") == report.text("html")
    assert (folder / "δ.xml").read_text(encoding="utf-8") == report.text("junit")


def test_a_function_may_change_the_configuration_it_is_given() -> None:
    def greedy(case: rope.Case) -> None:
        faults.rotate(case)
        case.configuration.clear()
        case.workload.clear()

    for _ in range(2):
        assert rope.check_case(greedy, "llama-2-7b/f32/prompt/position").conforms
