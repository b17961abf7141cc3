"""Verdicts on cases, and the report of a run."""

from __future__ import annotations

import functools
import json
import os
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rope_conformance._arguments import counted
from rope_conformance._library import library
from rope_conformance.errors import DoesNotConform

FORMATS = ("text", "json", "junit", "html", "markdown")


class Verdict:
    """What the judge says of one case. `str()` explains it as the terminal does."""

    def __init__(self, line: str, notes: Sequence[str] = (), raised: BaseException | None = None) -> None:
        self._line, self._notes = line, notes
        self._raised = raised
        self.data: dict[str, Any] = json.loads(line)
        """The JSON object of the case, as in a report."""

    @property
    def name(self) -> str:
        """The name of the case."""
        name: str = self.data["name"]
        return name

    @property
    def outcome(self) -> str:
        """`conforms`, `fails` or `unsupported`."""
        outcome: str = self.data["outcome"]
        return outcome

    @property
    def conforms(self) -> bool:
        return self.outcome == "conforms"

    @property
    def reason(self) -> str:
        """Why it does not conform, in one line: first the causes that the diagnosis names, then what was found."""
        if self.outcome == "unsupported":
            return str(self.data["unsupported_reason"])
        reasons = [found["text"] for found in self.data["diagnosis"]]
        reasons += [_worded(violation["message"]) for violation in self.data["violations"]]
        accuracy = self.data.get("accuracy")
        if accuracy and accuracy["failed_count"]:
            budget = self.data["tolerance"]["budget"]["name"]
            reasons.append(f"{accuracy['failed_count']} of {accuracy['element_count']} elements exceed {budget}")
        return "; ".join(reasons)

    def assert_conforms(self) -> None:
        """Raises `DoesNotConform`, an `AssertionError` with the explained verdict, if it does not conform."""
        __tracebackhide__ = True
        if not self.conforms:
            raise DoesNotConform(self) from self._raised

    def __str__(self) -> str:
        text = _worded(library().text("rope_verdict_text", self._line.encode()))
        first, *rest = text.rstrip("\n").split("\n")
        return "\n".join([first, *(f"  {note}" for note in self._notes), *rest])

    def __repr__(self) -> str:
        return f"<{self.name}: {self.outcome}>"


def _worded(text: str) -> str:
    """A text of the library as it is shown here: it knows a backend, which is the user's function."""
    return text.replace("the backend failed: rotating: the backend failed: ", "the function failed: ")


def notes_on(about: dict[str, Any], ran: str | None, not_checked: Sequence[str]) -> list[str]:
    """What a verdict says of its call besides what the judge found: which kind of call it was, what ran, and what could
    not be checked."""
    workload = about["workload"]
    place = ", in place" if workload["in_place"] else ""
    key = "" if workload["query_alone"] else f" and {workload['key_heads']} of K"
    tokens, heads = counted(workload["sequence"], "token"), counted(workload["query_heads"], "head")
    call = (
        f"call: {about['direction']}, {about['layout']}, {workload['storage']}{place}; batch {workload['batch']}, "
        f"{tokens}, {heads} of Q{key}"
    )
    function = [] if ran is None else [f"function: {ran}"]
    return [call, *function, *(f"not checked: {what}" for what in not_checked)]


def not_checked(gives_views: bool, returned_count: int) -> list[str]:
    """What the judge cannot see of a function that returned new tensors in some calls."""
    if not gives_views:
        return [
            "memory layouts, in-place calls, changed inputs and writes outside the outputs: "
            "the framework's arrays cannot be written, so inputs are copies and outputs are returned"
        ]
    if returned_count:
        return [
            f"strides of outputs and writes in place, in {counted(returned_count, 'call')}: "
            "the function returned new tensors, which were copied into the outputs"
        ]
    return []


class Report:
    """The verdicts of a run. `str()` is what the terminal shows."""

    def __init__(self, handle: int, verdicts: list[Verdict], not_checked: list[str]) -> None:
        self._handle = handle
        weakref.finalize(self, library().close, "rope_report_close", handle)
        for text in not_checked:
            library().call("rope_report_note", handle, text.encode())
        self.verdicts = verdicts
        """Those of the cases, in order."""
        self.not_checked = not_checked
        """What this run could not check, one line each."""

    @functools.cached_property
    def conforms(self) -> bool:
        """Whether at least one case conforms, none fails, and nothing else is wrong."""
        return library().value("rope_report_conforms", self._handle) == 1

    def text(self, format: str = "text") -> str:
        """The report as `text`, `json` (JSON Lines), `junit`, `html` or `markdown`.

        Raises `Unusable` for another format.
        """
        text = library().text("rope_report_text", self._handle, format.encode())
        return _worded(text) if format == "text" else text

    def write(self, **paths: str | os.PathLike[str]) -> None:
        """Writes the report to files, each named by its format: `report.write(json="run.json", html="run.html")`.

        Raises `TypeError` for a format that there is not, and `OSError` for a file that cannot be written.
        """
        if unknown := paths.keys() - set(FORMATS):
            raise TypeError(f"write({min(unknown)}=...): must be one of {', '.join(FORMATS)}")
        for format, path in paths.items():
            Path(path).write_text(self.text(format), encoding="utf-8")

    def assert_conforms(self) -> None:
        """Raises `AssertionError` with the report if it does not conform."""
        __tracebackhide__ = True
        assert self.conforms, str(self)

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    def __repr__(self) -> str:
        counts = dict.fromkeys(("conforms", "fails", "unsupported"), 0)
        for verdict in self.verdicts:
            counts[verdict.outcome] += 1
        return f"<Report: {', '.join(f'{count} {outcome}' for outcome, count in counts.items())}>"
