"""What pytest shows of verdicts, and of a session without one."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator

import pytest

from rope_conformance.errors import DoesNotConform, Unsupported


@contextlib.contextmanager
def explained(item: pytest.Item) -> Iterator[None]:
    """Reports a verdict in a section of its own, and so in one line where pytest lists failures."""
    __tracebackhide__ = True
    try:
        yield
    except DoesNotConform as error:
        item.add_report_section("call", "verdict", str(error.verdict))
        error.args = (error.verdict.reason,)
        raise


class Reports:
    """Explains verdicts in tests of one's own, and counts the cases of a session that were judged: a session in which
    every case is skipped has shown nothing."""

    def __init__(self) -> None:
        self.judged = self.skipped = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Skips a test whose function does not support the case, and explains one that does not conform."""
        try:
            with explained(pyfuncitem):
                return (yield)
        except Unsupported as error:
            if "rope_case" not in pyfuncitem.fixturenames:
                raise
            pytest.skip(str(error))

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
            skipped = "the only case was" if self.skipped == 1 else f"all {self.skipped} cases were"
            terminalreporter.write_line(f"rope-conformance: {skipped} skipped, so none conforms")
