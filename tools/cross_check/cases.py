"""The check of one case: attributes, shapes, inputs, angles, and the expected outputs."""

from __future__ import annotations

import numpy as np

from .compare import Tally
from .convention import Convention
from .exact import FLOAT64, Format
from .golden import SHORT_NAMES, Golden, attribute
from .inputs import KEY_OFFSET, elements, seed_of
from .plans import Plan, check_labels
from .rotation import Turn, rotate_by_table, rotate_by_turns

TOKENS_AT_ONCE = 64


def check_case(golden: Golden, plan: Plan, rows: np.ndarray, model: str, tally: Tally) -> None:
    """Checks a case, its outputs at the stored tokens counted `rows`."""
    tally.cases += 1
    _check_attributes(golden, plan, model, tally)
    _check_shapes(golden, tally)
    if golden.is_sampled:
        _check_sample(golden, tally)
    elif golden.workload["pattern"] == "spread":
        for tensor in ("q", "k"):
            recomputed = _hashed(golden, tensor, np.arange(golden.shape.tokens))
            stored = golden.by_token(tensor).astype(np.float32)
            place = _placer(golden, tensor)
            tally.numbers(golden.name, tensor, stored, recomputed.astype(np.float32), place)
    if golden.contract == "frequency" and not golden.is_sampled:
        stored = golden.group["inv_freq"]
        tally.numbers(golden.name, "inv_freq", stored[...], plan.inv_freq_float32)
    for start in range(0, len(rows), TOKENS_AT_ONCE):
        _check_rows(golden, plan, rows[start : start + TOKENS_AT_ONCE], tally)


def _check_attributes(golden: Golden, plan: Plan, model: str, tally: Tally) -> None:
    """The attributes that repeat what the configuration, the workload or the name say."""
    group, convention, case = golden.group, golden.convention, golden.name
    suffix = ""
    if golden.table is not None and golden.table != golden.element:
        suffix = f"-{SHORT_NAMES[golden.table.name]}"
    parts = (
        model,
        SHORT_NAMES[golden.element.name],
        golden.workload["name"],
        golden.contract + suffix,
    )
    expected: dict[str, object] = {
        "head_dim": convention.head_dim,
        "attention_factor": plan.attention_factor,
        "layout": golden.shape.layout,
        "direction": golden.workload["direction"],
        "seed": seed_of(case),
    }
    if isinstance(convention, Convention):
        expected |= {
            "pairing": convention.pairing,
            "rotary_dim": convention.rotary_dim,
            "rotary_offset": convention.rotary_offset,
            "base": convention.base,
        }
        if convention.output_pairing != convention.pairing:
            expected["output_pairing"] = convention.output_pairing
    for name, value in expected.items():
        tally.fact(case, name, attribute(group, name), value)
    tally.fact(case, "name", case, "/".join(parts))
    tally.fact(case, "has table_type", golden.table is not None, golden.contract == "table")
    # For an explicit plan, only the plan says how the channels are paired.
    for name in ("pairing", "output_pairing", "rotary_dim", "rotary_offset", "base"):
        tally.fact(case, f"has {name}", name in group.attrs, name in expected)
    tally.fact(case, "contract none", golden.contract == "none", convention.rotary_dim == 0)


def _check_shapes(golden: Golden, tally: Tally) -> None:
    """Which datasets there are, with which type, shape and names of dimensions."""
    shape, tokens, pairs = golden.shape, golden.shape.token_shape, golden.convention.pair_count
    labels = shape.token_labels
    expected: dict[str, tuple[object, tuple[int, ...], list[str]]] = {}
    if golden.is_sampled:
        count = golden.group["sample_tokens"].shape[0]
        expected["sample_tokens"] = "int64", (count,), ["sample"]
        for tensor in ("q", "k"):
            size: tuple[int, ...] = (count, golden.heads(tensor), shape.channels)
            expected[f"expected_{tensor}"] = FLOAT64, size, ["sample", "head", "channel"]
    else:
        axes = golden.convention.axis_count
        leading = (axes,) if axes > 1 else ()
        expected["position_ids"] = "int64", leading + tokens, ["axis"] * len(leading) + labels
        for tensor in ("q", "k"):
            size = shape.stored(golden.heads(tensor))
            expected[tensor] = golden.element, size, shape.labels
            expected[f"expected_{tensor}"] = FLOAT64, size, shape.labels
        if golden.contract == "frequency":
            expected["inv_freq"] = "float32", (pairs,), ["pair"]
        if golden.table is not None:
            expected["table_rows"] = "int32", tokens, labels
            rows = golden.group["cos"].shape[0]
            for name in ("cos", "sin"):
                expected[name] = golden.table, (rows, pairs), ["row", "pair"]
        if shape.layout == "thd":
            lengths = golden.workload["sequence_lengths"]
            starts = np.concatenate([[0], np.cumsum(lengths)])
            expected["cu_seqlens"] = "int32", starts.shape, ["boundary"]
            tally.integers(golden.name, "cu_seqlens", golden.group["cu_seqlens"][...], starts)
    tally.fact(golden.name, "datasets", sorted(golden.group), sorted(expected))
    for name, (kind, size, names) in expected.items():
        dataset = golden.group[name]
        tally.fact(golden.name, f"{name} shape", dataset.shape, size)
        check_labels(dataset, names, golden.name, tally)
        if isinstance(kind, Format):
            stored = dataset.id.get_type()
            layout = (*stored.get_fields(), stored.get_ebias())
            tally.fact(golden.name, f"{name} floating-point type", layout, kind.layout)
        else:
            tally.fact(golden.name, f"{name} type", dataset.dtype.name, kind)


