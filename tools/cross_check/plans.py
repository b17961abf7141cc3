"""The plan of a configuration: pairs, axes, frequencies and attention factor."""

from __future__ import annotations

from dataclasses import dataclass

import h5py
import numpy as np
from flint import arb

from .compare import Tally
from .convention import Convention
from .exact import FLOAT32, FLOAT64, nearest
from .explicit import ExplicitPlan
from .frequencies import attention_factor, frequencies, rational_turns
from .golden import attribute
from .rotation import Angles


@dataclass(frozen=True)
class Plan:
    """What a configuration comes to for a call."""

    inputs: np.ndarray
    outputs: np.ndarray
    axis: np.ndarray
    inv_freq: np.ndarray
    inv_freq_float32: np.ndarray
    attention_factor: float
    angles: Angles
    # For the contract `frequency`: angles are given, and the factor is the float64.
    given_angles: Angles

    @staticmethod
    def of(convention: Convention | ExplicitPlan, call_length: int) -> Plan:
        rotates = convention.pair_count > 0
        exact = frequencies(convention, call_length) if rotates else []
        factor = attention_factor(convention)
        return Plan(
            inputs=_pairs(convention.inputs),
            outputs=_pairs(convention.outputs),
            axis=np.array(convention.pair_axes, np.int64),
            inv_freq=np.array([nearest(f, FLOAT64) for f in exact], np.float64),
            inv_freq_float32=np.array([nearest(f, FLOAT32) for f in exact], np.float32),
            attention_factor=nearest(factor, FLOAT64),
            angles=Angles(exact, factor, rational_turns(convention)),
            given_angles=Angles([], arb(nearest(factor, FLOAT64))),
        )


def _pairs(channels: list[tuple[int, int]]) -> np.ndarray:
    return np.array(channels, np.int64).reshape(len(channels), 2)


def check_plan(
    group: h5py.Group, plan: Plan, convention: Convention | ExplicitPlan, tally: Tally
) -> None:
    """Compares a stored plan with the one that a configuration comes to."""
    name = group.name
    for dataset, recomputed, labels in [
        ("in", plan.inputs, ["pair", "partner"]),
        ("out", plan.outputs, ["pair", "partner"]),
        ("axis", plan.axis, ["pair"]),
    ]:
        tally.integers("", f"{name}/{dataset}", group[dataset][...].astype(np.int64), recomputed)
        tally.fact("", f"{name}/{dataset} type", group[dataset].dtype.name, "int32")
        check_labels(group[dataset], labels, "", tally)
    stored = group["inv_freq"]
    tally.fact("", f"{name}/inv_freq type", stored.dtype.name, "float64")
    tally.numbers("", f"{name}/inv_freq", stored[...], plan.inv_freq)
    check_labels(stored, ["pair"], "", tally)
    factor = np.array([attribute(group, "attention_factor")])
    tally.numbers("", f"{name} attention_factor", factor, np.array([plan.attention_factor]))
    tally.fact("", f"{name} head_dim", attribute(group, "head_dim"), convention.head_dim)


def check_labels(dataset: h5py.Dataset, labels: list[str], case: str, tally: Tally) -> None:
    """The names of the dimensions."""
    stored = [dimension.label for dimension in dataset.dims]
    tally.fact(case, f"{dataset.name.rpartition('/')[2]} dimension names", stored, labels)
