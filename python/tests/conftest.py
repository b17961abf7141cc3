"""What the tests share: the program, and inputs that it exported."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rope_conformance._places import environment, places

CASES = (
    "chatglm3-6b/**",
    "deepseek-v3/*/backward/*",
    "gpt-oss-20b/*/backward/*",
    "wan-2.1/f32/prompt/position",
)
"""Every contract, element type and layout; both directions; an attention factor; one axis and three."""

CALLS = ("query-alone", "key-apart-ragged", "no-*", "fractional-positions", "rotary-beyond-head", "row-beyond-table")
"""Workloads of computed cases."""


class Program:
    """The native program."""

    path = places().program

    def run(self, *arguments: str | Path, statuses: tuple[int, ...] = (0,)) -> str:
        """What it prints."""
        ended = subprocess.run([self.path, *map(str, arguments)], env=environment(), capture_output=True, text=True)
        assert ended.returncode in statuses, ended.stderr
        return ended.stdout


@pytest.fixture(scope="session")
def program() -> Program:
    return Program()


@pytest.fixture(scope="session")
def exported(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of inputs files."""
    folder = tmp_path_factory.mktemp("exported") / "inputs"
    patterns = [*CASES, *(f"*/*/{call}/*" for call in CALLS)]
    program.run("export", folder, "--tier", "full", *(argument for case in patterns for argument in ("--case", case)))
    return folder


@pytest.fixture(scope="session")
def chatglm(exported: Path) -> Path:
    """The inputs file of chatglm3-6b."""
    return exported / "chatglm3-6b.h5"


@pytest.fixture(scope="session")
def one(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An inputs file of one case in bfloat16."""
    folder = tmp_path_factory.mktemp("one") / "inputs"
    program.run("export", folder, "--case", ONE)
    return folder / "chatglm3-6b.h5"


ONE = "chatglm3-6b/bf16/non-finite/table-f32"
