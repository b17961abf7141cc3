"""The plug-in of pytest: each case is a test.

    pytest --rope my_module:rotate --rope-cases 'llama-3.1-8b/**'

makes a test of each case of a function, with the verdict of `check_case`. In a test of one's own, the fixture
`rope_case` is each case in turn:

    def test_rotate(rope_case):
        rope.assert_close(*my_rotate(rope_case), rope_case)

A case that the function does not support is skipped. One that `rope-expected.toml` names must fail.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from rope_conformance._rotation import Function, function_named
from rope_conformance.case import Case
from rope_conformance.check import check_case
from rope_conformance.errors import DoesNotConform, Unsupported, Unusable
from rope_conformance.expected import FILE_NAME, expected_failures
from rope_conformance.judge import judge_of
from rope_conformance.loop import case, case_names


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("rope-conformance")
    group.addoption(
        "--rope",
        action="append",
        default=[],
        metavar="MODULE:FUNCTION",
        help="make each case of this function a test (can be repeated)",
    )
    group.addoption(
        "--rope-cases",
        action="append",
        metavar="PATTERN",
        help="the cases of --rope and of the fixture rope_case, such as 'glm-4.5/bf16' (can be repeated; default: all)",
    )
    group.addoption("--rope-profile", metavar="NAME", help="the profile of rules, such as float32-angles")
    group.addoption("--rope-device", metavar="DEVICE", help="cpu (default), cuda or cuda:1")
    group.addoption(
        "--rope-framework", metavar="NAME", help="numpy (default on the CPU), torch (default elsewhere), cupy or jax"
    )


# ---- Tests of --rope -------------------------------------------------------------------------------------------------


class FunctionCollector(pytest.Collector):
    """The cases of one function."""

    function: Function

    def collect(self) -> Iterator[pytest.Item]:
        try:
            judge = judge_of(self.config.getoption("--rope-cases"), profile=self.config.getoption("--rope-profile"))
        except Unusable as error:
            raise self.CollectError(str(error)) from error
        for name in judge.case_names:
            item: CaseTest = CaseTest.from_parent(self, name=name)
            item.case_name = name
            yield item


class CaseTest(pytest.Item):
    """One case of one function."""

    parent: FunctionCollector
    case_name: str

    def runtest(self) -> None:
        verdict = check_case(
            self.parent.function,
            self.case_name,
            framework=self.config.getoption("--rope-framework"),
            device=self.config.getoption("--rope-device"),
            profile=self.config.getoption("--rope-profile"),
        )
        if verdict.outcome == "unsupported":
            pytest.skip(verdict.reason)
        with _explained(self):
            verdict.assert_conforms()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        # Not the place in this file that raised it.
        if isinstance(excinfo.value, (DoesNotConform, Unusable)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.parent.name}: {self.case_name}"


@contextlib.contextmanager
def _explained(item: pytest.Item) -> Iterator[None]:
    """Reports a verdict in a section of its own, and so in one line where pytest lists failures."""
    try:
        yield
    except DoesNotConform as error:
        item.add_report_section("call", "verdict", str(error.verdict))
        error.args = (error.verdict.reason,)
        raise


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Adds the tests of --rope before others select among them, and says which are expected to fail."""
    try:
        for name in config.getoption("--rope"):
            collector: FunctionCollector = FunctionCollector.from_parent(session, name=name, nodeid=name)
            collector.function = function_named(name)
            items.extend(session.genitems(collector))
        expected: dict[str, str] | None = None
        for item in items:
            if (case_name := _case_name(item)) is None:
                continue
            if expected is None:
                expected = expected_failures(config.rootpath)
            item.user_properties.append(("rope_case", case_name))
            if (reason := expected.get(case_name)) is not None:
                item.add_marker(pytest.mark.xfail(raises=DoesNotConform, reason=f"{reason} ({FILE_NAME})", strict=True))
    except Unusable as error:
        raise pytest.UsageError(str(error)) from error


def _case_name(item: pytest.Item) -> str | None:
    """The case of a test; None for any other test."""
    if isinstance(item, CaseTest):
        return item.case_name
    callspec = getattr(item, "callspec", None)
    name: str | None = None if callspec is None else callspec.params.get("rope_case")
    return name


class Tried:
    """Counts the cases of a run that were judged: a run in which every case is skipped has shown nothing."""

    def __init__(self) -> None:
        self.judged = self.skipped = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if "rope_case" not in dict(report.user_properties) or report.when == "teardown":
            return
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped += 1
        elif report.when == "call":
            self.judged += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and not self.judged and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.skipped and not self.judged:
            terminalreporter.write_line(f"rope-conformance: all {self.skipped} cases were skipped, so none conforms")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Tried(), "rope-conformance-tried")


# ---- The fixture -----------------------------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "rope_case" in metafunc.fixturenames:
        try:
            names = case_names(metafunc.config.getoption("--rope-cases"))
        except Unusable as error:
            raise pytest.UsageError(str(error)) from error
        metafunc.parametrize("rope_case", names, indirect=True)


@pytest.fixture
def rope_case(request: pytest.FixtureRequest) -> Case:
    """A case to rotate, on the device of --rope-device. The test runs once for each of --rope-cases."""
    options = request.config
    return case(
        request.param,
        framework=options.getoption("--rope-framework"),
        device=options.getoption("--rope-device"),
        profile=options.getoption("--rope-profile"),
    )


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Skips a test whose function does not support the case, and explains one that does not conform."""
    try:
        with _explained(pyfuncitem):
            return (yield)
    except Unsupported as error:
        if "rope_case" not in pyfuncitem.fixturenames:
            raise
        pytest.skip(str(error))
