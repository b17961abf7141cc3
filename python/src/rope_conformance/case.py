"""A case: what a function is given, and where its results go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from rope_conformance._arguments import counted, shown
from rope_conformance._dlpack import address_of
from rope_conformance.errors import Unsupported, Unusable

if TYPE_CHECKING:
    from rope_conformance._own_run import OwnRun

Array = Any
"""An array of the framework for which the case was made: numpy, torch, CuPy or JAX, on its device."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Which channels of a head rotate together, for any model.

    For pair `i` of a token, with the cosine `c` and the sine `s` of its angle, both times `attention_factor`:

        y[pairs_out[i, 0]] = x[pairs_in[i, 0]] * c - x[pairs_in[i, 1]] * s
        y[pairs_out[i, 1]] = x[pairs_in[i, 1]] * c + x[pairs_in[i, 0]] * s

    Every channel that is in no pair is copied, bit for bit. Without RoPE there are no pairs.
    """

    head_dim: int
    pairs_in: Array
    """int32 `[pairs, 2]`: the channels that are read."""
    pairs_out: Array
    """int32 `[pairs, 2]`: the channels that are written."""
    axis: Array
    """int32 `[pairs]`: which coordinate of a position drives the pair; 0 for text."""
    inv_freq: Array | None
    """float64 `[pairs]`, radians per position; None unless the contract gives it."""
    attention_factor: float
    """The multiplier on cosine and sine; 1 where the table has it in its values."""
    pairing: Literal["half", "interleaved", "other"]
    """Which channels are pair `i` of a slice of `rotary_dim` channels. `half`: `i` and `i + rotary_dim / 2` (GPT-NeoX,
    Llama in Hugging Face form). `interleaved`: `2i` and `2i + 1` (GPT-J). `other`: only the lists say it."""
    out_pairing: Literal["half", "interleaved", "other"]
    """The same of the channels that are written."""
    rotary_dim: int
    """The channels in the slice."""
    rotary_offset: int
    """The first channel of the slice."""


@dataclass(frozen=True, eq=False)
class Tokens:
    """What a call gives for each token of a tensor. Packed sequences are one row, as everywhere but in `q` and `k`."""

    position_ids: Array | None
    """int64 `[axes, batch, sequence]`, float64 where a position has a fraction; None unless the contract gives them."""
    table_rows: Array | None
    """int32 `[batch, sequence]`, the row of each token in `cos` and `sin`; None unless the contract gives it.

    A row that the cache does not have makes an invalid call, which must be refused."""
    cu_seqlens: Array | None
    """int32, where each packed sequence begins, and the number of tokens; None for tokens that are not packed."""

    @property
    def position_range(self) -> tuple[float, float] | None:
        """The smallest and the largest position on any axis; None without positions."""
        if self.position_ids is None or 0 in self.position_ids.shape:
            return None
        return self.position_ids.min().item(), self.position_ids.max().item()


@dataclass(frozen=True, eq=False, repr=False)
class Case:
    """One rotation of Q and K, with what its contract gives.

    The function writes into `q_out` and `k_out` and returns None, or it returns new tensors of the shape and type of
    `q` and `k`. It may not change anything else. A case of direction `inverse` comes ready to run: its positions or
    sines are negated, and `pairs_in` and `pairs_out` exchanged.
    """

    name: str
    """Model, element type, workload and contract, such as `glm-4-9b-chat/bf16/ragged/position`."""
    contract: Literal["table", "frequency", "position", "none"]
    """What is given for the angles, and so what the result is held to:

    - `table`: `cos`, `sin` and `table_rows`. Expected is the exact rotation by those values.
    - `frequency`: `position_ids`, `inv_freq` and `plan.attention_factor`. The angle is the float32 product of the
      position, rounded to float32, and `inv_freq`; its cosine and sine are exact.
    - `position`: `position_ids`, `plan.inv_freq` and `plan.attention_factor`. Expected is real arithmetic end to end.
    - `none`: nothing, for nothing rotates.
    """
    element_type: Literal["float32", "float16", "bfloat16"]
    layout: Literal["bshd", "bhsd", "thd"]
    """The order of the axes of `q` and `k`: batch, sequence, heads, head dimension; `thd` is packed sequences."""
    direction: Literal["forward", "inverse"]
    q: Array
    """Without tokens, it is empty."""
    k: Array | None
    """None in a call that has no K; empty without tokens or heads."""
    q_out: Array | None
    """Where Q goes, rotated: in place, it is `q`; otherwise it holds nothing yet. None for JAX, whose arrays cannot be
    written."""
    k_out: Array | None
    """Where K goes; None without K, and for JAX."""
    in_place: bool
    """Whether the results replace `q` and `k`."""
    tokens: Tokens
    """The tokens of Q, and of K unless it has its own."""
    key_tokens: Tokens | None
    """The tokens of K where they are not those of Q, in number or position."""
    inv_freq: Array | None
    """float32 `[pairs]`, radians per position."""
    cos: Array | None
    """The cache of cosines `[rows, pairs]`, in a type that need not be that of Q and K."""
    sin: Array | None
    """The cache of sines."""
    plan: Plan
    configuration: dict[str, Any]
    """The model's convention, by the names of Hugging Face where it has them: `rope_theta` is the base, and `scaling`
    has `rope_type` and its parameters."""
    workload: dict[str, Any]
    """Shape, memory layout and kind of input."""
    own_run: OwnRun | None = field(default=None)
    """The judge's own, of a case for a loop of one's own."""

    def __repr__(self) -> str:
        k = "no k" if self.k is None else f"k {list(self.k.shape)}"
        return f"<Case {self.name}: {self.element_type}, q {list(self.q.shape)}, {k}>"

    @property
    def position_ids(self) -> Array | None:
        """Those of `tokens`."""
        return self.tokens.position_ids

    @property
    def table_rows(self) -> Array | None:
        """Those of `tokens`."""
        return self.tokens.table_rows

    @property
    def cu_seqlens(self) -> Array | None:
        """Those of `tokens`."""
        return self.tokens.cu_seqlens

    def tensors(self) -> list[tuple[Array, Tokens]]:
        """Q and K, or Q alone, each with its tokens."""
        both = [(self.q, self.tokens), (self.k, self.key_tokens or self.tokens)]
        return [(tensor, tokens) for tensor, tokens in both if tensor is not None]

    def outputs(self) -> list[Array | None]:
        """Where each of `tensors()` goes, rotated."""
        return [self.q_out] if self.k is None else [self.q_out, self.k_out]

    def reset(self) -> None:
        """Brings a case of `rope_conformance.case` or `cases` to its state before the first run: inputs, poison in the
        outputs, and the memory around them.

        Raises `Unusable` for any other case, which is run once.
        """
        if self.own_run is None:
            raise Unusable(f"case {self.name}: only a case of rope_conformance.case or cases can be reset")
        self.own_run.reset()

    def gathered(self, tokens: Tokens) -> tuple[Array, Array]:
        """The cosines and sines of some tokens of this case, `[batch, sequence, pairs]` each.

        Raises `Unsupported` where the cache does not have a row of theirs: such a call must be refused.
        """
        if not hasattr(tokens, "table_rows"):
            raise TypeError(
                f"tokens {shown(tokens)}: must be case.tokens, or the tokens that come with each tensor in "
                "case.tensors(): case.key_tokens is None where K has no tokens of its own"
            )
        rows = tokens.table_rows
        if rows is None or self.cos is None or self.sin is None:
            raise ValueError(f"contract {self.contract} gives no cosines and sines")
        if 0 not in rows.shape:
            first, last = int(rows.min()), int(rows.max())
            if first < 0 or last >= len(self.cos):
                found = f"is row {first}" if first == last else f"are rows {first} to {last}"
                raise Unsupported(f"there {found} of a table of {counted(len(self.cos), 'row')}")
        return self.cos[rows], self.sin[rows]

    @staticmethod
    def alignment(array: Array) -> int:
        """The largest power of two, at most 256, that divides the address of an array of this case, in bytes."""
        address = address_of(array)
        return (address | 256) & -(address | 256)

    def bshd(self, tensor: Array) -> Array:
        """A view of a tensor of this case, such as `q`, as `[batch, sequence, heads, head dimension]`."""
        if self.layout == "thd":
            return tensor[None]
        return tensor.swapaxes(1, 2) if self.layout == "bhsd" else tensor
