"""A function's verdicts are the same, whichever way it is judged."""

from __future__ import annotations

import dataclasses
import json
import shlex
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy_rope
import pytest
from conftest import Program
from plug_in import PlugIn
from test_check import swapped

import rope_conformance as rope
from rope_conformance import Case, files
from rope_conformance._function import Function, name_of
from rope_conformance._header import Progress
from rope_conformance._library import library
from rope_conformance._places import environment

CASES = ["glm-4.5/*/prompt/**", "deepseek-v3/*/backward/**", "*/f16/bhsd/table", "*/*/row-beyond-table/table"]
FUNCTIONS = [numpy_rope.rotate, swapped]


def judged(verdict: dict[str, Any]) -> dict[str, Any]:
    """A verdict without its time."""
    return {key: value for key, value in verdict.items() if key != "seconds"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_in_this_process_in_a_child_and_as_a_program(function: Function, program: Program, tmp_path: Path) -> None:
    here = rope.check(function, CASES)
    child = rope.check(function, CASES, isolated=True)
    assert f"{name_of(function)} with numpy on cpu, in a child process" in str(child)
    report = tmp_path / "report.json"
    command = shlex.join([sys.executable, "-m", "rope_conformance", "record"]) + " {inputs} {outputs}"
    command += f" --function {shlex.quote(function.__code__.co_filename)}:{function.__name__}"
    cases = [argument for case in CASES for argument in ("--case", case)]
    program.run("run", "--backend", f"command:{command}", *cases, "--json", report, statuses=(0, 1))
    lines = map(json.loads, report.read_text().splitlines())
    recorded = {line["name"]: judged(line) for line in lines if line["record"] == "case"}
    for report in (here, child):
        assert [verdict.name for verdict in report.verdicts] == [*recorded]
        for verdict in report.verdicts:
            assert judged(verdict.data) == recorded[verdict.name]
    assert here.conforms == child.conforms == (function is numpy_rope.rotate)


def found_in(verdict: dict[str, Any]) -> dict[str, Any]:
    """What was found, without the time and the name of the backend."""
    kept = ("outcome", "unsupported_reason", "violations", "accuracy", "profile", "diagnosis")
    return {key: verdict.get(key) for key in kept}


def test_a_plug_in_of_the_program_of_the_library_and_of_this_package(program: Program, tmp_path: Path) -> None:
    """On every default case, where one run of each is enough."""
    plug_in, report = PlugIn(tmp_path), tmp_path / "report.jsonl"
    program.run("run", "--backend", f"plugin:{plug_in.path}", "--runs", "1", "--json", report, statuses=(1,))
    lines = map(json.loads, report.read_text().splitlines())
    wanted = {line["name"]: found_in(line) for line in lines if line["record"] == "case"}
    by_library = {verdict["name"]: found_in(verdict) for verdict in verdicts_of_library(plug_in)}
    by_package = {verdict.name: found_in(verdict.data) for verdict in rope.check(plug_in.rotate, runs=1).verdicts}
    assert [*wanted] == [*by_library] == [*by_package]
    for name, verdict in wanted.items():
        assert by_library[name] == verdict, name
        assert by_package[name] == verdict, name
    failing = {name for name, verdict in wanted.items() if verdict["outcome"] == "fails"}
    assert len(wanted) > 800 and len(failing) > 40
    assert all("/f16/" in name and name.endswith("/position") for name in failing)


def verdicts_of_library(plug_in: PlugIn) -> list[dict[str, Any]]:
    """What rope_judge_run says of a backend that is called once for each case."""
    found = environment()
    settings = {"goldens": found["ROPE_FIXTURES"], "tolerances_file": found["ROPE_TOLERANCES_FILE"], "runs": 1}
    judge = library().handle("rope_judge_open", json.dumps(settings).encode())
    report = library().handle("rope_judge_run", judge, plug_in.backend, None, Progress(), None)
    lines = map(json.loads, library().text("rope_report_text", report, b"json").splitlines())
    library().close("rope_report_close", report)
    library().close("rope_judge_close", judge)
    return [line for line in lines if line["record"] == "case"]


def test_a_case_is_the_same_from_a_file(exported: Path) -> None:
    compared = 0
    for path in sorted(exported.glob("*.h5")):
        for stored in files.cases(path):
            if stored.workload.get("invalid_value") is not None or "-twin/" in stored.name:
                continue
            case = rope.case(stored.name)
            for field in dataclasses.fields(Case):
                if field.name not in ("q_out", "k_out", "in_place", "own_run"):
                    assert_same(getattr(case, field.name), getattr(stored, field.name), f"{stored.name}: {field.name}")
            compared += 1
    assert compared > 70


def assert_same(found: Any, wanted: Any, what: str) -> None:
    """Equality of fields, bit for bit in arrays."""
    if dataclasses.is_dataclass(wanted):
        for name, value in vars(wanted).items():
            assert_same(getattr(found, name), value, f"{what}.{name}")
    elif isinstance(wanted, np.ndarray):
        assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape), what
        assert found.tobytes() == wanted.tobytes(), what
    else:
        assert found == wanted, what


@pytest.mark.parametrize("ends", ["crashes", "exits"])
def test_a_crash_costs_one_case(ends: str) -> None:
    report = rope.check(f"calls:{ends}_at_bfloat16", "glm-4.5/*/prompt/**", isolated=True)
    for verdict in report.verdicts:
        assert verdict.conforms == (verdict.data["element_type"] != "bfloat16"), verdict
    failed = [verdict.reason for verdict in report.verdicts if not verdict.conforms]
    reason = {"crashes": "was killed by SIGSEGV", "exits": "exited with status 3"}[ends]
    assert all(f"the function's process {reason}" in text for text in failed)
