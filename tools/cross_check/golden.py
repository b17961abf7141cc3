"""Reading a golden file: attributes, tensors by token, and where an element is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from .convention import Convention
from .exact import FORMATS, Format
from .explicit import ExplicitPlan, read_convention

SHORT_NAMES = {"float32": "f32", "float16": "f16", "bfloat16": "bf16"}


def attribute(holder: h5py.Group, name: str) -> Any:
    """An attribute as a plain Python value."""
    if name not in holder.attrs:
        raise KeyError(f"{holder.name} has no attribute {name}")
    value = holder.attrs[name]
    if isinstance(value, bytes):
        return value.decode()
    return value.item() if isinstance(value, np.generic) else value


def case_groups(file: h5py.File) -> list[h5py.Group]:
    """Every group below `/cases` that has a contract."""
    found: list[h5py.Group] = []

    def visit(_: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Group) and "contract" in item.attrs:
            found.append(item)

    file["cases"].visititems(visit)
    return found


@dataclass(frozen=True)
class Shape:
    """The order of tokens, heads and channels in a tensor of a layout."""

    layout: str
    batch: int
    sequence: int
    channels: int

    @property
    def tokens(self) -> int:
        return self.batch * self.sequence

    def stored(self, heads: int) -> tuple[int, ...]:
        """The shape of Q or K."""
        return {
            "bshd": (self.batch, self.sequence, heads, self.channels),
            "bhsd": (self.batch, heads, self.sequence, self.channels),
            "thd": (self.sequence, heads, self.channels),
        }[self.layout]

    @property
    def labels(self) -> list[str]:
        """The names of the dimensions of Q and K."""
        return {
            "bshd": ["batch", "sequence", "head", "channel"],
            "bhsd": ["batch", "head", "sequence", "channel"],
            "thd": ["token", "head", "channel"],
        }[self.layout]

    @property
    def token_labels(self) -> list[str]:
        return ["token"] if self.layout == "thd" else ["batch", "sequence"]

    @property
    def token_shape(self) -> tuple[int, ...]:
        return (self.sequence,) if self.layout == "thd" else (self.batch, self.sequence)

    def indices(self, heads: int, tokens: np.ndarray) -> np.ndarray:
        """Where the elements `[token, head, channel]` of some tokens are stored."""
        rows, steps = np.divmod(tokens.astype(np.int64), self.sequence)
        if self.layout == "bhsd":
            head_step = self.sequence * self.channels
            starts = rows * heads * head_step + steps * self.channels
        else:
            head_step = self.channels
            starts = (rows * self.sequence + steps) * heads * self.channels
        head = np.arange(heads, dtype=np.int64) * head_step
        return starts[:, None, None] + head[:, None] + np.arange(self.channels, dtype=np.int64)


@dataclass(frozen=True)
class Golden:
    """A case of a golden file."""

    group: h5py.Group
    name: str
    contract: str
    element: Format
    table: Format | None
    convention: Convention | ExplicitPlan
    workload: dict[str, Any]
    shape: Shape

    @staticmethod
    def read(group: h5py.Group) -> Golden:
        workload = json.loads(attribute(group, "workload"))
        convention = read_convention(attribute(group, "configuration"))
        has_table = "table_type" in group.attrs
        return Golden(
            group=group,
            name=group.name.removeprefix("/cases/"),
            contract=attribute(group, "contract"),
            element=FORMATS[attribute(group, "element_type")],
            table=FORMATS[attribute(group, "table_type")] if has_table else None,
            convention=convention,
            workload=workload,
            shape=Shape(
                workload["layout"], workload["batch"], workload["sequence"], convention.head_dim
            ),
        )

    @property
    def is_sampled(self) -> bool:
        """Whether the inputs follow from the seed and only some tokens are stored."""
        return self.workload["sampled"]

    def heads(self, tensor: str) -> int:
        return self.workload[{"q": "query_heads", "k": "key_heads"}[tensor]]

    def tokens(self) -> np.ndarray:
        """The tokens whose outputs are stored."""
        if self.is_sampled:
            return self.group["sample_tokens"][...]
        return np.arange(self.shape.tokens)

    def positions(self) -> np.ndarray:
        """The positions `[axis, token]` of the stored tokens.

        Token `t` of a sampled case has position `t` on every axis.
        """
        if self.is_sampled:
            return np.tile(self.tokens(), (self.convention.axis_count, 1))
        return self.group["position_ids"][...].reshape(
            self.convention.axis_count, self.shape.tokens
        )

    def call_length(self) -> int:
        """The largest position of the call plus 1."""
        if self.is_sampled:
            return self.shape.tokens
        positions = self.group["position_ids"]
        return int(positions[...].max()) + 1 if positions.size else 0

    def by_token(self, dataset: str) -> np.ndarray:
        """A stored tensor as float64 `[token, head, channel]`."""
        values = self.group[dataset][...].astype(np.float64)
        if self.is_sampled or self.shape.layout == "thd":
            return values
        if self.shape.layout == "bhsd":
            values = values.transpose(0, 2, 1, 3)
        return values.reshape(self.shape.tokens, -1, self.shape.channels)

    def place(self, dataset: str, token: int, head: int, channel: int) -> tuple[int, ...]:
        """The index in a dataset of an element of the stored token that is counted `token`."""
        if self.is_sampled:
            return token, head, channel
        heads = self.heads(dataset[-1])
        index = int(self.shape.indices(heads, np.array([token]))[0, head, channel])
        return tuple(int(i) for i in np.unravel_index(index, self.shape.stored(heads)))
