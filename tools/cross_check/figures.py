"""The formulas against known figures.

Of real models, from the parameters of their config.json, computed with 50 digits apart from this
code; and consequences of a definition that need no computing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flint import arb

from .convention import Convention, drives
from .exact import FLOAT64, nearest, working_precision
from .explicit import ExplicitPlan
from .frequencies import (
    attention_factor,
    frequencies,
    rational_turns,
    yarn_ramp_ends,
    yarn_range,
)


def _yarn(
    base: float,
    dim: int,
    factor: float,
    original: int,
    betas: tuple[float, float] = (32, 1),
    **more: Any,
) -> Convention:
    scaling = {
        "rope_type": "yarn", "factor": factor, "original_max_position_embeddings": original,
        "beta_fast": betas[0], "beta_slow": betas[1], "truncate": True, **more,
    }  # fmt: skip
    return _convention(base, dim, scaling)


def _convention(base: float, dim: int, scaling: dict[str, Any]) -> Convention:
    return Convention(dim, dim, 0, "half", "half", base, scaling, None, {"kind": "single"})


QWEN = _yarn(1e6, 128, 4, 32768)
DEEPSEEK_V2 = _yarn(1e4, 64, 40, 4096, mscale=0.707, mscale_all_dim=0.707)
KIMI = _yarn(5e4, 64, 32, 4096, (1, 1), mscale=1, mscale_all_dim=1)
GPT_OSS = _yarn(1.5e5, 64, 32, 4096, truncate=False)


def check_figures() -> tuple[int, list[str]]:
    """How many figures were compared, and those that differ."""
    with working_precision():
        figures = [
            *_yarn_figures(),
            *_attention_factors(),
            *_llama3_figures(),
            *_other_figures(),
            *_axis_figures(),
            *_explicit_figures(),
        ]
    wrong = [
        f"{name}: known {told}, computed {made}" for name, told, made in figures if told != made
    ]
    return len(figures), wrong


def _decimal(value: arb, digits: int) -> str:
    """A number as printed with some digits after the decimal point."""
    return f"{nearest(value, FLOAT64):.{digits}f}"


def _yarn_figures() -> list[tuple[str, object, object]]:
    """Where YaRN's ramp begins and ends, and what it does to the fastest and slowest pair."""
    result: list[tuple[str, object, object]] = []
    for name, convention, raw, ends in [
        ("Qwen2.5", QWEN, ("23.595948", "39.650881"), ("23", "40")),
        ("DeepSeek-V2-Lite", DEEPSEEK_V2, ("10.472241", "22.513441"), ("10", "23")),
        ("Kimi-K2", KIMI, ("19.164575", "19.164575"), ("19", "20")),
        ("gpt-oss", GPT_OSS, ("8.092779", "17.398025"), None),
    ]:
        made = tuple(_decimal(value, 6) for value in yarn_range(convention))
        result.append((f"{name} ramp", raw, made))
        if ends is not None:
            made = tuple(_decimal(value, 0) for value in yarn_ramp_ends(convention))
            result.append((f"{name} whole ramp", ends, made))
        unscaled = frequencies(replace(convention, scaling={"rope_type": "default"}), 1)
        scaled = frequencies(convention, 1)
        quotient = _decimal(unscaled[-1] / scaled[-1], 6)
        result.append((f"{name} slowest", f"{convention.scaling['factor']:.6f}", quotient))
        result.append((f"{name} fastest", 1.0, nearest(scaled[0], FLOAT64)))
    return result


def _attention_factors() -> list[tuple[str, object, object]]:
    longrope = _phi("longrope", 131072 / 4096)
    return [
        (f"{name} attention factor", told, nearest(attention_factor(convention), FLOAT64))
        for name, told, convention in [
            ("Qwen2.5", 1.1386294361119891, QWEN),
            ("DeepSeek-V2-Lite", 1.0, DEEPSEEK_V2),
            ("Kimi-K2", 1.0, KIMI),
            ("gpt-oss", 1.3465735902799727, GPT_OSS),
            ("gpt-oss, given", 1.25, replace(GPT_OSS, attention_factor=1.25)),
            ("Phi-3-mini-128k", 1.1902380714238083, longrope),
            ("LongRoPE of factor 1", 1.0, _phi("longrope", 1.0)),
        ]
    ]


def _phi(kind: str, factor: float) -> Convention:
    scaling = {
        "rope_type": kind, "factor": factor, "original_max_position_embeddings": 4096,
        "short_factor": [1.0] * 48, "long_factor": [2.0] * 48,
    }  # fmt: skip
    return _convention(1e4, 96, scaling)


def _llama3_figures() -> list[tuple[str, object, object]]:
    """Llama-4-Scout has no band between its wavelengths: 29 of 64 are divided by 16."""
    scout: dict[str, Any] = {
        "rope_type": "llama3", "factor": 16, "low_freq_factor": 1, "high_freq_factor": 1,
        "original_max_position_embeddings": 8192,
    }  # fmt: skip
    llama: dict[str, Any] = {**scout, "factor": 8, "high_freq_factor": 4}
    result: list[tuple[str, object, object]] = []
    for name, scaling, told in [("Llama-4-Scout", scout, (29, 35)), ("Llama-3.1", llama, (29, 29))]:
        scaled = frequencies(_convention(5e5, 128, scaling), 1)
        unscaled = frequencies(_convention(5e5, 128, {"rope_type": "default"}), 1)
        quotients = [nearest(u / s, FLOAT64) for u, s in zip(unscaled, scaled, strict=True)]
        made = quotients.count(float(scaling["factor"])), quotients.count(1.0)
        result.append((f"{name} divided and kept", told, made))
    return result


