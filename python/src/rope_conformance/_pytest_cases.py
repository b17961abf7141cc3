"""The tests of pytest's option --rope: each case of a function."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rope_conformance._backend import Candidate
from rope_conformance._pytest_reports import explained
from rope_conformance.check import TIMEOUT, candidate_of, judged
from rope_conformance.errors import DoesNotConform, Unusable
from rope_conformance.judge import Judge, judge_of


def judge_options(config: pytest.Config) -> dict[str, Any]:
    """The arguments of `judge_of` that the command line gives."""
    return {name: config.getoption(f"--rope-{name}") for name in ("cases", "profile", "runs", "tier")}


def device_options(config: pytest.Config) -> dict[str, Any]:
    """The arguments of `memory_of` that the command line gives."""
    return {name: config.getoption(f"--rope-{name}") for name in ("framework", "device")}


def case_name_of(item: pytest.Item) -> str | None:
    """The case of a test; None for any other test."""
    if isinstance(item, CaseTest):
        return item.case_name
    callspec = getattr(item, "callspec", None)
    name: str | None = None if callspec is None else callspec.params.get("rope_case")
    return name


class FunctionTests(pytest.Collector):
    """The cases of one function, which can be called until the session ends."""

    judge: Judge
    candidate: Candidate

    def open(self) -> None:
        """Makes the function ready.

        Raises `Unusable` if it, a setting or the device cannot be used.
        """
        options, running = self.config, contextlib.ExitStack()
        options.add_cleanup(running.close)
        self.judge = judge_of(**judge_options(options))
        candidate = candidate_of(
            self.name, **device_options(options), isolated=options.getoption("--rope-isolated"), timeout=TIMEOUT
        )
        self.candidate = running.enter_context(candidate)

    def collect(self) -> Iterator[pytest.Item]:
        for name in self.judge.case_names:
            item: CaseTest = CaseTest.from_parent(self, name=name)
            item.case_name = name
            yield item


class CaseTest(pytest.Item):
    """One case of one function."""

    parent: FunctionTests
    case_name: str

    def runtest(self) -> None:
        verdict = judged(self.parent.judge, self.case_name, self.parent.candidate)
        if verdict.outcome == "unsupported":
            pytest.skip(verdict.reason)
        with explained(self):
            verdict.assert_conforms()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The user's function where it raised; otherwise the reason, and not the place in this file that raised it."""
        error, options = excinfo.value, self.config.option
        if isinstance(error, DoesNotConform) and error.__cause__ is not None:
            return pytest.ExceptionInfo.from_exception(error.__cause__).getrepr(
                style="long" if options.tbstyle == "auto" else options.tbstyle,
                showlocals=options.showlocals,
                tbfilter=not options.fulltrace,
            )
        if isinstance(error, (DoesNotConform, Unusable)):
            return str(error)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.parent.name}: {self.case_name}"
