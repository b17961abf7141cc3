"""The attribute `configuration` where a plan was written out: pairs, axes and frequencies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .convention import Convention

KEYS = {"attention_factor", "axes", "axis_count", "frequencies", "head_dim", "pairs"}


@dataclass(frozen=True)
class ExplicitPlan:
    """A plan by the names of its JSON, with its rule, if it has one, written out."""

    head_dim: int
    inputs: list[tuple[int, int]]
    outputs: list[tuple[int, int]]
    pair_axes: list[int]
    axis_count: int
    # Either the frequencies, or the convention whose only table has them.
    values: list[float] | None
    table: Convention | None
    attention_factor: float | None

    @staticmethod
    def from_values(values: dict[str, Any]) -> ExplicitPlan:
        if unknown := set(values) - KEYS:
            raise ValueError(f"explicit plan has unknown keys {sorted(unknown)}")
        pairs, frequencies, factor = (
            values["pairs"], values["frequencies"], values.get("attention_factor")
        )  # fmt: skip
        if isinstance(pairs, dict):
            inputs = _by_rule(pairs["rule"], pairs["count"], pairs["offset"])
            outputs = _by_rule(pairs["output_rule"], pairs["count"], pairs["offset"])
        else:
            inputs = [(first, second) for first, second, _, _ in pairs]
            outputs = [(first, second) for _, _, first, second in pairs]
        is_list = isinstance(frequencies, list)
        plan = ExplicitPlan(
            head_dim=values["head_dim"],
            inputs=inputs,
            outputs=outputs,
            pair_axes=values["axes"],
            axis_count=values["axis_count"],
            values=[float(value) for value in frequencies] if is_list else None,
            table=None if is_list else _table(dict(frequencies)),
            attention_factor=None if factor is None else float(factor),
        )
        plan._check()
        return plan

    def _check(self) -> None:
        """Pairs turn channels of the head, each once, by a frequency and along an axis."""
        read = sorted(channel for pair in self.inputs for channel in pair)
        written = sorted(channel for pair in self.outputs for channel in pair)
        if read != written or len(set(read)) != len(read):
            raise ValueError("the pairs do not write each channel that they read once")
        if not set(read) <= set(range(self.head_dim)):
            raise ValueError("a pair is not in the head")
        if not set(self.pair_axes) <= set(range(self.axis_count)):
            raise ValueError("a pair is on no axis")
        if len(self.pair_axes) != self.pair_count:
            raise ValueError("not one axis for each pair")
        if self.values is not None and len(self.values) != self.pair_count:
            raise ValueError("not one frequency for each pair")

    @property
    def pair_count(self) -> int:
        return len(self.inputs)

    @property
    def rotary_dim(self) -> int:
        return 2 * self.pair_count

    @property
    def scaling(self) -> dict[str, Any]:
        return {"rope_type": "default"} if self.table is None else self.table.scaling


def read_convention(text: str) -> Convention | ExplicitPlan:
    """The attribute `configuration`; only an explicit plan has `pairs`."""
    values = json.loads(text)
    return ExplicitPlan.from_values(values) if "pairs" in values else Convention.from_values(values)


def _by_rule(rule: str, count: int, offset: int) -> list[tuple[int, int]]:
    """Partners half a slice apart, or side by side."""
    match rule:
        case "half":
            return [(offset + i, offset + count + i) for i in range(count)]
        case "interleaved":
            return [(offset + 2 * i, offset + 2 * i + 1) for i in range(count)]
    raise ValueError(f"unknown rule {rule}")


def _table(formula: dict[str, Any]) -> Convention:
    """A head whose table the formula describes; `base` and `dimension` are next to the scaling."""
    base, dimension = float(formula.pop("base")), formula.pop("dimension")
    return Convention(
        dimension, dimension, 0, "half", "half", base, formula, None, {"kind": "single"}
    )
