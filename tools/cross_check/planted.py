"""Errors planted in copies of golden files, each of which the check must find."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from .files import NOT_AS_DOCUMENTED, Sample, check_file
from .golden import Golden, case_groups

EVERY_ROW = Sample(tokens=0, seed=0)


@dataclass(frozen=True)
class PlantedError:
    """One error of a kind in a dataset or group, and the names of which one must be reported."""

    path: Path
    contract: str
    case: str
    kind: str
    place: str
    named: tuple[str, ...]


def plan_errors(paths: list[Path]) -> list[PlantedError]:
    """The errors of a small case of every contract, and of a sampled one if there is any."""
    chosen: dict[str, tuple[int, Path, str, str]] = {}
    for path in paths:
        try:
            with h5py.File(path, "r") as file:
                for group in case_groups(file):
                    golden = Golden.read(group)
                    kind = f"sampled {golden.contract}" if golden.is_sampled else golden.contract
                    size = group["expected_q"].size
                    if not golden.is_sampled and golden.shape.tokens < 2:
                        continue
                    if kind not in chosen or size < chosen[kind][0]:
                        chosen[kind] = size, path, golden.name, golden.group.attrs["plan"].decode()
        except NOT_AS_DOCUMENTED:
            continue  # The check itself reports what is wrong with the file.
    errors = []
    for kind, (_, path, case, plan) in sorted(chosen.items()):
        errors += [
            PlantedError(path, kind, case, *error) for error in _errors(kind, f"cases/{case}", plan)
        ]
    return errors


def _errors(contract: str, case: str, plan: str) -> list[tuple[str, str, tuple[str, ...]]]:
    outputs = ("expected_q", "expected_k")
    expected: list[tuple[str, str, tuple[str, ...]]]
    expected = [("ulp", f"{case}/{name}", (name,)) for name in outputs]
    expected.append(("factor", case, ("attention_factor",)))
    plans = [
        ("ulp", f"{plan}/inv_freq", (f"{plan}/inv_freq",)),
        ("swap", f"{plan}/in", (f"{plan}/in",)),
    ]
    position = f"{case}/position_ids"
    table = [
        (kind, f"{case}/{name}", (name,)) for name in ("cos", "sin") for kind in ("ulp", "sign")
    ]
    match contract:
        case "none":
            return expected
        case "position":
            return [*expected, *plans, ("position", position, outputs)]
        case "frequency":
            given = ("ulp", f"{case}/inv_freq", ("inv_freq",))
            return [*expected, *plans, ("position", position, outputs), given]
        case "table":
            return [*expected, *plans, ("position", position, ("cos", "sin")), *table]
    return [*expected, ("position", f"{case}/sample_tokens", outputs)]


def try_error(error: PlantedError) -> str | None:
    """Plants an error; nothing if it was found, else what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / error.path.name
        shutil.copyfile(error.path, copy)
        if check_file(copy, EVERY_ROW, error.case).differing:
            return f"{error.path.name} {error.case} differs before an error is planted"
        with h5py.File(copy, "r+") as file:
            _plant(error.kind, file[error.place])
        found = check_file(copy, EVERY_ROW, error.case)
        if any(difference.dataset in error.named for difference in found.first):
            return None
        return f"{error.path.name} {error.place}: {error.kind} was not found"


def _plant(kind: str, item: h5py.Dataset | h5py.Group) -> None:
    if kind == "factor":
        item.attrs["attention_factor"] = np.nextafter(item.attrs["attention_factor"], np.inf)
        return
    values = item[...]
    # The last element that is neither zero nor infinite, because an error in one of those could be lost.
    place = tuple(np.argwhere(np.isfinite(values) & (values != 0))[-1])
    match kind:
        case "ulp" if item.dtype == np.float64 or item.id.get_type().get_size() == values.itemsize:
            values[place] = np.nextafter(values[place], values.dtype.type(np.inf))
        case "ulp":  # A bfloat16 that was read as a float32: its lowest bit is the 16th.
            bits = values.view(np.uint32)
            bits[place] += 1 << 16
        case "sign":
            values[place] = -values[place]
        case "swap":
            values[place[0]] = values[place[0]][::-1].copy()
        case "position":
            values[place] += 1
    item[...] = values
