"""Reading the cases of an inputs file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import h5py
import ml_dtypes
import numpy as np
import pytest

from rope_conformance import Case, Unsupported, Unusable
from rope_conformance.files import cases

DTYPES = {"float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


def every_case(folder: Path) -> Iterator[Case]:
    return (case for path in sorted(folder.glob("*.h5")) for case in cases(path))


def test_there_is_a_case_of_every_kind(exported: Path) -> None:
    read = list(every_case(exported))
    assert {case.contract for case in read} == {"table", "frequency", "position", "none"}
    assert {case.element_type for case in read} == set(DTYPES)
    assert {case.layout for case in read} == {"bshd", "bhsd", "thd"}
    assert {case.direction for case in read} == {"forward", "inverse"}
    assert {case.plan.axis.max(initial=0) for case in read} == {0, 2}
    factors = {case.contract: case.plan.attention_factor for case in read if case.name.startswith("gpt-oss")}
    assert factors["table"] == 1 < factors["position"]
    assert len({case.name for case in read}) == len(read) > 70


def test_shapes_and_types(exported: Path) -> None:
    for case in every_case(exported):
        workload, pairs = case.workload, len(case.plan.pairs_in)
        heads = (workload["query_heads"], workload["key_heads"])
        assert len(case.tensors()) == (1 if workload["query_alone"] else 2), case.name
        for index, (tensor, tokens) in enumerate(case.tensors()):
            sequence = (workload.get("key_tokens") or workload)["sequence"] if index else workload["sequence"]
            shape = (workload["batch"], sequence)
            assert tensor.dtype == DTYPES[case.element_type], case.name
            assert case.bshd(tensor).shape == (*shape, heads[index], case.plan.head_dim), case.name
            if tokens.position_ids is not None:
                assert tokens.position_ids.shape[1:] == shape, case.name
                assert len(tokens.position_ids) > case.plan.axis.max(), case.name
            if case.contract == "table" and "invalid_value" not in workload:
                assert [values.shape for values in case.gathered(tokens)] == [(*shape, pairs)] * 2, case.name
            assert (tokens.cu_seqlens is not None) == (case.layout == "thd"), case.name


def test_a_contract_gives_this_and_no_more(exported: Path) -> None:
    given = {
        "none": set(),
        "table": {"cos", "sin", "table_rows"},
        "frequency": {"position_ids", "inv_freq"},
        "position": {"position_ids", "plan.inv_freq"},
    }
    for case in every_case(exported):
        values = {name: getattr(case, name) for name in ("cos", "sin", "table_rows", "position_ids", "inv_freq")}
        values["plan.inv_freq"] = case.plan.inv_freq
        assert {name for name, value in values.items() if value is not None} == given[case.contract], case.name
        assert (len(case.plan.pairs_in) == 0) == (case.contract == "none"), case.name
        assert case.configuration["scaling"]["rope_type"] and case.configuration["rope_theta"] > 0, case.name


def test_the_range_of_positions_has_all_of_them_and_both_ends(exported: Path) -> None:
    ranges = set()
    for case in every_case(exported):
        for _, tokens in case.tensors():
            range_, ids = tokens.position_range, tokens.position_ids
            if ids is None or ids.size == 0:
                assert range_ is None, case.name
                continue
            assert range_ is not None
            ranges.add(range_)
            values = ids.ravel().tolist()
            assert all(range_[0] <= value <= range_[1] for value in values), case.name
            assert range_[0] in values and range_[1] in values, case.name
    assert any(first < 0 for first, _ in ranges)
    assert any(last > 1000 for _, last in ranges)


def test_alignment_is_the_largest_power_of_two_that_divides_the_address() -> None:
    memory = np.zeros(1024, np.uint8)
    start = -memory.ctypes.data % 512
    for offset, expected in [(0, 256), (256, 256), (128, 128), (64, 64), (2, 2), (1, 1), (96, 32)]:
        assert Case.alignment(memory[start + offset :]) == expected, offset


def test_a_view_changes_the_tensor(exported: Path) -> None:
    for case in every_case(exported):
        if case.q.size == 0:
            continue
        case.bshd(case.q)[0, 0, 0, 0] = 3
        assert case.q.ravel()[0] == 3, case.name


def test_bfloat16_is_read_bit_for_bit(chatglm: Path) -> None:
    name = "chatglm3-6b/bf16/non-finite/table-f32"
    (case,) = cases(chatglm, [name])
    with h5py.File(chatglm) as file:
        values = file[f"cases/{name}/q"][...]
        nan = np.isnan(values)
        assert nan.any() and np.isinf(values).any()
        np.testing.assert_array_equal(case.q.astype(np.float32)[~nan], values[~nan])
    # A NaN keeps its payload: the lowest bits of the significand.
    assert len(set(case.q.view(np.uint16)[nan] & 0x7F)) > 2


def test_the_inverse_comes_ready_to_run(exported: Path) -> None:
    names = [f"deepseek-v3/{kind}" for kind in ("f32/backward/position", "bf16/backward/table-f32")]
    path = exported / "deepseek-v3.h5"
    by_position, by_table = cases(path, names)
    with h5py.File(path) as file:
        position, table = (file[f"cases/{name}"] for name in names)
        plan = file[position.attrs["plan"]]
        np.testing.assert_array_equal(by_position.position_ids[0], -position["position_ids"][...])
        np.testing.assert_array_equal(by_table.cos, table["cos"][...])
        np.testing.assert_array_equal(by_table.sin, -table["sin"][...])
        for case in (by_position, by_table):
            np.testing.assert_array_equal(case.plan.pairs_in, plan["out"][...])
            np.testing.assert_array_equal(case.plan.pairs_out, plan["in"][...])
        assert (plan["in"][...] != plan["out"][...]).any()


def test_k_has_tokens_of_its_own(exported: Path) -> None:
    by_position, by_table = (
        next(case for case in every_case(exported) if "/key-apart-ragged/" in case.name and case.contract == contract)
        for contract in ("position", "table")
    )
    assert by_position.position_ids.tolist() == [[[2, 3, 40]]]
    assert by_position.key_tokens.position_ids.tolist() == [[[0, 1, 2, 3, 17, 18, 38, 39, 40]]]
    assert by_position.cu_seqlens.tolist() == [0, 2, 2, 3]
    assert by_position.key_tokens.cu_seqlens.tolist() == [0, 4, 6, 9]
    # One cache serves both.
    assert by_table.table_rows.tolist() == [[2, 3, 8]] and by_table.key_tokens.table_rows.tolist() == [[*range(9)]]
    np.testing.assert_array_equal(by_table.gathered(by_table.tokens)[1], by_table.sin[[[2, 3, 8]]])


def test_calls_beyond_q_and_k_at_integer_positions(exported: Path) -> None:
    found = {case.name.split("/")[2]: case for case in every_case(exported) if case.contract == "position"}
    assert found["query-alone"].k is None and found["query-alone"].key_tokens is None
    assert found["no-tokens"].q.size == 0 and found["no-key-heads"].k.shape == (1, 3, 0, 128)
    assert found["fractional-positions"].position_ids.dtype == np.float64
    assert found["fractional-positions"].position_ids[0, 0, :2].tolist() == [0.5, -3.75]
    beyond, twin = found["rotary-beyond-head"], found["rotary-beyond-head-twin"]
    assert beyond.plan.pairs_in.max() >= beyond.plan.head_dim > twin.plan.pairs_in.max()
    np.testing.assert_array_equal(beyond.q, twin.q)


def test_a_row_that_the_cache_does_not_have_is_refused(exported: Path) -> None:
    (case,) = (case for case in every_case(exported) if case.name.endswith("/f32/row-beyond-table/table"))
    with pytest.raises(Unsupported, match="there are rows 0 to 103 of a table of 3 rows"):
        case.gathered(case.tokens)


def changed(path: Path, folder: Path, **attributes: object) -> Path:
    copy = folder / f"{'-'.join(attributes)}.h5"
    copy.write_bytes(path.read_bytes())
    with h5py.File(copy, "r+") as file:
        file.attrs.update(attributes)
    return copy


def test_what_is_no_inputs_file_is_refused(one: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.h5"
    text.write_text("no HDF5")
    goldens = Path(__file__).parents[2] / "Fixtures" / "gpt2.h5"
    for path, message in (
        (tmp_path / "missing.h5", "missing.h5: .*No such file"),
        (text, "text.h5: .*file signature not found"),
        (goldens, "gpt2.h5: holds goldens, not the inputs that rope-conformance export writes"),
        (changed(one, tmp_path, role="outputs"), "role.h5: holds outputs, not the inputs"),
        (changed(one, tmp_path, format="other"), "format.h5: is not a file of rope-conformance"),
        (changed(one, tmp_path, format_version=7), "format_version.h5: has format version 7, but this program reads 2"),
    ):
        with pytest.raises(Unusable, match=message):
            next(cases(path))


def test_a_case_that_is_not_there_is_named(one: Path) -> None:
    with pytest.raises(Unusable, match="chatglm3-6b.h5: case other: .*doesn't exist"):
        next(cases(one, ["other"]))


def test_a_missing_package_is_named() -> None:
    program = "import sys; sys.modules['h5py'] = None; import rope_conformance.files"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "files of recorded outputs need h5py" in ended.stderr
    assert ended.stderr.rstrip().endswith("install it with: pip install 'rope-conformance[files]'")
