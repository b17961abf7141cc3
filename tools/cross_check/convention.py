"""The attribute `configuration` of a model: which channels are paired, and what turns them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KNOWN_KEYS = {
    "axes", "attention_factor", "head_dim", "output_pairing", "pairing", "rope_theta", "rotary_dim",
    "rotary_offset", "scaling",
}  # fmt: skip


@dataclass(frozen=True)
class Convention:
    """The rotary convention of a model, by the names of its JSON."""

    head_dim: int
    rotary_dim: int
    rotary_offset: int
    pairing: str
    output_pairing: str
    base: float
    scaling: dict[str, Any]
    attention_factor: float | None
    axes: dict[str, Any]

    @staticmethod
    def from_values(values: dict[str, Any]) -> Convention:
        if unknown := set(values) - KNOWN_KEYS:
            raise ValueError(f"configuration has unknown keys {sorted(unknown)}")
        factor = values.get("attention_factor")
        return Convention(
            head_dim=values["head_dim"],
            rotary_dim=values["rotary_dim"],
            rotary_offset=values["rotary_offset"],
            pairing=values["pairing"],
            output_pairing=values["output_pairing"],
            base=float(values["rope_theta"]),
            scaling=values["scaling"],
            attention_factor=None if factor is None else float(factor),
            axes=values["axes"],
        )

    @property
    def pair_count(self) -> int:
        return self.rotary_dim // 2

    @property
    def axis_count(self) -> int:
        """Coordinates of a position."""
        if "lengths" in self.axes:
            return len(self.axes["lengths"])
        return {"single": 1, "even_odd": 2, "alternating": 2}[self.axes["kind"]]

    @property
    def inputs(self) -> list[tuple[int, int]]:
        """The channels that each pair reads."""
        return self.channels(self.pairing)

    @property
    def outputs(self) -> list[tuple[int, int]]:
        """The channels that each pair writes."""
        return self.channels(self.output_pairing)

    @property
    def pair_axes(self) -> list[int]:
        """The coordinate that turns each pair."""
        return [drive.axis for drive in drives(self)]

    def channels(self, pairing: str) -> list[tuple[int, int]]:
        """The two channels of each pair.

        `half` is `rotate_half` of GPT-NeoX and Hugging Face, `interleaved` is `rotate_every_two` of
        GPT-J and equation (34) of RoFormer (arXiv:2104.09864). With `slices` every axis has a slice
        of the head for itself (`position_encoding_2d` of ChatGLM-6B), paired as a small head.
        """
        slices = self.axes["lengths"] if self.axes["kind"] == "slices" else [self.rotary_dim]
        result, first = [], self.rotary_offset
        for size in slices:
            if pairing == "half":
                result += [(first + i, first + i + size // 2) for i in range(size // 2)]
            elif pairing == "interleaved":
                result += [(first + 2 * i, first + 2 * i + 1) for i in range(size // 2)]
            else:
                raise ValueError(f"unknown pairing {pairing}")
            first += size
        return result


@dataclass(frozen=True)
class Drive:
    """What turns a pair: a coordinate of the position, and an entry in the table of a dimension."""

    axis: int
    dimension: int
    entry: int


def drives(convention: Convention) -> list[Drive]:
    """What turns each pair.

    Sources are the classes in Hugging Face transformers named next to each kind.
    """
    n, kind = convention.pair_count, convention.axes["kind"]
    lengths = convention.axes.get("lengths", [])
    match kind:
        case "single":
            return [Drive(0, 2 * n, j) for j in range(n)]
        case "sections":  # Qwen2-VL, GLM-4.1V: mrope_section; the entry goes on across axes
            axes = [axis for axis, length in enumerate(lengths) for _ in range(length)]
            return [Drive(axis, 2 * n, j) for j, axis in enumerate(axes)]
        case (
            "interleaved_sections"
        ):  # Qwen3-VL: apply_interleaved_mrope, slice(axis, 3 · length, 3)
            axes = [0] * n
            for axis in (1, 2):
                for j in range(axis, min(3 * lengths[axis], n), 3):
                    axes[j] = axis
            return [Drive(axis, 2 * n, j) for j, axis in enumerate(axes)]
        case "alternating_sections":  # ERNIE-4.5-VL: height and width alternate, then time
            spatial = lengths[1] + lengths[2]
            return [Drive((1, 2)[j % 2] if j < spatial else 0, 2 * n, j) for j in range(n)]
        case "even_odd":  # Pixtral: freqs[::2] for rows, freqs[1::2] for columns
            return [Drive(0, 2 * n, e) for e in range(0, n, 2)] + [
                Drive(1, 2 * n, e) for e in range(1, n, 2)
            ]
        case "blocks" | "slices":  # Flux, Wan, Qwen2-VL vision; Gemma-4 vision, ChatGLM-6B
            return [Drive(axis, d, e) for axis, d in enumerate(lengths) for e in range(d // 2)]
        case "alternating":  # Kimi-K2.5 vision: column and row take turns with the same entry
            return [Drive(axis, n, e) for e in range(n // 2) for axis in (1, 0)]
    raise ValueError(f"unknown axes {kind}")
