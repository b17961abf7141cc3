"""The command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

MINE = """
import rope_conformance
number = 3
def rotate(case):
    return case.q, case.k
def refuse(case):
    raise rope_conformance.Unsupported("on holiday")
def fail(case):
    raise ValueError("broken")
def exit(case):
    raise SystemExit(3)
def interrupt(case):
    raise KeyboardInterrupt
class Kernel:
    pass
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "wrong.py").write_text("def rotate(case:\n")
    return tmp_path


def command(folder: Path, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rope_conformance", "record", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("function", "counts"),
    [
        ("mine:rotate", "1 recorded, 0 unsupported, 0 failed"),
        ("mine.py:rotate", "1 recorded, 0 unsupported, 0 failed"),
        ("mine:refuse", "0 recorded, 1 unsupported, 0 failed"),
        ("mine:fail", "0 recorded, 0 unsupported, 1 failed"),
        ("mine:exit", "0 recorded, 0 unsupported, 1 failed"),
    ],
)
def test_each_case_is_recorded(function: str, counts: str, one: Path, folder: Path) -> None:
    ended = command(folder, one, "outputs.h5", "--function", function)
    assert (ended.returncode, ended.stdout) == (0, f"outputs.h5: {counts}\n"), ended.stderr
    with h5py.File(folder / "outputs.h5") as file:
        assert file.attrs["backend"].decode() == function


def test_a_file_of_another_folder(one: Path, folder: Path) -> None:
    (folder / "empty").mkdir()
    ended = command(
        folder / "empty", one, "outputs.h5", "--function", "../mine.py:rotate", "--name", "mine", "--summary", "a copy"
    )
    assert ended.returncode == 0, ended.stderr
    with h5py.File(folder / "empty" / "outputs.h5") as file:
        assert (file.attrs["backend"], file.attrs["summary"]) == (b"mine", b"a copy")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("mine", "function mine: must be module:function or file.py:function"),
        ("other:rotate", "function other:rotate: No module named 'other'"),
        ("mine:other", "function mine:other: module 'mine' has no attribute 'other'"),
        ("mine:number", "function mine:number: is not a function"),
        ("mine:Kernel", "function mine:Kernel: is a class: give an instance of it"),
        ("nope.py:rotate", "function nope.py:rotate: there is no file nope.py"),
        ("wrong:rotate", "function wrong:rotate: '(' was never closed (wrong.py, line 1)"),
    ],
)
def test_a_function_that_is_not_there(function: str, message: str, one: Path, folder: Path) -> None:
    ended = command(folder, one, "outputs.h5", "--function", function)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"rope-conformance: {message}\n")
    assert not (folder / "outputs.h5").exists()


def test_ctrl_c(one: Path, folder: Path) -> None:
    before = set(folder.iterdir())
    ended = command(folder, one, "outputs.h5", "--function", "mine:interrupt", PYTHONDONTWRITEBYTECODE="1")
    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr == "rope-conformance: interrupted; no outputs were kept\n"
    assert set(folder.iterdir()) == before


def test_inputs_that_are_not_there(folder: Path) -> None:
    ended = command(folder, "missing.h5", "outputs.h5", "--function", "mine:rotate")
    assert ended.returncode == 2 and ended.stderr.startswith("rope-conformance: missing.h5: ")
    assert ended.stderr.count("\n") == 1
