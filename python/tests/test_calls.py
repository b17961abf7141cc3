"""Calls beyond one rotation of Q and K by the same integer positions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Program
from numpy_rope import rotate

from rope_conformance import Case, Unsupported
from rope_conformance._function import Function
from rope_conformance.files import cases, record

KINDS = {
    *("query-alone", "key-apart-ragged", "no-tokens", "no-key-heads", "fractional-positions"),
    *("rotary-beyond-head", "row-beyond-table"),
}


def kind(name: str) -> str:
    return name.split("/")[2].removesuffix("-twin")


def verdicts(function: Function, exported: Path, program: Program, folder: Path) -> dict[str, dict]:
    outputs, report = folder / "outputs.h5", folder / "report.jsonl"
    record(sorted(exported.glob("*.h5")), outputs, function, name="test", select=lambda name: kind(name) in KINDS)
    program.run("validate", outputs, "--tier", "full", "--only-recorded", "--json", report, statuses=(0, 1))
    lines = map(json.loads, report.read_text().splitlines())
    return {line["name"]: line for line in lines if line["record"] == "case"}


def test_numpy_does_every_kind(exported: Path, program: Program, tmp_path: Path) -> None:
    found = verdicts(rotate, exported, program, tmp_path)
    assert {kind(name) for name in found} == KINDS and not any("-twin/" in name for name in found)
    assert {verdict["outcome"] for verdict in found.values()} == {"conforms"}


def test_who_clamps_a_row_is_found_out(exported: Path, program: Program, tmp_path: Path) -> None:
    def clamped(case: Case) -> None:
        if kind(case.name) != "row-beyond-table":
            raise Unsupported("not in this test")
        rows = case.table_rows.clip(0, len(case.cos) - 1)
        rotate(replace(case, tokens=replace(case.tokens, table_rows=rows)))

    found = verdicts(clamped, exported, program, tmp_path)
    rows = [verdict for name, verdict in found.items() if kind(name) == "row-beyond-table"]
    assert len(rows) == 5
    for verdict in rows:
        assert verdict["outcome"] == "fails"
        assert [violation["kind"] for violation in verdict["violations"]] == ["not refused"]


def test_q_alone_is_a_tuple_of_one(exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = (path for path in exported.glob("llama-2-7b.h5"))
    (name,) = (case.name for case in cases(path) if case.k is None and case.contract == "none" and "/f32/" in case.name)
    for returned, reason in (
        (
            lambda case: (case.q, None),
            "returned a tuple of 2, must be a tuple of Q, or None if it is in the case's outputs",
        ),
        (lambda case: case.q, "returned ndarray, must be a tuple of Q, or None if it is in the case's outputs"),
    ):
        assert record([path], tmp_path / "outputs.h5", returned, name="mine", select=name.__eq__).failed == 1
        assert capsys.readouterr().err == f"{name}: {reason}\n"
    counts = record([path], tmp_path / "outputs.h5", lambda case: (case.q,), name="mine", select=name.__eq__)
    assert counts.recorded == 1