def _check_sample(golden: Golden, tally: Tally) -> None:
    """A sample ascends and has the first token, the last, and every power of two."""
    tokens, count = golden.tokens(), golden.shape.tokens
    tally.fact(golden.name, "sample_tokens ascend", bool((np.diff(tokens) > 0).all()), True)
    wanted = {0, count - 1} | {1 << bit for bit in range((count - 1).bit_length())}
    tally.fact(golden.name, "sample_tokens lack", sorted(wanted - set(tokens.tolist())), [])
    tally.fact(golden.name, "inputs", golden.workload["pattern"], "spread")
    tally.fact(golden.name, "batch of a sampled case", golden.shape.batch, 1)


def _hashed(golden: Golden, tensor: str, tokens: np.ndarray) -> np.ndarray:
    """Inputs from the seed: the index counts elements in the order of storage."""
    indices = golden.shape.indices(golden.heads(tensor), tokens)
    offset = KEY_OFFSET if tensor == "k" else 0
    return elements(seed_of(golden.name), indices + offset, golden.element)


def _placer(golden: Golden, dataset: str, rows: np.ndarray | None = None):
    """From an index `[row, head, channel]` of compared values to the index in the dataset."""

    def place(row: int, head: int, channel: int) -> tuple[int, ...]:
        return golden.place(dataset, row if rows is None else int(rows[row]), head, channel)

    return place


def _check_rows(golden: Golden, plan: Plan, rows: np.ndarray, tally: Tally) -> None:
    """Recomputes the outputs, and the table where there is one, of some stored tokens."""
    tokens, positions = golden.tokens()[rows], golden.positions()[:, rows]
    table = turns = None
    if golden.table is not None:
        table = _table(golden, golden.table, plan, rows, positions, tally)
    elif golden.contract != "none":
        turns = _turns(golden, plan, positions)
    for tensor in ("q", "k"):
        if golden.is_sampled:
            inputs = _hashed(golden, tensor, tokens)
        else:
            inputs = golden.by_token(tensor)[rows]
        recomputed = inputs.copy()
        read, written = plan.inputs, plan.outputs
        if golden.workload["direction"] == "inverse":
            # The transpose reads what was written. Its matrix ((c, s), (-s, c)) is that of the
            # rotation with both channels exchanged.
            read, written = plan.outputs[:, ::-1], plan.inputs[:, ::-1]
        first, second = inputs[..., read[:, 0]], inputs[..., read[:, 1]]
        if table is not None:
            outputs = rotate_by_table(first, second, *table)
        elif turns is not None:
            outputs = rotate_by_turns(first, second, turns)
        else:
            outputs = first, second
        recomputed[..., written[:, 0]], recomputed[..., written[:, 1]] = outputs
        name = f"expected_{tensor}"
        stored = golden.by_token(name)[rows]
        tally.numbers(golden.name, name, stored, recomputed, _placer(golden, name, rows))


def _turns(golden: Golden, plan: Plan, positions: np.ndarray) -> list[list[Turn]]:
    """The exact angles `[token][pair]` of the contracts `position` and `frequency`."""
    pairs, count = range(len(plan.axis)), positions.shape[1]
    if golden.contract == "position":
        return [
            [plan.angles.turn(j, int(positions[plan.axis[j], t])) for j in pairs]
            for t in range(count)
        ]
    if golden.contract != "frequency":
        raise ValueError(f"{golden.name}: unknown contract {golden.contract}")
    inv_freq = plan.inv_freq_float32 if golden.is_sampled else golden.group["inv_freq"][...]
    # fl32(fl32(position) · inv_freq): numpy rounds both once, to nearest.
    products = positions[plan.axis].T.astype(np.float32) * inv_freq
    return [[plan.given_angles.turn_by(angle) for angle in row] for row in products.tolist()]


def _table(
    golden: Golden,
    table: Format,
    plan: Plan,
    rows: np.ndarray,
    positions: np.ndarray,
    tally: Tally,
) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and sines `[token, 1, pair]`: those stored, compared with those recomputed."""
    pairs = range(len(plan.axis))
    entries = [
        [plan.angles.entry(j, int(positions[plan.axis[j], t]), table) for j in pairs]
        for t in range(positions.shape[1])
    ]
    recomputed = np.array(entries).reshape(len(rows), len(plan.axis), 2)
    if golden.is_sampled:
        return recomputed[:, None, :, 0], recomputed[:, None, :, 1]
    result = []
    for part, name in enumerate(("cos", "sin")):
        dataset = golden.group[name]
        cache_rows = golden.group["table_rows"][...].reshape(golden.shape.tokens)[rows]
        stored = dataset[...][cache_rows]

        def place(row: int, pair: int) -> tuple[int, ...]:
            return int(cache_rows[row]), pair

        tally.numbers(golden.name, name, stored, recomputed[:, :, part], place)
        result.append(stored.astype(np.float64)[:, None, :])
    return result[0], result[1]
