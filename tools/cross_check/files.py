"""The check of a golden file, and of the manifest of its folder."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from .cases import check_case
from .compare import Tally
from .exact import working_precision
from .explicit import read_convention
from .frequencies import lengths_alike
from .golden import Golden, attribute, case_groups
from .plans import Plan, check_plan

FORMAT_VERSION = 2


NOT_AS_DOCUMENTED = (
    OSError, KeyError, ValueError, IndexError, TypeError, AttributeError, ArithmeticError,
)  # fmt: skip
"""What reading a file raises that lacks something, or holds what no source gives a meaning."""


class Unreadable(Exception):
    """A file that is not what it should be read as."""


@dataclass(frozen=True)
class Sample:
    """The rows of a case to recompute: at most `tokens` of its tokens, chosen by a seed; 0 means all."""

    tokens: int
    seed: int

    def rows(self, case: str, count: int) -> np.ndarray:
        """Some of the tokens below `count`, ascending; the same for the same seed and case."""
        if not self.tokens or count <= self.tokens:
            return np.arange(count)
        drawn = random.Random(f"{self.seed} {case}").sample(range(count), self.tokens)
        return np.array(sorted(drawn))


def check_file(path: Path, sample: Sample, only: str | None = None) -> Tally:
    """Checks a file, or one case of it and the plan of that case."""
    tally = Tally(path.name)
    try:
        with working_precision(), h5py.File(path, "r") as file:
            _check_contents(file, sample, only, tally)
    except NOT_AS_DOCUMENTED as error:
        raise Unreadable(f"{path}: {type(error).__name__}: {error}") from error
    return tally


def _check_contents(file: h5py.File, sample: Sample, only: str | None, tally: Tally) -> None:
    tally.fact("", "format", attribute(file, "format"), "rope-conformance")
    tally.fact("", "format_version", attribute(file, "format_version"), FORMAT_VERSION)
    model = attribute(file, "model")
    tally.fact("", "model", f"{model}.h5", tally.file)
    read_convention(attribute(file, "configuration"))
    plans: dict[tuple[str, int], Plan] = {}
    checked: set[tuple[str, tuple[str, int]]] = set()
    for group in case_groups(file):
        golden = Golden.read(group)
        if only not in (None, golden.name):
            continue
        alike = lengths_alike(golden.convention, golden.call_length())
        key = attribute(group, "configuration"), alike
        if key not in plans:
            plans[key] = Plan.of(golden.convention, golden.call_length())
        path = attribute(group, "plan")
        if (path, key) not in checked:
            checked.add((path, key))
            check_plan(file[path], plans[key], golden.convention, tally)
        rows = sample.rows(golden.name, len(golden.tokens()))
        check_case(golden, plans[key], rows, model, tally)
    if only is None:
        stored = sorted(f"/{name}" for name in file if name.startswith("plan"))
        tally.fact("", "plans that cases name", stored, sorted({path for path, _ in checked}))


def check_manifest(folder: Path) -> Tally:
    """Compares `MANIFEST.json` with the files beside it: names, sizes, checksums, cases."""
    tally = Tally("MANIFEST.json")
    try:
        manifest = json.loads((folder / tally.file).read_text())
        tally.fact("", "format_version", manifest["format_version"], FORMAT_VERSION)
        names = [entry["name"] for entry in manifest["files"]]
        tally.fact("", "files", sorted(names), sorted(path.name for path in folder.glob("*.h5")))
        for entry in manifest["files"]:
            path = folder / entry["name"]
            content = path.read_bytes()
            tally.fact("", f"{path.name} byte_count", entry["byte_count"], len(content))
            tally.fact(
                "", f"{path.name} sha256", entry["sha256"], hashlib.sha256(content).hexdigest()
            )
            with h5py.File(path, "r") as file:
                stored = sorted(group.name.removeprefix("/cases/") for group in case_groups(file))
            listed = sorted(case["name"] for case in entry["cases"])
            tally.cases += len(listed)
            for name in sorted(set(listed) ^ set(stored)):
                tally.fact(name, "in the manifest", name in listed, name in stored)
            tally.fact("", f"{path.name} number of cases", len(listed), len(stored))
    except NOT_AS_DOCUMENTED as error:
        raise Unreadable(f"{folder / tally.file}: {type(error).__name__}: {error}") from error
    return tally
