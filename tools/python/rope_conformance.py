"""Puts a rotary position embedding in Python on the bench of rope-conformance.

`rope-conformance export` writes the cases, this file gives each of them to a function and records what it returns, and
`rope-conformance validate` judges the record. Needs h5py and numpy, and ml_dtypes where elements are bfloat16.

As a command:

    python3 rope_conformance.py inputs/*.h5 outputs.h5 --function mine.py:rotate

As a library, where `rotate` takes a `Case` and returns its tensors, rotated:

    rope_conformance.record(inputs, "outputs.h5", rotate)

As a plug-in of pytest (`-p rope_conformance`, or `pytest_plugins = ["rope_conformance"]` in conftest.py), which makes
each case a test:

    test_rotate = rope_conformance.Tests(rotate)
"""

from __future__ import annotations

import argparse
import functools
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import h5py
import numpy as np

FORMAT_VERSION = 2
OUTPUTS_FORMAT_VERSION = 1


class Unsupported(Exception):
    """Raised by a function that does not do a case, with the reason. It is the right answer to an invalid case, and
    never counted as passed otherwise."""


class Unusable(Exception):
    """Inputs, a function or a program that cannot be used at all."""


# ---- Cases -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """Which channels of a head rotate together, for any model.

    For pair `i` of a token, with the cosine `c` and the sine `s` of its angle, both times `attention_factor`:

        y[pairs_out[i, 0]] = x[pairs_in[i, 0]] * c - x[pairs_in[i, 1]] * s
        y[pairs_out[i, 1]] = x[pairs_in[i, 1]] * c + x[pairs_in[i, 0]] * s

    Every channel that is in no pair is copied, bit for bit. Without RoPE there are no pairs.
    """

    head_dim: int
    pairs_in: np.ndarray
    """int32 `[pairs, 2]`: the channels that are read."""
    pairs_out: np.ndarray
    """int32 `[pairs, 2]`: the channels that are written."""
    axis: np.ndarray
    """int32 `[pairs]`: which coordinate of a position drives the pair; 0 for text."""
    inv_freq: np.ndarray | None
    """float64 `[pairs]`, radians per position; None unless the contract gives it."""
    attention_factor: float
    """The multiplier on cosine and sine; 1 where the table has it in its values."""


@dataclass(frozen=True, eq=False)
class Tokens:
    """What a call gives for each token of a tensor. Packed sequences are one row, as everywhere but in `q` and `k`."""

    position_ids: np.ndarray | None
    """int64 `[axes, batch, sequence]`, float64 where a position has a fraction; None unless the contract gives them."""
    table_rows: np.ndarray | None
    """int32 `[batch, sequence]`, the row of each token in `cos` and `sin`; None unless the contract gives it.

    A row that the cache does not have makes an invalid call, which must be refused."""
    cu_seqlens: np.ndarray | None
    """int32, where each packed sequence begins, and the number of tokens; None for tokens that are not packed."""

    @property
    def position_range(self) -> tuple[float, float] | None:
        """The smallest and the largest position on any axis; None without positions."""
        if self.position_ids is None or self.position_ids.size == 0:
            return None
        return self.position_ids.min().item(), self.position_ids.max().item()


@dataclass(frozen=True, eq=False)
class Case:
    """One rotation of Q and K, with what its contract gives. The arrays are the function's own, which may change them.

    A case of direction `inverse` comes ready to run: its positions are negated, or the signs of its sines flipped, and
    `pairs_in` and `pairs_out` swapped.
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
    q: np.ndarray
    """Without tokens, it is empty."""
    k: np.ndarray | None
    """None in a call that has no K; empty without tokens or heads."""
    tokens: Tokens
    """The tokens of Q, and of K unless it has its own."""
    key_tokens: Tokens | None
    """The tokens of K where they are not those of Q, in number or position."""
    inv_freq: np.ndarray | None
    """float32 `[pairs]`, radians per position."""
    cos: np.ndarray | None
    """The cache of cosines `[rows, pairs]`, in a type that need not be that of Q and K."""
    sin: np.ndarray | None
    """The cache of sines."""
    plan: Plan
    configuration: dict[str, Any]
    """The model's convention, by the names of Hugging Face where it has them: `rope_theta` is the base, and `scaling`
    has `rope_type` and its parameters."""
    workload: dict[str, Any]
    """Shape, memory layout and kind of input."""

    @property
    def position_ids(self) -> np.ndarray | None:
        """Those of `tokens`."""
        return self.tokens.position_ids

    @property
    def table_rows(self) -> np.ndarray | None:
        """Those of `tokens`."""
        return self.tokens.table_rows

    @property
    def cu_seqlens(self) -> np.ndarray | None:
        """Those of `tokens`."""
        return self.tokens.cu_seqlens

    def tensors(self) -> list[tuple[np.ndarray, Tokens]]:
        """Q and K, or Q alone, each with its tokens."""
        both = [(self.q, self.tokens), (self.k, self.key_tokens or self.tokens)]
        return [(tensor, tokens) for tensor, tokens in both if tensor is not None]

    def gathered(self, tokens: Tokens) -> tuple[np.ndarray, np.ndarray]:
        """The cosines and sines of some tokens of this case, `[batch, sequence, pairs]` each.

        Raises `Unsupported` where the cache does not have a row of theirs: such a call must be refused.
        """
        rows = tokens.table_rows
        if rows is None or self.cos is None or self.sin is None:
            raise ValueError(f"contract {self.contract} gives no cosines and sines")
        if rows.size and not 0 <= rows.min() <= rows.max() < len(self.cos):
            raise Unsupported(f"there are rows {rows.min()} to {rows.max()} of a table of {len(self.cos)} rows")
        return self.cos[rows], self.sin[rows]

    @staticmethod
    def alignment(array: np.ndarray) -> int:
        """The largest power of two, at most 256, that divides the address of an array of this case, in bytes."""
        address = array.ctypes.data | 256
        return address & -address

    def bshd(self, tensor: np.ndarray) -> np.ndarray:
        """A view of a tensor of this case, such as `q`, as `[batch, sequence, heads, head dimension]`."""
        return {
            "bshd": lambda: tensor,
            "bhsd": lambda: tensor.transpose(0, 2, 1, 3),
            "thd": lambda: tensor[np.newaxis],
        }[self.layout]()


