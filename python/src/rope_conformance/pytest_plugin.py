"""The plug-in of pytest: each case is a test.

    pytest --rope my_module:rotate --rope-cases 'llama-3.1-8b/**'

makes a test of each case of a function, with the verdict of `check_case`. In a test of one's own, the fixture
`rope_case` is each case in turn:

    def test_rotate(rope_case):
        rope.assert_close(*my_rotate(rope_case), rope_case)

A case that the function does not support is skipped. One that `rope-expected.toml` names must fail.
"""

from __future__ import annotations

import pytest

from rope_conformance._pytest_cases import FunctionTests, case_name_of, device_options, judge_options
from rope_conformance._pytest_reports import Reports
from rope_conformance.case import Case
from rope_conformance.errors import DoesNotConform, Unusable
from rope_conformance.expected import FILE_NAME, expected_failures
from rope_conformance.frameworks import memory_of
from rope_conformance.judge import TIERS, judge_of
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
    group.addoption("--rope-tier", choices=TIERS, help="full adds cases of millions of elements")
    group.addoption("--rope-profile", metavar="NAME", help="the profile of rules, such as float32-angles")
    group.addoption("--rope-device", metavar="DEVICE", help="cpu (default), cuda or cuda:1")
    group.addoption(
        "--rope-framework", metavar="NAME", help="numpy (default on the CPU), torch (default elsewhere), cupy or jax"
    )
    group.addoption("--rope-runs", type=int, metavar="N", help="how often --rope runs each case (default: 3)")
    group.addoption("--rope-isolated", action="store_true", help="run the functions of --rope in child processes")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Reports(), "rope-conformance-reports")
    judge, device = judge_options(config), device_options(config)
    try:
        # What cannot be used is refused before the first test. Without options, nothing needs to be loaded.
        if any(value is not None for value in judge.values()):
            judge_of(**judge)
        if any(value is not None for value in device.values()) and not config.getoption("--rope-isolated"):
            memory_of(**device)
    except Unusable as error:
        raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Adds the tests of --rope before others select among them, and says which are expected to fail."""
    try:
        for name in config.getoption("--rope"):
            tests: FunctionTests = FunctionTests.from_parent(session, name=name, nodeid=name)
            tests.open()
            items.extend(session.genitems(tests))
        expected: dict[str, str] | None = None
        for item in items:
            if (case_name := case_name_of(item)) is None:
                continue
            if expected is None:
                expected = expected_failures(config.rootpath)
            item.user_properties.append(("rope_case", case_name))
            if (reason := expected.get(case_name)) is not None:
                item.add_marker(pytest.mark.xfail(raises=DoesNotConform, reason=f"{reason} ({FILE_NAME})", strict=True))
    except Unusable as error:
        raise pytest.UsageError(str(error)) from error


# ---- The fixture -----------------------------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "rope_case" in metafunc.fixturenames:
        options = judge_options(metafunc.config)
        try:
            names = case_names(options["cases"], tier=options["tier"])
        except Unusable as error:
            raise pytest.UsageError(str(error)) from error
        metafunc.parametrize("rope_case", names, indirect=True)


@pytest.fixture
def rope_case(request: pytest.FixtureRequest) -> Case:
    """A case to rotate, on the device of --rope-device. The test runs once for each of --rope-cases."""
    return case(request.param, profile=judge_options(request.config)["profile"], **device_options(request.config))
