"""Recorded outputs: a function is run on the cases of a file here, and judged by `rope-conformance validate` elsewhere.

    files.record(["inputs/glm-4.5.h5"], "outputs.h5", rotate, name="mine")

Inputs are contiguous numpy arrays, whatever the layout of the case. Needs h5py: pip install 'rope-conformance[files]'.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rope_conformance._dlpack import host
from rope_conformance._function import Function, described, usable
from rope_conformance._hdf5 import attribute, h5py, set_attribute, write
from rope_conformance._inputs import Inputs
from rope_conformance._rotation import called, checked
from rope_conformance.case import Case
from rope_conformance.errors import Unsupported, Unusable, WrongResult
from rope_conformance.frameworks.memory import check_kind

OUTPUTS_FORMAT_VERSION = 1


def cases(path: str | os.PathLike[str], names: Iterable[str] | None = None) -> Iterator[Case]:
    """Reads the cases of an inputs file one after the other, or those of some names.

    Raises `Unusable` where the file is not what `rope-conformance export` writes.
    """
    with Inputs(path) as inputs:
        for name in inputs.names if names is None else names:
            yield inputs.case(name)


@dataclass
class Counts:
    """How many cases a function did, refused, and failed at."""

    recorded: int = 0
    unsupported: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return f"{self.recorded} recorded, {self.unsupported} unsupported, {self.failed} failed"


def record(
    inputs: Iterable[str | os.PathLike[str]],
    outputs: str | os.PathLike[str],
    function: Function,
    *,
    name: str,
    summary: str | None = None,
    select: Callable[[str], bool] = lambda _: True,
) -> Counts:
    """Runs a function on the cases of some inputs files, or on those whose name is selected, and records its outputs.

    A case whose function raises `Unsupported` is recorded as that. One whose function raises anything else, or returns
    anything but its tensors as they should be, is recorded as failed, with a line on standard error.

    The file is closed whenever the function runs, and has each case before that one: where a function ends the process,
    none of them is lost. Ctrl-C removes it.

    - name: what reports call the backend.
    - summary: one line that says what runs on what.

    Raises `Unusable` where a file cannot be read or written.
    """
    function, counts = usable(function), Counts()
    recording: _Recording | None = None
    try:
        for path in inputs:
            with Inputs(path) as file:
                recording = recording or _Recording(outputs, name, summary, file.goldens)
                if file.goldens != recording.goldens:
                    raise Unusable(f"{path}: holds inputs of other goldens than the previous files")
                for case_name in filter(select, file.names):
                    result = _result(function, file.case(case_name))
                    recording.add(case_name, result)
                    if "failed" in result:
                        counts.failed += 1
                        print(f"{case_name}: {result['failed']}", file=sys.stderr)
                    elif "unsupported" in result:
                        counts.unsupported += 1
                    else:
                        counts.recorded += 1
    except KeyboardInterrupt:
        # A file that lacks cases, or ends in the middle of one, is not left behind.
        if recording is not None:
            recording.path.unlink(missing_ok=True)
        raise
    if recording is None:
        raise Unusable("there is no inputs file")
    return counts


def _result(function: Function, case: Case) -> dict[str, Any]:
    """What is recorded of a case: `q` and `k`, or `unsupported` or `failed` with the reason."""
    # The function may change the arrays of its case.
    wanted: dict[str, Any] = dict(zip(("q", "k"), case.outputs(), strict=False))
    try:
        returned = called(function, case)
        if returned is None:
            return wanted
        result = checked(returned, case)
        for name, output in wanted.items():
            result[name] = host(result[name], name)
            check_kind(result[name], case.element_type, output.shape, name)
    except Unsupported as error:
        return {"unsupported": str(error) or "no reason given"}
    except WrongResult as error:
        return {"failed": str(error)}
    except (Exception, SystemExit) as error:
        return {"failed": described(error, function)}
    return result


def _role(path: Path) -> str | None:
    """What a file of rope-conformance holds; None for any other file."""
    try:
        with h5py.File(path, "r") as file:
            if "format" not in file.attrs or attribute(file, "format") != "rope-conformance":
                return None
            return attribute(file, "role") or "goldens"
    except OSError:
        return None


class _Recording:
    """A file of recorded outputs, which is open only while something is written."""

    def __init__(self, path: str | os.PathLike[str], name: str, summary: str | None, goldens: str) -> None:
        self.path, self.goldens = Path(path), goldens
        if (held := _role(self.path)) not in (None, "outputs"):
            raise Unusable(f"{path}: holds {held} which would be replaced; name another file for the outputs")
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        try:
            with h5py.File(beside, "w", libver="earliest") as file:
                set_attribute(file, "format", "rope-conformance")
                file.attrs["format_version"] = OUTPUTS_FORMAT_VERSION
                set_attribute(file, "role", "outputs")
                set_attribute(file, "backend", name)
                if summary is not None:
                    set_attribute(file, "summary", summary)
                set_attribute(file, "goldens", goldens)
                file.create_group("cases")
            beside.replace(self.path)
        except BaseException as error:
            beside.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise Unusable(f"{path}: {error}") from error
            raise

    def add(self, case: str, values: dict[str, Any]) -> None:
        """Writes a case: its texts as attributes, its tensors as datasets."""
        try:
            with h5py.File(self.path, "r+", libver="earliest") as file:
                group = file.create_group(f"cases/{case}")
                for name, value in values.items():
                    if isinstance(value, str):
                        set_attribute(group, name, value)
                    else:
                        write(group, name, value)
        except OSError as error:
            raise Unusable(f"{self.path}: {error}") from error
