"""Prints the grades of several backends side by side, from their JSON reports.

usage: python3 tools/grade_table.py REPORT.json...
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GRADES = {
    "correctly-rounded": "A",
    "float32-exact-angle": "B",
    "float32-constant-angle": "C",
    "float32-three-products": "D",
    "float32-angle-c8": "E",
    "float32-angle-c48": "F",
    "table-rounded": "G",
    "storage-arithmetic": "H",
    "relative-0.1%": "I",
}
"""A letter for each named budget, from tightest to loosest."""

NO_GRADE = "–"
"""No named budget holds."""


@dataclass(frozen=True)
class Report:
    """One backend on the goldens."""

    name: str
    summary: str
    cases: list[dict[str, Any]]

    @staticmethod
    def read(path: Path) -> Report:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        if not lines or lines[-1]["record"] != "summary":
            sys.exit(f"grade_table: {path}: the run was cut off")
        cases = [line for line in lines if line["record"] == "case"]
        backend = lines[0]["backend"]
        # The grade depends neither on the number of cores nor on the path of a record.
        return Report(path.stem, re.sub(r", (\d+ cores?|as recorded in .*)$", "", backend["summary"]), cases)

    def outcomes(self, outcome: str) -> list[dict[str, Any]]:
        return [case for case in self.cases if case["outcome"] == outcome]


def kind(case: dict[str, Any]) -> tuple[str, str]:
    """The contract, with the type of its table where that is another, and the element type."""
    return case["contract"], case["element_type"]


def grade(case: dict[str, Any]) -> str:
    """The letter of a case that has outputs; none where nothing rotates."""
    if kind(case)[0] == "none":
        return "copied" if case["outcome"] == "conforms" else "changed"
    return GRADES[case["grade"]["name"]] if "grade" in case else NO_GRADE


def cell(cases: Iterable[dict[str, Any]]) -> str:
    """How many cases have which grade, those that fail in bold."""
    counts = Counter((grade(case), case["outcome"] == "fails") for case in cases if case["outcome"] != "unsupported")
    bold = {False: "", True: "**"}
    return ", ".join(f"{bold[fails]}{text} {count}{bold[fails]}" for (text, fails), count in sorted(counts.items()))


def table(header: list[str], rows: Iterable[Iterable[object]]) -> str:
    """A table of Markdown whose columns but the first hold numbers or short texts."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def reasons(cases: Iterable[dict[str, Any]], texts: Callable[[dict[str, Any]], Iterable[str]]) -> str:
    """The reasons of some cases, each with the number and kinds of its cases and the first of them."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for case in cases:
        for text in texts(case):
            found[text].append(case)
    rows = []
    for text, those in sorted(found.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        kinds = sorted(Counter(" ".join(kind(case)) for case in those).items())
        rows.append([text, len(those), ", ".join(f"{name} {count}" for name, count in kinds), f"`{those[0]['name']}`"])
    return table(["reason", "cases", "contract and element type", "first case"], rows)


def findings(case: dict[str, Any]) -> set[str]:
    """What a failed case shows, without the figures that are its own."""
    texts = {violation["message"] for violation in case["violations"]}
    for statement in case["diagnosis"]:
        # The text after the first semicolon is about this case only; the tensors are those that failed.
        text = re.sub(r"^(query and key|query|key) ((is|are|match(es)?) )?", "", statement["text"].partition(";")[0])
        texts.add(text.replace("exceed their limits", "exceeds its limits"))
    return texts


def main() -> None:
    reports = [Report.read(Path(path)) for path in sys.argv[1:]]
    kinds = sorted({kind(case) for report in reports for case in report.cases})

    print("## Grades\n")
    print(", ".join(f"{letter} `{name}`" for name, letter in GRADES.items()) + f"; {NO_GRADE} none of them.\n")
    rows = []
    for contract, element_type in kinds:
        columns = [[case for case in report.cases if kind(case) == (contract, element_type)] for report in reports]
        rows.append([f"{contract}, {element_type}", len(columns[0]), *map(cell, columns)])
    for outcome in ("conforms", "fails", "unsupported"):
        counts = [len(report.outcomes(outcome)) or "" for report in reports]
        rows.append([outcome, "", *counts])
    print(table(["", "cases", *(report.name for report in reports)], rows))

    for report in reports:
        print(f"\n## {report.name}\n\n{report.summary}.")
        if failed := report.outcomes("fails"):
            print("\nFails:\n\n" + reasons(failed, findings))
        if unsupported := report.outcomes("unsupported"):
            print("\nNot supported:\n\n" + reasons(unsupported, lambda case: [case["unsupported_reason"]]))


main()