def _other_figures() -> list[tuple[str, object, object]]:
    """What follows from the definitions."""
    default = frequencies(_convention(1e4, 64, {"rope_type": "default"}), 1)
    linear = frequencies(_convention(1e4, 64, {"rope_type": "linear", "factor": 8}), 1)
    # The last frequency of the base `b · a^(R/(R−2))` is that of `b` divided by `a`.
    ntk = frequencies(_convention(1e4, 128, {"rope_type": "ntk", "alpha": 1000}), 1)
    last = frequencies(_convention(1e4, 128, {"rope_type": "default"}), 1)[-1]
    dynamic = _convention(
        1e4, 128, {"rope_type": "dynamic", "factor": 2, "max_position_embeddings": 2048}
    )
    gemma = {"rope_type": "proportional", "partial_rotary_factor": 0.25, "factor": 1}
    proportional = frequencies(_convention(1e6, 512, gemma), 1)
    phi = _phi("longrope", 32.0)
    dino = _convention(100.0, 32, {"rope_type": "normalized", "extent": 14})
    normalized = frequencies(dino, 1)
    return [
        ("default, pair 16 of 32", 0.01, nearest(default[16], FLOAT64)),
        ("linear 8", "8.000000", _decimal(default[9] / linear[9], 6)),
        ("NTK of alpha 1000", "1000.000000", _decimal(last / ntk[-1], 6)),
        ("dynamic within", "1.000000", _decimal(last / frequencies(dynamic, 2048)[-1], 6)),
        ("dynamic at four times", "7.000000", _decimal(last / frequencies(dynamic, 8192)[-1], 6)),
        ("proportional, turning", 64, sum(1 for f in proportional if f != 0)),
        ("proportional, pair 32 of 256", "0.177828", _decimal(proportional[32], 6)),
        ("LongRoPE short", 1.0, nearest(frequencies(phi, 4096)[0], FLOAT64)),
        ("LongRoPE long", 0.5, nearest(frequencies(phi, 4097)[0], FLOAT64)),
        ("DINOv3, edge of 14 patches", "5.834386", _decimal(13 * normalized[0], 6)),
        ("DINOv3, pair 8", "10.000000", _decimal(normalized[0] / normalized[8], 6)),
        ("DINOv3, rational turns", {0: "1/14", 8: "1/140"}, _present(rational_turns(dino))),
    ]


def _present(values: list[Any]) -> dict[int, str]:
    return {place: str(value) for place, value in enumerate(values) if value is not None}


def _axis_figures() -> list[tuple[str, object, object]]:
    """Axes of the pairs as the vision models lay them out."""

    def axes(dim: int, kind: str, *lengths: int) -> str:
        layout = {"kind": kind, **({"lengths": list(lengths)} if lengths else {})}
        convention = replace(_convention(1e4, dim, {"rope_type": "default"}), axes=layout)
        return "".join(str(drive.axis) for drive in drives(convention))

    qwen3 = axes(128, "interleaved_sections", 24, 20, 20)
    return [
        ("sections of 2, 3 and 3", "00111222", axes(16, "sections", 2, 3, 3)),
        ("Qwen3-VL begins", "012012", qwen3[:6]),
        ("Qwen3-VL ends", "0120000", qwen3[57:]),
        ("Qwen3-VL counts", (24, 20, 20), tuple(qwen3.count(axis) for axis in "012")),
        (
            "ERNIE-4.5-VL",
            "1" + "21" * 21 + "2" + "0" * 20,
            axes(128, "alternating_sections", 20, 22, 22),
        ),
        ("Pixtral", "00001111", axes(16, "even_odd")),
        ("Kimi-K2.5", "10101010", axes(16, "alternating")),
        ("Flux", "0" * 8 + "1" * 28 + "2" * 28, axes(128, "blocks", 16, 56, 56)),
    ]


def _explicit_figures() -> list[tuple[str, object, object]]:
    """Plans by rules and a formula, and one pair by pair."""
    by_rule = ExplicitPlan.from_values(
        {
            "head_dim": 8, "axes": [0, 1], "axis_count": 2,
            "pairs": {"rule": "interleaved", "output_rule": "half", "count": 2, "offset": 4},
            "frequencies": {"base": 100, "dimension": 4, "rope_type": "linear", "factor": 8},
        }
    )  # fmt: skip
    by_list = ExplicitPlan.from_values(
        {
            "head_dim": 6, "axes": [0, 0], "axis_count": 1,
            "pairs": [[0, 3, 0, 3], [1, 4, 4, 1]], "frequencies": [1, 0.01],
        }
    )  # fmt: skip
    by_turns = ExplicitPlan.from_values(
        {
            "head_dim": 8, "axes": [1, 0, 1, 0], "axis_count": 2,
            "pairs": {"rule": "half", "output_rule": "half", "count": 4, "offset": 0},
            "frequencies": {"base": 100, "dimension": 8, "rope_type": "normalized", "extent": 14},
        }
    )  # fmt: skip
    return [
        ("plan, rational turns", {0: "1/14", 2: "1/140"}, _present(rational_turns(by_turns))),
        ("rule, read", [(4, 5), (6, 7)], by_rule.inputs),
        ("rule, written", [(4, 6), (5, 7)], by_rule.outputs),
        ("formula", [0.125, 0.0125], [nearest(f, FLOAT64) for f in frequencies(by_rule, 1)]),
        ("list, written", [(0, 3), (4, 1)], by_list.outputs),
        (
            "list of frequencies",
            [1.0, 0.01],
            [nearest(f, FLOAT64) for f in frequencies(by_list, 1)],
        ),
    ]