def cases(path: str | os.PathLike[str], names: Iterable[str] | None = None) -> Iterator[Case]:
    """Reads the cases of an inputs file one after the other, or those of some names.

    Raises `Unusable` where the file is not what `rope-conformance export` writes.
    """
    with _Inputs(path) as inputs:
        for name in inputs.names if names is None else names:
            yield inputs.case(name)


class _Inputs:
    """An open inputs file."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        try:
            self.file = h5py.File(path, "r")
        except OSError as error:
            raise Unusable(f"{path}: {error}") from error
        try:
            if _attribute(self.file, "format") != "rope-conformance":
                raise Unusable(f"{path}: is not a file of rope-conformance")
            version, role = _attribute(self.file, "format_version"), _attribute(self.file, "role")
            if version != FORMAT_VERSION:
                raise Unusable(f"{path}: has format version {version}, but this program reads {FORMAT_VERSION}")
            if role != "inputs":
                raise Unusable(f"{path}: holds {role or 'goldens'}, not the inputs that rope-conformance export writes")
            self.goldens = _attribute(self.file, "goldens")
            self.names: list[str] = []
            # Of each invalid case: the case that is the same but for its invalid value.
            self.twins: dict[str, str] = {}
            self.file["cases"].visititems(self._visit)
        except BaseException:
            self.file.close()
            raise

    def __enter__(self) -> _Inputs:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def _visit(self, name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Group) and "contract" in item.attrs:
            self.names.append(name)
            if "twin" in item.attrs:
                self.twins[name] = _attribute(item, "twin")

    def case(self, name: str) -> Case:
        try:
            return _running(self._stored(self.file[f"cases/{name}"], name))
        except (KeyError, OSError, ValueError, TypeError) as error:
            raise Unusable(f"{self.path}: case {name}: {error}") from error

    def _stored(self, group: h5py.Group, name: str) -> Case:
        contract, layout = _attribute(group, "contract"), _attribute(group, "layout")
        plan = self.file[_attribute(group, "plan")]

        def array(dataset: str) -> np.ndarray | None:
            return _read(group[dataset]) if dataset in group else None

        def tokens(prefix: str) -> Tokens:
            position_ids, table_rows = array(f"{prefix}position_ids"), array(f"{prefix}table_rows")
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

        return Case(
            name=name,
            contract=contract,
            element_type=_attribute(group, "element_type"),
            layout=layout,
            direction=_attribute(group, "direction"),
            q=_read(group["q"]),
            k=array("k"),
            tokens=tokens(""),
            key_tokens=tokens("key_") if "key_position_ids" in group else None,
            inv_freq=array("inv_freq"),
            cos=array("cos"),
            sin=array("sin"),
            plan=Plan(
                head_dim=_attribute(plan, "head_dim"),
                pairs_in=plan["in"][...],
                pairs_out=plan["out"][...],
                axis=plan["axis"][...],
                inv_freq=plan["inv_freq"][...] if contract == "position" else None,
                attention_factor=1.0 if contract == "table" else _attribute(plan, "attention_factor"),
            ),
            configuration=json.loads(_attribute(group, "configuration")),
            workload=json.loads(_attribute(group, "workload")),
        )


def _running(case: Case) -> Case:
    """A case as its direction runs it. Both changes are exact."""
    if case.direction == "forward":
        return case
    return replace(
        case,
        tokens=_negated(case.tokens),
        key_tokens=None if case.key_tokens is None else _negated(case.key_tokens),
        sin=None if case.sin is None else np.negative(case.sin),
        plan=replace(case.plan, pairs_in=case.plan.pairs_out, pairs_out=case.plan.pairs_in),
    )


def _negated(tokens: Tokens) -> Tokens:
    return replace(tokens, position_ids=None if tokens.position_ids is None else -tokens.position_ids)


# ---- Values in HDF5 --------------------------------------------------------------------------------------------------


def _bfloat16() -> h5py.h5t.TypeFloatID:
    """The upper half of float32, as HDF5 describes it."""
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_fields(15, 7, 8, 0, 7)
    kind.set_size(2)
    kind.set_ebias(127)
    return kind


BFLOAT16 = _bfloat16()


def _attribute(holder: h5py.Group, name: str) -> Any:
    """An attribute as a plain Python value; None if there is none."""
    value = holder.attrs.get(name)
    if isinstance(value, bytes):
        return value.decode()
    return value.item() if isinstance(value, np.generic) else value


def _set(holder: h5py.Group, name: str, value: str) -> None:
    """Writes a text as an attribute, without what an attribute cannot hold: more than 64 KiB, NUL, lone surrogates."""
    text = value[:4096].replace("\0", "").encode(errors="replace")
    holder.attrs.create(name, text or b" ", dtype=h5py.string_dtype("utf-8", max(len(text), 1)))


def _read(dataset: h5py.Dataset) -> np.ndarray:
    """A dataset in its own type, bit for bit."""
    if dataset.id.get_type() != BFLOAT16:
        return dataset[...]
    try:
        import ml_dtypes
    except ImportError:
        raise Unusable("bfloat16 needs the package ml_dtypes, which is not installed") from None
    # h5py itself would read float32 numbers.
    bits = np.empty(dataset.shape, np.uint16)
    if bits.size:
        dataset.id.read(h5py.h5s.ALL, h5py.h5s.ALL, bits, BFLOAT16)
    return bits.view(ml_dtypes.bfloat16)


def _write(group: h5py.Group, name: str, values: np.ndarray) -> None:
    if values.dtype.name != "bfloat16":
        group[name] = values
        return
    bits = np.ascontiguousarray(values).view(np.uint16)
    dataset = h5py.h5d.create(group.id, name.encode(), BFLOAT16, h5py.h5s.create_simple(bits.shape))
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, bits, BFLOAT16)


# ---- Recorded outputs ------------------------------------------------------------------------------------------------

Function = Callable[[Case], tuple[np.ndarray, ...]]
"""What is judged: it returns Q and K, or Q alone where the case has no K, rotated, in their element type and shape."""


@dataclass
class Counts:
    """How many cases a function did, refused, and failed at."""

    recorded: int = 0
    unsupported: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return f"{self.recorded} recorded, {self.unsupported} unsupported, {self.failed} failed"


def record(
    inputs: Iterable[str | os.PathLike[str]],
    outputs: str | os.PathLike[str],
    function: Function,
    *,
    name: str,
    summary: str | None = None,
    select: Callable[[str], bool] = lambda _: True,
) -> Counts:
    """Runs a function on the cases of some inputs files, or on those whose name is selected, and records its outputs.

    A case whose function raises `Unsupported` is recorded as that. One whose function raises anything else, or returns
    anything but its tensors as they should be, is recorded as failed, with a line on standard error.

    The file is closed whenever the function runs, and has each case before that one: where a function ends the process,
    none of them is lost.

    - name: what reports call the backend.
    - summary: one line that says what runs on what.

    Raises `Unusable` where a file cannot be read or written.
    """
    counts = Counts()
    recording: _Recording | None = None
    for path in inputs:
        with _Inputs(path) as file:
            recording = recording or _Recording(outputs, name, summary, file.goldens)
            if file.goldens != recording.goldens:
                raise Unusable(f"{path}: holds inputs of other goldens than the previous files")
            for case_name in filter(select, file.names):
                result = _result(function, file.case(case_name))
                recording.add(case_name, result)
                if "failed" in result:
                    counts.failed += 1
                    print(f"{case_name}: {result['failed']}", file=sys.stderr)
                elif "unsupported" in result:
                    counts.unsupported += 1
                else:
                    counts.recorded += 1
    if recording is None:
        raise Unusable("there is no inputs file")
    return counts


def _result(function: Function, case: Case) -> dict[str, str | np.ndarray]:
    """What is recorded of a case: `q` and `k`, or `unsupported` or `failed` with the reason."""
    # The function may change its case's arrays.
    wanted = {"q": (case.q.dtype, case.q.shape)}
    if case.k is not None:
        wanted["k"] = (case.k.dtype, case.k.shape)
    tensors = " and ".join(name.upper() for name in wanted)
    try:
        returned = function(case)
    except Unsupported as error:
        return {"unsupported": str(error) or "no reason given"}
    except Exception as error:
        return {"failed": _described(error, function)}
    if not isinstance(returned, tuple):
        return {"failed": f"returned {type(returned).__name__}, must be a tuple of {tensors}"}
    if len(returned) != len(wanted):
        return {"failed": f"returned a tuple of {len(returned)}, must be a tuple of {tensors}"}
    result: dict[str, str | np.ndarray] = dict(zip(wanted, returned, strict=True))
    for name, (dtype, shape) in wanted.items():
        tensor = result[name]
        if not isinstance(tensor, np.ndarray):
            return {"failed": f"returned {type(tensor).__name__} as {name}, must be a numpy array"}
        if (tensor.dtype, tensor.shape) != (dtype, shape):
            found = f"{tensor.dtype.name} {list(tensor.shape)}"
            return {"failed": f"returned {found} as {name}, must be {dtype.name} {list(shape)}"}
    return result


def _described(error: Exception, function: Function) -> str:
    """An error in one line, with the innermost place in the function's own file."""
    frames = traceback.extract_tb(error.__traceback__)
    own = getattr(getattr(function, "__code__", None), "co_filename", None)
    frame = [frame for frame in frames if frame.filename == own or own is None][-1:]
    place = "".join(f" ({Path(frame.filename).name}:{frame.lineno})" for frame in frame)
    return " ".join(f"{type(error).__name__}: {error}".split()) + place


