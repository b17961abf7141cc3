"""Arguments that cannot be used, and how each is named."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import faults
import numpy as np
import numpy_rope
import pytest
from test_check import Rotation, returns

import rope_conformance as rope
from rope_conformance import errors
from rope_conformance.frameworks import memory_of

NAME = "glm-4.5/f32/prompt/table"
QUERY_ALONE = "*/f32/query-alone/position"


def test_what_is_no_case() -> None:
    q, k = returns(case := rope.case(NAME))
    of = "must be a case of rope_conformance.case or cases"
    order = r"the order is assert_close\(q_out, k_out, case\)"
    for arguments, message in (
        ((case, q, k), f"case ndarray: {of}; {order}"),
        ((q, k, NAME), f"case '{NAME}': {of}; {order}"),
        ((q, k, None), f"case None: {of}; {order}"),
    ):
        with pytest.raises(rope.Unusable, match=message):
            rope.assert_close(*arguments)
    for value in (NAME, None):
        with pytest.raises(rope.Unusable, match=f"case {value!r}: {of}$"):
            rope.limit(value)


def test_a_path_of_tolerances(tmp_path: Path) -> None:
    # An equals sign does not make a path a rule.
    file = tmp_path / "a=b.yaml"
    file.write_text("rules:\n  - '** = ulp=0 because nothing is right'\n")
    assert not rope.check_case(numpy_rope.rotate, NAME, tolerances=file).conforms
    with pytest.raises(rope.Unusable, match="tolerances 'no=such.yaml': is no file"):
        rope.check_case(numpy_rope.rotate, NAME, tolerances=Path("no=such.yaml"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cases": 3}, "cases 3: must be a pattern of case names, or several"),
        ({"cases": ["glm-4.5", 3]}, "cases 3: must be a pattern of case names, or several"),
        ({"exclude": 3}, "exclude 3: must be a pattern of case names, or several"),
        ({"tolerances": 1e-3}, "tolerances 0.001: must be a rule 'cases = budget because reason', several, or a file"),
        ({"tolerances": [3]}, "tolerances 3: must be a rule"),
        ({"profile": 3}, "profile 3: must be the name of a profile"),
        ({"tier": 3}, "tier 3: must be 'default' or 'full'"),
        ({"runs": 2.5}, "runs 2.5: must be a whole number"),
        ({"runs": "2"}, "runs '2': must be a whole number"),
        ({"runs": True}, "runs True: must be a whole number"),
        ({"timeout": "5"}, "timeout '5': must be a number of seconds"),
        ({"timeout": None}, "timeout None: must be a number of seconds"),
        ({"timeout": float("nan")}, "timeout nan s: must be more than 0"),
        ({"timeout": -1}, "timeout -1 s: must be more than 0"),
        ({"progress": 3}, "progress 3: must be a function of a verdict"),
        ({"device": 0}, "device 0: must be cpu, cuda or cuda:1"),
        ({"device": ""}, "device '': must be cpu, cuda or cuda:1"),
        ({"device": "cuda:x"}, "device 'cuda:x': must be cpu, cuda or cuda:1"),
        ({"device": "cuda:x", "framework": "cupy"}, "device 'cuda:x': must be cpu, cuda or cuda:1"),
        ({"framework": ""}, "framework '': must be one of numpy, torch, cupy, jax"),
        ({"framework": ["torch"]}, r"framework \['torch'\]: must be one of numpy, torch, cupy, jax"),
    ],
)
def test_what_cannot_be_used_is_named(arguments: dict[str, Any], message: str) -> None:
    called: list[rope.Case] = []
    with pytest.raises(rope.Unusable, match=message):
        rope.check(called.append, **{"cases": NAME, **arguments})
    assert not called


def test_a_device_is_refused_before_an_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rope_conformance.frameworks._torch", None)
    for device in (0, "", "cuda:x"):
        with pytest.raises(rope.Unusable, match=f"device {device!r}: must be cpu, cuda or cuda:1"):
            memory_of("torch", device)


def test_patterns_that_are_none() -> None:
    for function in (rope.cases, rope.case_names):
        with pytest.raises(rope.Unusable, match="cases 3: must be a pattern"):
            function(3)


def test_patterns_that_can_be_read_once() -> None:
    assert [case.name for case in rope.cases(name for name in [NAME])] == [NAME]


@pytest.mark.parametrize("name", [None, 3, [NAME]])
def test_what_is_no_name(name: Any) -> None:
    for function in (rope.case, lambda name: rope.check_case(numpy_rope.rotate, name)):
        with pytest.raises(rope.Unusable) as raised:
            function(name)
        assert str(raised.value).startswith(f"case {name!r}: must be the name of one case, such as ")


def test_runs_of_numpy() -> None:
    assert rope.check_case(numpy_rope.rotate, NAME, runs=np.int64(2)).conforms


@pytest.mark.parametrize("timeout", [float("inf"), 1e300, 10**400, np.float32(50)])
def test_a_child_without_a_limit(timeout: Any) -> None:
    assert rope.check_case(faults.rotate, NAME, isolated=True, timeout=timeout).conforms


@pytest.mark.parametrize("isolated", [False, True])
def test_a_class_is_no_function(isolated: bool) -> None:
    for function in (Rotation, "test_check:Rotation", functools.partial(Rotation)):
        with pytest.raises(rope.Unusable, match="function test_check:Rotation: is a class: give an instance of it"):
            rope.check(function, NAME, isolated=isolated)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(rope.Unusable, match="function nope.py:good: there is no file nope.py$"):
        rope.check("nope.py:good", NAME)


def test_a_module_that_exits(tmp_path: Path) -> None:
    (tmp_path / "exits_at_once.py").write_text("import sys\nsys.exit(3)\n")
    with pytest.raises(rope.Unusable, match="exits_at_once.py:good: SystemExit: 3"):
        rope.check(f"{tmp_path}/exits_at_once.py:good", NAME)


def test_a_failure_is_the_functions() -> None:
    def wrong(case: rope.Case) -> list[int]:
        return [1]

    report = rope.check(wrong, NAME)
    (verdict,) = report.verdicts
    assert verdict.reason.startswith("the function failed: returned list, must be a tuple of Q and K")
    for text in (str(verdict), str(report), report.text()):
        assert "integrity: the function failed: returned list, must be" in text
        assert "rotating" not in text


def test_tokens_that_there_are_not() -> None:
    case = rope.case(NAME)
    assert case.key_tokens is None
    for tokens in (None, case.table_rows):
        with pytest.raises(TypeError, match=r"must be case.tokens, or the tokens .* in case.tensors\(\)"):
            case.gathered(tokens)


def test_a_second_output_of_a_case_without_k() -> None:
    case = next(rope.cases(QUERY_ALONE))
    numpy_rope.rotate(case)
    with pytest.raises(errors.WrongResult, match=f"case {case.name}: has no K, so k_out must be None"):
        rope.assert_close(case.q_out, case.q_out, case)
    rope.assert_close(case.q_out, None, case)


def test_a_case_in_one_line() -> None:
    case = rope.case(NAME)
    assert repr(case) == f"<Case {NAME}: float32, q {list(case.q.shape)}, k {list(case.k.shape)}>"
    case = next(rope.cases(QUERY_ALONE))
    assert repr(case) == f"<Case {case.name}: float32, q {list(case.q.shape)}, no k>"


def test_one_is_not_many() -> None:
    with pytest.raises(rope.Unusable, match="is a pattern, which 1 case matches; name one"):
        rope.case(f"{NAME.removesuffix('table')}tabl*")
    workload = {"in_place": False, "query_alone": True, "batch": 1, "sequence": 1, "query_heads": 1, "storage": "apart"}
    about = {"direction": "forward", "layout": "bshd", "workload": workload}
    (call,) = rope.report.notes_on(about, None, [])
    assert call == "call: forward, bshd, apart; batch 1, 1 token, 1 head of Q"
    case = rope.case(NAME)
    one = SimpleNamespace(table_rows=np.array([[len(case.cos)]]))
    with pytest.raises(rope.Unsupported, match=rf"row {len(case.cos)} of a table of {len(case.cos)} rows"):
        case.gathered(one)
