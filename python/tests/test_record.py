"""Recording what a function returns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import h5py
import ml_dtypes
import numpy as np
import pytest
from conftest import ONE

from rope_conformance import Case, Unsupported, Unusable
from rope_conformance.files import Counts, record


def copied(case: Case) -> tuple[np.ndarray, np.ndarray]:
    return case.q.copy(), case.k.copy()


def attributes(path: Path, name: str) -> dict[str, str]:
    with h5py.File(path) as file:
        return {key: value.decode() for key, value in file[f"cases/{name}"].attrs.items()}


def bits(dataset: h5py.Dataset) -> np.ndarray:
    kind = dataset.id.get_type()
    result = np.empty(dataset.shape, f"u{kind.get_size()}")
    dataset.id.read(h5py.h5s.ALL, h5py.h5s.ALL, result, kind)
    return result


def test_the_file_is_as_documented(one: Path, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs.h5"
    assert record([one], outputs, copied, name="mine", summary="a copy, no GPU") == Counts(recorded=1)
    with h5py.File(outputs) as file, h5py.File(one) as inputs:
        found = dict(file.attrs)
        assert found.pop("format_version") == 1
        assert {key: value.decode() for key, value in found.items()} == {
            "format": "rope-conformance",
            "role": "outputs",
            "backend": "mine",
            "summary": "a copy, no GPU",
            "goldens": inputs.attrs["goldens"].decode(),
        }
        group = file[f"cases/{ONE}"]
        assert set(group) == {"q", "k"} and not group.attrs
    assert list(tmp_path.iterdir()) == [outputs]


def test_tensors_are_written_bit_for_bit(one: Path, chatglm: Path, tmp_path: Path) -> None:
    for path in (one, chatglm):
        outputs = tmp_path / "outputs.h5"
        record([path], outputs, copied, name="mine")
        with h5py.File(outputs) as file, h5py.File(path) as inputs:

            def compare(name: str, item: h5py.Group | h5py.Dataset) -> None:
                if not isinstance(item, h5py.Dataset):
                    return
                given = inputs[f"cases/{name}"]
                assert item.shape == given.shape and item.id.get_type() == given.id.get_type(), name
                np.testing.assert_array_equal(bits(item), bits(given), name)

            assert set(file["cases"]) == set(inputs["cases"])
            file["cases"].visititems(compare)


def test_a_function_may_change_its_case(one: Path, tmp_path: Path) -> None:
    def in_place(case: Case) -> tuple[np.ndarray, np.ndarray]:
        case.q[...] = 1
        return case.q, case.k

    assert record([one], tmp_path / "outputs.h5", in_place, name="mine") == Counts(recorded=1)


def test_tensors_that_are_not_contiguous(one: Path, tmp_path: Path) -> None:
    def strided(case: Case) -> tuple[np.ndarray, np.ndarray]:
        return np.repeat(case.q, 2, axis=-1)[..., ::2], case.k

    assert record([one], tmp_path / "outputs.h5", strided, name="mine") == Counts(recorded=1)
    with h5py.File(tmp_path / "outputs.h5") as file, h5py.File(one) as inputs:
        np.testing.assert_array_equal(file[f"cases/{ONE}/q"], inputs[f"cases/{ONE}/q"])


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        (lambda case: case.q, "returned ndarray, must be a tuple of Q and K, or None if they are in the case's outp"),
        (lambda case: (case.q,), "returned a tuple of 1, must be a tuple of Q and K"),
        (lambda case: (case.q, [1]), "returned list as k, must be an array of numpy, torch"),
        (
            lambda case: (case.q.astype(np.float32), case.k),
            "returned float32 [1, 3, 2, 128] as q, must be bfloat16 [1, 3, 2, 128]",
        ),
        (lambda case: (case.q, case.k[0]), "returned bfloat16 [3, 1, 128] as k, must be bfloat16 [1, 3, 1, 128]"),
        (lambda case: case.plan.missing, r"AttributeError: 'Plan' object has no attribute 'missing' (test_record.py:"),
        (
            lambda case: json.loads("{"),
            "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1) (test_rec",
        ),
    ],
    ids=["nothing", "one", "list", "type", "shape", "error", "error elsewhere"],
)  # fmt: skip
def test_a_case_that_fails(
    returned: object, reason: str, one: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = tmp_path / "outputs.h5"
    assert record([one], outputs, returned, name="mine") == Counts(failed=1)
    found = attributes(outputs, ONE)
    assert found.keys() == {"failed"} and found["failed"].startswith(reason)
    assert capsys.readouterr().err == f"{ONE}: {found['failed']}\n"


@pytest.mark.parametrize("reason", ["no table of another type", "", "NUL \0 and \udcff", "long " * 9999])
def test_a_case_that_is_not_supported(reason: str, one: Path, tmp_path: Path) -> None:
    def refuse(case: Case) -> tuple[np.ndarray, np.ndarray]:
        raise Unsupported(reason)

    outputs = tmp_path / "outputs.h5"
    assert record([one], outputs, refuse, name="mine") == Counts(unsupported=1)
    found = attributes(outputs, ONE)
    kept = reason[:4096].replace("\0", "").replace("\udcff", "?") or "no reason given"
    assert found == {"unsupported": kept}


def test_a_function_that_ends_the_process_loses_no_case_before_it(chatglm: Path, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs.h5"
    (tmp_path / "ends.py").write_text(
        "import os\n"
        "def rotate(case):\n"
        "    print(case.name, flush=True)\n"
        "    if '/prompt/frequency' in case.name: os.abort()\n"
        "    return case.q, case.k\n"
    )
    ended = subprocess.run(
        [sys.executable, "-m", "rope_conformance", "record", chatglm, outputs, "--function", "ends.py:rotate"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert ended.returncode < 0
    *before, last = ended.stdout.split()
    assert last.endswith("/prompt/frequency") and len(before) > 10
    with h5py.File(outputs) as file:
        assert all(set(file[f"cases/{name}"]) == {"q", "k"} for name in before)
        assert f"cases/{last}" not in file


def test_an_older_file_is_replaced(one: Path, chatglm: Path, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs.h5"
    record([chatglm], outputs, copied, name="older")
    record([one], outputs, copied, name="mine")
    with h5py.File(outputs) as file:
        assert list(file["cases/chatglm3-6b"]) == ["bf16"]
        assert file.attrs["backend"] == b"mine"


def test_inputs_are_not_replaced(one: Path, tmp_path: Path) -> None:
    before = one.read_bytes()
    with pytest.raises(Unusable, match="holds inputs which would be replaced"):
        record([one], one, copied, name="mine")
    assert one.read_bytes() == before


def test_selected_cases_alone(chatglm: Path, tmp_path: Path) -> None:
    counts = record([chatglm], tmp_path / "outputs.h5", copied, name="mine", select=lambda name: "/f32/prompt/" in name)
    assert counts == Counts(recorded=4)


def test_inputs_of_other_goldens_are_refused(one: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.h5"
    other.write_bytes(one.read_bytes())
    with h5py.File(other, "r+") as file:
        file.attrs["goldens"] = "0123"
    with pytest.raises(Unusable, match="other.h5: holds inputs of other goldens than the previous files"):
        record([one, other], tmp_path / "outputs.h5", copied, name="mine")


def test_what_cannot_be_written_is_named(one: Path, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="missing/outputs.h5: .*No such file"):
        record([one], tmp_path / "missing" / "outputs.h5", copied, name="mine")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Unusable, match="folder: .*directory"):
        record([one], tmp_path / "folder", copied, name="mine")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    with pytest.raises(Unusable, match="there is no inputs file"):
        record([], tmp_path / "outputs.h5", copied, name="mine")


def test_bfloat16_is_that_of_ml_dtypes(one: Path, tmp_path: Path) -> None:
    def mine(case: Case) -> tuple[np.ndarray, np.ndarray]:
        assert case.q.dtype == ml_dtypes.bfloat16
        return np.ones(case.q.shape, ml_dtypes.bfloat16), case.k

    assert record([one], tmp_path / "outputs.h5", mine, name="mine") == Counts(recorded=1)
    with h5py.File(tmp_path / "outputs.h5") as file:
        assert (file[f"cases/{ONE}/q"][...] == 1).all()
