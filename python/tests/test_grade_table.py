"""The table of grades, from reports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "tools" / "grade_table.py"


def case(name: str, outcome: str, grade: str | None = None, **more: object) -> dict[str, object]:
    _, short_type, _, contract = name.split("/")
    element_type = {"f32": "float32", "bf16": "bfloat16"}[short_type]
    found = {"record": "case", "name": name, "element_type": element_type, "contract": contract, "outcome": outcome}
    return found | {"diagnosis": [], "violations": []} | ({"grade": {"name": grade}} if grade else {}) | more


def write(path: Path, summary: str, *cases: dict[str, object]) -> Path:
    header = {"record": "header", "backend": {"name": "x", "summary": summary}}
    path.write_text("".join(json.dumps(line) + "\n" for line in (header, *cases, {"record": "summary"})))
    return path


def table(*reports: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, PROGRAM, *reports], capture_output=True, text=True)


def test_backends_side_by_side(tmp_path: Path) -> None:
    statement = {"text": "query matches pairing-swapped (B01): pairs otherwise; residual 0.3 of the limit"}
    first = write(
        tmp_path / "first.json",
        "a kernel on host CPU, 2 cores",
        case("m/f32/a/table", "conforms", "correctly-rounded"),
        case("m/f32/b/table", "conforms", "float32-exact-angle"),
        case("m/f32/c/table", "conforms", "float32-exact-angle"),
        case("m/bf16/a/none", "conforms"),
    )
    second = write(
        tmp_path / "second.json",
        "another, as recorded in 'outputs.h5'",
        case("m/f32/a/table", "fails", "table-rounded", diagnosis=[statement]),
        case("m/f32/b/table", "fails", diagnosis=[statement | {"text": statement["text"].replace("0.3", "0.4")}]),
        case("m/f32/c/table", "unsupported", unsupported_reason="not done"),
        case("m/bf16/a/none", "fails", violations=[{"message": "query: 3 elements were not copied"}]),
    )
    ended = table(first, second)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split("\n", 4)[4] == (
        """\
|  | cases | first | second |
| --- | --- | --- | --- |
| none, bfloat16 | 1 | copied 1 | **changed 1** |
| table, float32 | 3 | A 1, B 2 | **G 1**, **– 1** |
| conforms |  | 4 |  |
| fails |  |  | 3 |
| unsupported |  |  | 1 |

## first

a kernel on host CPU.

## second

another.

Fails:

| reason | cases | contract and element type | first case |
| --- | --- | --- | --- |
| pairing-swapped (B01): pairs otherwise | 2 | table float32 2 | `m/f32/a/table` |
| query: 3 elements were not copied | 1 | none bfloat16 1 | `m/bf16/a/none` |

Not supported:

| reason | cases | contract and element type | first case |
| --- | --- | --- | --- |
| not done | 1 | table float32 1 | `m/f32/c/table` |
"""
    )


def test_a_run_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    report = write(tmp_path / "cut.json", "a kernel", case("m/f32/a/table", "conforms", "correctly-rounded"))
    report.write_text("\n".join(report.read_text().splitlines()[:-1]))
    ended = table(report)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", f"grade_table: {report}: the run was cut off\n")
