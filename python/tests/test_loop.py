"""Cases for a loop of one's own."""

from __future__ import annotations

import faults
import numpy as np
import numpy_rope
import pytest
from test_check import CASES, returns, swapped

import rope_conformance as rope
from rope_conformance._dlpack import host

NAME = "glm-4.5/bf16/prompt/table"


def test_outputs_of_a_case_are_judged() -> None:
    for case in rope.cases(CASES):
        numpy_rope.rotate(case)
        verdict = rope.assert_close(case.q_out, case.k_out, case)
        assert (verdict.name, verdict.conforms) == (case.name, True)


def test_new_tensors_are_judged() -> None:
    for case in rope.cases(CASES):
        rope.assert_close(*returns(case), *[None] * (case.k is None), case)


def test_a_wrong_result_is_explained() -> None:
    case = rope.case(NAME)
    swapped(case)
    with pytest.raises(AssertionError) as raised:
        rope.assert_close(case.q_out, case.k_out, case)
    first, *rest = str(raised.value).splitlines()
    assert first.startswith("query and key match sine-negated (B72)")
    assert any(line.strip().startswith("worst: query[") for line in rest)


def test_writes_outside_the_outputs_are_found() -> None:
    case = rope.case(NAME)
    numpy_rope.rotate(case)
    np.lib.stride_tricks.as_strided(case.q_out, (2,), (-2,))[1] = 7
    with pytest.raises(rope.DoesNotConform, match="changed outside the outputs"):
        rope.assert_close(case.q_out, case.k_out, case)


@pytest.fixture(params=["numpy", "torch"])
def framework(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(request.param)
    return request.param


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("writes_before", "changed outside the outputs"),
        ("writes_behind", "changed outside the outputs"),
        ("changes_an_input", "changed outside the outputs"),
        ("changes_the_plan", "it changed byte .* of the list call->plan->axis"),
    ],
)
def test_what_a_function_may_not_write_is_found(fault: str, found: str, framework: str) -> None:
    for name in ("llama-3.1-8b/f16/fused-qkv/table", NAME):
        case = rope.case(name, framework=framework)
        getattr(faults, fault)(case)
        with pytest.raises(rope.DoesNotConform, match=found):
            rope.assert_close(case.q_out, case.k_out, case)


def test_outputs_are_judged_once(framework: str) -> None:
    for name in (NAME, "glm-4-9b-chat/f32/in-place/position"):
        case = rope.case(name, framework=framework)
        faults.rotate(case)
        rope.assert_close(case.q_out, case.k_out, case)
        # They could be left from the run before.
        for q_out in (case.q_out, case.q_out[...]):
            with pytest.raises(rope.Unusable, match=rf"case {name}: .*judged before.*call case.reset\(\)"):
                rope.assert_close(q_out, host(case.k_out, "k").copy(), case)
        case.reset()
        faults.rotate(case)
        assert rope.assert_close(case.q_out, case.k_out, case).conforms


def test_a_reset_fills_everything_again(framework: str) -> None:
    case, fresh = rope.case(NAME, framework=framework), rope.case(NAME)
    faults.changes_an_input(case)
    case.cos[...] = 3
    case.reset()
    for field in ("q", "k", "cos", "q_out", "k_out"):
        assert host(getattr(case, field), field).tobytes() == getattr(fresh, field).tobytes(), field
    with pytest.raises(rope.DoesNotConform, match="elements were not written"):
        rope.assert_close(case.q_out, case.k_out, case)


def test_new_tensors_are_judged_as_often_as_there_are_some() -> None:
    case = rope.case(NAME)
    for _ in range(2):
        text = str(rope.assert_close(*returns(case), case))
        assert "\n  not checked: strides of outputs and writes in place, in 1 call: " in text


def test_a_case_of_another_kind_is_not_reset() -> None:
    def resets(case: rope.Case) -> None:
        case.reset()

    reason = rope.check_case(resets, NAME).reason
    assert f"Unusable: case {NAME}: only a case of rope_conformance.case or cases can be reset" in reason