def _role(path: Path) -> str | None:
    """What a file of rope-conformance holds; None for any other file."""
    try:
        with h5py.File(path, "r") as file:
            if "format" not in file.attrs or _attribute(file, "format") != "rope-conformance":
                return None
            return _attribute(file, "role") or "goldens"
    except OSError:
        return None


class _Recording:
    """A file of recorded outputs, which is open only while something is written."""

    def __init__(self, path: str | os.PathLike[str], name: str, summary: str | None, goldens: str) -> None:
        self.path, self.goldens = Path(path), goldens
        if (held := _role(self.path)) not in (None, "outputs"):
            raise Unusable(f"{path}: holds {held} which would be replaced; name another file for the outputs")
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        try:
            with h5py.File(beside, "w", libver="earliest") as file:
                _set(file, "format", "rope-conformance")
                file.attrs["format_version"] = OUTPUTS_FORMAT_VERSION
                _set(file, "role", "outputs")
                _set(file, "backend", name)
                if summary is not None:
                    _set(file, "summary", summary)
                _set(file, "goldens", goldens)
                file.create_group("cases")
            beside.replace(self.path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise Unusable(f"{path}: {error}") from error

    def add(self, case: str, values: dict[str, str | np.ndarray]) -> None:
        """Writes a case: its texts as attributes, its tensors as datasets."""
        try:
            with h5py.File(self.path, "r+", libver="earliest") as file:
                group = file.create_group(f"cases/{case}")
                for name, value in values.items():
                    if isinstance(value, str):
                        _set(group, name, value)
                    else:
                        _write(group, name, value)
        except OSError as error:
            raise Unusable(f"{self.path}: {error}") from error


# ---- Command ---------------------------------------------------------------------------------------------------------


def function_named(text: str) -> Function:
    """The function that `module:function` or `path/to/file.py:function` names. Its folder, or the current one, is where
    the module is looked for first.

    Raises `Unusable` if there is none.
    """
    module, _, name = text.rpartition(":")
    if not module or not name:
        raise Unusable(f"--function {text}: must be module:function or file.py:function")
    path = Path(module)
    is_file = path.suffix == ".py"
    sys.path.insert(0, str(path.parent if is_file else Path.cwd()))
    try:
        function = getattr(importlib.import_module(path.stem if is_file else module), name)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise Unusable(f"--function {text}: {error}") from error
    if not callable(function):
        raise Unusable(f"--function {text}: is not a function")
    return function


def main() -> int:
    """The command. Exit status: 0 where each case is recorded, whatever became of it; 2 for bad usage or input."""
    parser = argparse.ArgumentParser(
        description="Runs a function on the cases of inputs files and records its outputs for rope-conformance."
    )
    parser.add_argument("inputs", nargs="+", help="files that rope-conformance export wrote")
    parser.add_argument("outputs", help="the file of recorded outputs; an existing one is replaced")
    parser.add_argument(
        "--function",
        required=True,
        help="module:function or file.py:function, which takes a case and returns its tensors",
    )
    parser.add_argument("--name", help="what reports call the backend (default: what --function says)")
    parser.add_argument("--summary", help="one line for reports: what runs on which device")
    arguments = parser.parse_args()
    # Functions import this file by its name, and must find the same Unsupported that is caught here.
    sys.modules.setdefault("rope_conformance", sys.modules[__name__])
    try:
        counts = record(
            arguments.inputs,
            arguments.outputs,
            function_named(arguments.function),
            name=arguments.name or arguments.function,
            summary=arguments.summary,
        )
    except Unusable as error:
        print(f"rope_conformance: {error}", file=sys.stderr)
        return 2
    print(f"{arguments.outputs}: {counts}")
    return 0


# ---- Plug-in of pytest -----------------------------------------------------------------------------------------------


class Program:
    """The program rope-conformance, which exports and judges."""

    def __init__(self, path: str | None = None) -> None:
        """The program: at the given path, on PATH, or in the build folder of this package."""
        built = Path(__file__).resolve().parents[2] / ".build/release/rope-conformance"
        self.path = path or shutil.which("rope-conformance") or str(built)

    def run(self, *arguments: str | Path, statuses: tuple[int, ...] = (0,)) -> str:
        """What it prints. Raises `Unusable` where it is not there, or ends with another status."""
        try:
            ended = subprocess.run([self.path, *map(str, arguments)], capture_output=True, text=True)
        except OSError as error:
            raise Unusable(f"{error}; build rope-conformance, or give its path with --rope-program") from error
        if ended.returncode not in statuses:
            raise Unusable(f"rope-conformance {arguments[0]}: {ended.stderr.strip() or ended.returncode}")
        return ended.stdout


@dataclass(frozen=True, eq=False)
class Tests:
    """Makes each case of a function a test, where a module of tests assigns it to a name.

    The verdict is that of `rope-conformance validate`: all selected cases are run and recorded before the first test,
    and judged together. A case that the function does not support is a skipped test, with the reason.
    """

    # pytest would take a class of this name for a class of tests.
    __test__: ClassVar[bool] = False

    function: Function
    cases: str = "**"
    """Which cases: `*` is any run of characters but `/`, `**` any run at all."""


# The command works without pytest.
if "pytest" in sys.modules:
    import pytest

    class DoesNotConform(Exception):
        """A verdict in one line, because pytest's summary and a CI's list of failures have one for each test."""

        def __init__(self, verdict: dict[str, Any]) -> None:
            reasons = [violation["message"] for violation in verdict["violations"]]
            accuracy = verdict.get("accuracy")
            if accuracy and accuracy["failed_count"]:
                budget = verdict["tolerance"]["budget"]["name"]
                reasons.append(f"{accuracy['failed_count']} of {accuracy['element_count']} elements exceed {budget}")
            super().__init__("; ".join(reasons + [found["text"] for found in verdict["diagnosis"]]))

    class CaseCollector(pytest.Collector):
        """The cases of one function."""

        tests: Tests

        def collect(self) -> Iterator[pytest.Item]:
            self.program = Program(self.config.getoption("--rope-program"))
            self.folder = Path(tempfile.mkdtemp(dir=self.config.stash[FOLDER].name))
            try:
                self.program.run("export", self.folder / "inputs", "--case", self.tests.cases)
            except Unusable as error:
                raise self.CollectError(str(error)) from error
            self.inputs = sorted((self.folder / "inputs").glob("*.h5"))
            self.twins: dict[str, str] = {}
            for path in self.inputs:
                with _Inputs(path) as inputs:
                    self.twins |= inputs.twins
                    # An invalid case and its twin are judged together.
                    for name in inputs.names:
                        if name not in inputs.twins.values():
                            yield CaseTest.from_parent(self, name=name)

        @functools.cached_property
        def report(self) -> Path:
            """The JSON report on the cases that were not deselected."""
            selected = {item.name for item in self.session.items if item.parent is self}
            selected |= {twin for name, twin in self.twins.items() if name in selected}
            outputs, report = self.folder / "outputs.h5", self.folder / "report.json"
            record(self.inputs, outputs, self.tests.function, name=self.name, select=selected.__contains__)
            self.program.run("validate", outputs, "--only-recorded", "--json", report, statuses=(0, 1))
            return report

        @functools.cached_property
        def verdicts(self) -> dict[str, dict[str, Any]]:
            lines = map(json.loads, self.report.read_text().splitlines())
            return {line["name"]: line for line in lines if line["record"] == "case"}

    class CaseTest(pytest.Item):
        """One case of one function."""

        parent: CaseCollector

        def runtest(self) -> None:
            verdict = self.parent.verdicts[self.name]
            if verdict["outcome"] == "unsupported":
                pytest.skip(verdict["unsupported_reason"])
            if verdict["outcome"] != "conforms":
                explained = self.parent.program.run("explain", self.name, "--from", self.parent.report)
                self.add_report_section("call", "verdict", explained)
                raise DoesNotConform(verdict)

        def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
            if isinstance(excinfo.value, (DoesNotConform, Unusable)):
                return str(excinfo.value)
            return super().repr_failure(excinfo, style)

        def reportinfo(self) -> tuple[Path, int | None, str]:
            return self.path, None, f"{self.parent.name}: {self.name}"

    FOLDER = pytest.StashKey[tempfile.TemporaryDirectory]()
    """For the files of a session."""

    def pytest_addoption(parser: pytest.Parser) -> None:
        parser.getgroup("rope-conformance").addoption(
            "--rope-program",
            help="the program rope-conformance (default: on the PATH, or as built in the package of this file)",
        )

    def pytest_configure(config: pytest.Config) -> None:
        config.stash[FOLDER] = tempfile.TemporaryDirectory(prefix="rope-conformance-")

    def pytest_unconfigure(config: pytest.Config) -> None:
        config.stash[FOLDER].cleanup()

    def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> pytest.Collector | None:
        if not isinstance(obj, Tests):
            return None
        made = CaseCollector.from_parent(collector, name=name)
        made.tests = obj
        return made


if __name__ == "__main__":
    sys.exit(main())
