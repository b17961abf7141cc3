"""A call of the C interface as plain values, and the case that a function is given for it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from rope_conformance._header import CONTRACTS, ELEMENT_TYPES, PAIRINGS, rope_call, rope_plan, rope_tensor
from rope_conformance.case import Array, Case, Plan, Tokens
from rope_conformance.frameworks.memory import DTYPES, Memory, Place, host_bytes

Part = TypeVar("Part", Tokens, Plan)


@dataclass(frozen=True, eq=False)
class Call:
    """Everything of a `rope_call`. Lists are arrays in the library's memory while it lasts; tensors are places."""

    name: str
    contract: Any
    q: Place
    q_out: Place
    k: Place | None
    k_out: Place | None
    tokens: Tokens
    key_tokens: Tokens | None
    inv_freq: np.ndarray | None
    cos: np.ndarray | None
    sin: np.ndarray | None
    plan: Plan

    def places(self) -> Iterator[Place]:
        """The places of its tensors that have elements."""
        for place in (self.q, self.q_out, self.k, self.k_out):
            if place is not None and place.byte_count:
                yield place

    def moved(self, addresses: dict[int, int]) -> Call:
        """The same call with tensors at other addresses, each by the one that it has now."""

        def moved(place: Place) -> Place:
            # A tensor without elements is nowhere.
            return replace(place, address=addresses.get(place.address, 0))

        k, k_out = self.k and moved(self.k), self.k_out and moved(self.k_out)
        return replace(self, q=moved(self.q), q_out=moved(self.q_out), k=k, k_out=k_out)


def read_call(call: rope_call) -> Call:
    """A call in the library's memory."""
    query = _place(call.query_in)
    key = _place(call.key_in)
    table_type = DTYPES.get(ELEMENT_TYPES.get(call.table_type, ""), np.dtype(np.float32))
    own = call.key_tokens.contents if call.key_tokens else None
    plan = call.plan.contents
    contract = CONTRACTS[call.contract]
    table = (call.table_row_count, plan.pair_count) if contract == "table" else None
    return Call(
        name=(call.case_name or b"").decode(),
        contract=contract,
        q=query,
        q_out=_place(call.query_out),
        k=key,
        k_out=_place(call.key_out),
        tokens=_tokens(call, contract, query, plan.axis_count),
        key_tokens=None if own is None else _tokens(own, contract, key, plan.axis_count),
        inv_freq=_list(call.inv_freq_float32, np.float32, (plan.pair_count,) if contract == "frequency" else None),
        cos=_list(call.cos, table_type, table),
        sin=_list(call.sin, table_type, table),
        plan=_plan(plan, contract),
    )


def _place(tensor: Any) -> Any:
    """The place of a tensor; None if there is none."""
    if not tensor:
        return None
    found: rope_tensor = tensor.contents
    return Place(found.data or 0, ELEMENT_TYPES[found.element_type], tuple(found.shape), tuple(found.strides))


def _tokens(tokens: Any, contract: str, tensor: Place, axis_count: int) -> Tokens:
    shape = tensor.shape[:2]
    positions = (axis_count, *shape) if contract in ("frequency", "position") else None
    if tokens.fractional_positions:
        position_ids = _list(tokens.fractional_positions, np.float64, positions)
    else:
        position_ids = _list(tokens.positions, np.int64, positions)
    return Tokens(
        position_ids=position_ids,
        table_rows=_list(tokens.table_rows, np.int32, shape if contract == "table" else None),
        cu_seqlens=_list(tokens.cu_seqlens, np.int32, (tokens.cu_seqlens_count,) if tokens.cu_seqlens else None),
    )


def _plan(plan: rope_plan, contract: str) -> Plan:
    count = plan.pair_count
    return Plan(
        head_dim=plan.head_dim,
        pairs_in=_list(getattr(plan, "in"), np.int32, (count, 2)),
        pairs_out=_list(plan.out, np.int32, (count, 2)),
        axis=_list(plan.axis, np.int32, (count,)),
        inv_freq=_list(plan.inv_freq, np.float64, (count,) if contract == "position" else None),
        attention_factor=plan.attention_factor,
        pairing=PAIRINGS[plan.pairing],
        out_pairing=PAIRINGS[plan.out_pairing],
        rotary_dim=plan.rotary_dim,
        rotary_offset=plan.rotary_offset,
    )


def _list(address: int | None, dtype: Any, shape: tuple[int, ...] | None) -> Any:
    """The list at an address; None without a shape."""
    if shape is None:
        return None
    if address is None:
        # An empty list is nowhere.
        return np.empty(shape, dtype)
    return host_bytes(address, math.prod(shape) * np.dtype(dtype).itemsize).view(dtype).reshape(shape)


# ---- Cases -----------------------------------------------------------------------------------------------------------


def case_of(call: Call, about: dict[str, Any], memory: Memory) -> Case:
    """The case of a call, with tensors in `memory` and copies of the other arrays on its device.

    `about` is what the call does not say: `layout`, `direction`, `configuration` and `workload`.
    """
    layout = about["layout"]
    in_place = call.q == call.q_out and call.k == call.k_out

    def tensor(place: Place | None) -> Array | None:
        return None if place is None else laid_out(memory.tensor(place), layout)

    q, k = tensor(call.q), tensor(call.k)
    if not memory.gives_views:
        q_out, k_out = None, None
    elif in_place:
        q_out, k_out = q, k
    else:
        q_out, k_out = tensor(call.q_out), tensor(call.k_out)
    return Case(
        name=call.name,
        contract=call.contract,
        element_type=call.q.element_type,
        q=q,
        k=k,
        q_out=q_out,
        k_out=k_out,
        in_place=in_place,
        tokens=_copied(call.tokens, memory),
        key_tokens=None if call.key_tokens is None else _copied(call.key_tokens, memory),
        inv_freq=None if call.inv_freq is None else memory.array(call.inv_freq),
        cos=None if call.cos is None else memory.array(call.cos),
        sin=None if call.sin is None else memory.array(call.sin),
        plan=_copied(call.plan, memory),
        **about,
    )


def laid_out(tensor: Array, layout: str) -> Array:
    """A tensor `[batch, sequence, heads, head_dim]` with the axes of a layout."""
    if layout == "thd":
        return tensor[0]
    return tensor.swapaxes(1, 2) if layout == "bhsd" else tensor


def _copied(part: Part, memory: Memory) -> Part:
    """Tokens or a plan with arrays on the device."""
    arrays = {name: memory.array(value) for name, value in vars(part).items() if isinstance(value, np.ndarray)}
    return replace(part, **arrays)


def changed_list(call: Call, case: Case, memory: Memory) -> str | None:
    """The name of an array besides Q and K that the function changed, such as `cos`; None if there is none."""
    for name, given, found in lists(call, case):
        if memory.values(found).tobytes() != given.tobytes():
            return name
    return None


def lists(call: Call, case: Case) -> Iterator[tuple[str, np.ndarray, Array]]:
    """The arrays besides Q and K by name: that of the call, and its copy in the case."""
    for (name, given), (_, found) in zip(_fields(call), _fields(case), strict=True):
        if isinstance(given, np.ndarray):
            yield name, given, found


def _fields(holder: Call | Case) -> Iterator[tuple[str, Any]]:
    yield from (("inv_freq", holder.inv_freq), ("cos", holder.cos), ("sin", holder.sin))
    for part in ("tokens", "key_tokens", "plan"):
        if (values := getattr(holder, part)) is not None:
            yield from ((f"{part}.{name}", value) for name, value in vars(values).items())