def test_a_pattern_is_not_a_name() -> None:
    for function in (rope.case, lambda name: rope.check_case(numpy_rope.rotate, name)):
        with pytest.raises(
            rope.Unusable, match=r"case 'llama-3.1-8b': is a pattern, which \d+ cases match; .*'llama-3.1-8b/"
        ):
            function("llama-3.1-8b")
        with pytest.raises(
            rope.Unusable, match=r"no case 'no/such'.*; rope_conformance.case_names\(\) shows all names"
        ):
            function("no/such")


def test_arrays_of_another_kind_are_refused() -> None:
    case = rope.case(NAME)
    q, k = returns(case)
    for arguments, message in (
        ((q.astype(np.float32), k), r"returned float32 \[.*\] as q, must be bfloat16 \["),
        ((q, k[0]), r"returned bfloat16 \[.*\] as k, must be bfloat16 \["),
        (([1], k), "returned list as q, must be an array of numpy, torch"),
    ):
        with pytest.raises(rope.WrongResult, match=message):
            rope.assert_close(*arguments, case)


def test_a_case_outlives_what_made_it() -> None:
    arrays = [rope.case(NAME).q for _ in range(50)]
    for array in arrays:
        np.testing.assert_array_equal(array, arrays[0])


def test_limits_decide_as_the_judge_does() -> None:
    for case in rope.cases(CASES):
        outputs = case.outputs()
        numpy_rope.rotate(case)
        limits = rope.limit(case)
        assert len(limits) == len(outputs)
        for (expected, limit), output in zip(limits, outputs, strict=True):
            assert expected.shape == limit.shape == output.shape
            assert expected.dtype == limit.dtype == np.float64
            assert not np.isnan(limit).any()
            assert (limit >= 0).all()
            judged = np.isfinite(expected) & np.isfinite(limit)
            error = np.abs(output.astype(np.float64) - np.where(judged, expected, 0))
            assert (error <= limit)[judged].all(), case.name


def test_just_beyond_the_limit_fails() -> None:
    case = rope.case("glm-4.5/f32/prompt/position")
    numpy_rope.rotate(case)
    (expected, limit), _ = rope.limit(case)
    index = np.unravel_index(np.argmax(np.where(limit > 0, np.abs(expected), 0)), limit.shape)
    right = case.q_out[index]
    for factor, conforms in ((0.9, True), (1.2, False)):
        case.q_out[index] = expected[index] + factor * limit[index]
        if conforms:
            rope.assert_close(case.q_out.copy(), case.k_out, case)
        else:
            with pytest.raises(rope.DoesNotConform, match="1 of "):
                rope.assert_close(case.q_out.copy(), case.k_out.copy(), case)
    assert right != case.q_out[index]


def test_other_frameworks_are_given_copies_in_the_same_strides() -> None:
    for framework in ("jax", "torch"):
        pytest.importorskip(framework)
        for name in ("glm-4-9b-chat/f32/in-place/position", "llama-3.1-8b/f16/fused-qkv/table"):
            case, wanted = rope.case(name, framework=framework), rope.case(name)
            np.testing.assert_array_equal(host(case.q, "q"), wanted.q)
            rope.assert_close(*returns(wanted), case)


def test_names_of_valid_cases() -> None:
    names = rope.case_names("*/*/{prompt,row-beyond-table}/table")
    assert NAME in names
    assert not any("row-beyond-table/" in name for name in names)
    with pytest.raises(rope.Unusable, match="no/such"):
        rope.case_names("no/such")


def test_an_invalid_case_cannot_be_opened() -> None:
    (name, *_) = rope.judge.judge_of("*/*/row-beyond-table/table").case_names
    with pytest.raises(rope.Unusable, match="must be refused"):
        rope.case(name)
