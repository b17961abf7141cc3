"""Cases in the files that `rope-conformance export` writes."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import numpy as np

from rope_conformance._hdf5 import attribute, h5py, read
from rope_conformance.case import Case, Plan, Tokens
from rope_conformance.errors import Unusable

FORMAT_VERSION = 2


class Inputs:
    """An open inputs file."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        try:
            self.file = h5py.File(path, "r")
        except OSError as error:
            raise Unusable(f"{path}: {error}") from error
        try:
            if attribute(self.file, "format") != "rope-conformance":
                raise Unusable(f"{path}: is not a file of rope-conformance")
            version, role = attribute(self.file, "format_version"), attribute(self.file, "role")
            if version != FORMAT_VERSION:
                raise Unusable(f"{path}: has format version {version}, but this program reads {FORMAT_VERSION}")
            if role != "inputs":
                raise Unusable(f"{path}: holds {role or 'goldens'}, not the inputs that rope-conformance export writes")
            self.goldens = attribute(self.file, "goldens")
            self.names: list[str] = []
            self.file["cases"].visititems(self._visit)
        except BaseException:
            self.file.close()
            raise

    def __enter__(self) -> Inputs:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def _visit(self, name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Group) and "contract" in item.attrs:
            self.names.append(name)

    def case(self, name: str) -> Case:
        """The case of a name.

        Raises `Unusable` if it is not there, or is not as it should be.
        """
        try:
            return _running(self._stored(self.file[f"cases/{name}"], name))
        except (KeyError, OSError, ValueError, TypeError) as error:
            raise Unusable(f"{self.path}: case {name}: {error}") from error

    def _stored(self, group: h5py.Group, name: str) -> Case:
        contract, layout = attribute(group, "contract"), attribute(group, "layout")
        plan = self.file[attribute(group, "plan")]

        def array(dataset: str) -> np.ndarray | None:
            return read(group[dataset]) if dataset in group else None

        def tokens(prefix: str) -> Tokens:
            position_ids, table_rows = read(group[f"{prefix}position_ids"]), array(f"{prefix}table_rows")
            # Packed sequences are one row, and the axis of coordinates is stored only if there are several.
            count = 1 if layout == "thd" else 2
            shape = (1, *position_ids.shape[-1:]) if layout == "thd" else position_ids.shape[-2:]
            axes = position_ids.shape[0] if position_ids.ndim > count else 1
            is_given = contract in ("frequency", "position")
            return Tokens(
                position_ids=position_ids.reshape(axes, *shape) if is_given else None,
                table_rows=None if table_rows is None else table_rows.reshape(shape),
                cu_seqlens=array(f"{prefix}cu_seqlens"),
            )

        q, k = read(group["q"]), array("k")
        channels = {"pairs_in": plan["in"][...], "pairs_out": plan["out"][...]}
        return Case(
            name=name,
            contract=contract,
            element_type=attribute(group, "element_type"),
            layout=layout,
            direction=attribute(group, "direction"),
            q=q,
            k=k,
            # An element that is not written is NaN.
            q_out=np.full_like(q, np.nan),
            k_out=None if k is None else np.full_like(k, np.nan),
            in_place=False,
            tokens=tokens(""),
            key_tokens=tokens("key_") if "key_position_ids" in group else None,
            inv_freq=array("inv_freq"),
            cos=array("cos"),
            sin=array("sin"),
            plan=Plan(
                head_dim=attribute(plan, "head_dim"),
                **channels,
                **_slice(**channels),
                axis=plan["axis"][...],
                inv_freq=plan["inv_freq"][...] if contract == "position" else None,
                attention_factor=1.0 if contract == "table" else attribute(plan, "attention_factor"),
            ),
            configuration=json.loads(attribute(group, "configuration")),
            workload=json.loads(attribute(group, "workload")),
        )


def _slice(pairs_in: np.ndarray, pairs_out: np.ndarray) -> dict[str, Any]:
    """The fields of a plan that say in words which slice of channels its pairs are."""
    count = len(pairs_in)
    offset, index = int(pairs_in[0, 0]) if count else 0, np.arange(count)
    pairings = {"half": np.stack([index, index + count], 1), "interleaved": np.stack([2 * index, 2 * index + 1], 1)}

    def pairing(pairs: np.ndarray) -> str:
        return next((name for name, channels in pairings.items() if (pairs == channels + offset).all()), "other")

    found = [pairing(pairs_in), pairing(pairs_out)]
    if "other" in found:
        found, offset = ["other", "other"], 0
    return {"pairing": found[0], "out_pairing": found[1], "rotary_dim": 2 * count, "rotary_offset": offset}


def _running(case: Case) -> Case:
    """A case as its direction runs it. Both changes are exact."""
    if case.direction == "forward":
        return case
    plan = case.plan
    return replace(
        case,
        tokens=_negated(case.tokens),
        key_tokens=None if case.key_tokens is None else _negated(case.key_tokens),
        sin=None if case.sin is None else np.negative(case.sin),
        plan=replace(
            plan,
            pairs_in=plan.pairs_out,
            pairs_out=plan.pairs_in,
            pairing=plan.out_pairing,
            out_pairing=plan.pairing,
        ),
    )


def _negated(tokens: Tokens) -> Tokens:
    return replace(tokens, position_ids=None if tokens.position_ids is None else -tokens.position_ids)
