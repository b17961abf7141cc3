"""Inverse frequencies and attention factors in real arithmetic.

The formulas are those of Hugging Face transformers 5.23.0, `modeling_rope_utils.py`, without its
rounding to float32; the papers are RoFormer (arXiv:2104.09864), YaRN (arXiv:2309.00071) and
LongRoPE (arXiv:2402.13753). Decimal constants of a formula (0.1, 0.001) are decimals; numbers of a
configuration are float64.
"""

from __future__ import annotations

from typing import Any

from flint import arb, fmpq, fmpz

from .convention import Convention, Drive, drives
from .explicit import ExplicitPlan

EVERY_TABLE = {"default", "linear", "llama3", "normalized"}
"""Scalings whose formula sees only a frequency; the others speak of the one table of a head."""


def frequencies(convention: Convention | ExplicitPlan, call_length: int) -> list[arb]:
    """The exact frequency of each pair, in radians per position.

    `call_length` is the largest position of the call plus 1.
    """
    if isinstance(convention, ExplicitPlan):
        return _explicit(convention, call_length)
    kind = convention.scaling["rope_type"]
    wanted = drives(convention)
    if kind not in EVERY_TABLE and any(d.dimension != convention.rotary_dim for d in wanted):
        raise ValueError(f"no source says what {kind} is where each axis has a table of its own")
    return [_scaled(drive, convention, call_length) for drive in wanted]


def rational_turns(convention: Convention | ExplicitPlan) -> list[fmpq | None]:
    """The turns per position of each pair whose coordinate is normalised, where they are rational.

    Only there can a cosine or sine be 0 or 1, which no interval around it would tell.
    """
    if isinstance(convention, Convention):
        wanted, table = drives(convention), convention
    elif convention.table is not None:
        wanted, table = _entries(convention, convention.table), convention.table
    else:
        return [None] * convention.pair_count
    if table.scaling["rope_type"] != "normalized":
        return [None] * len(wanted)
    powers = [_rational_power(table.base, drive) for drive in wanted]
    extent = table.scaling["extent"]
    return [None if power is None else power / extent for power in powers]


def _rational_power(base: float, drive: Drive) -> fmpq | None:
    """`base^(−2i/R)` where it is rational: where both parts of the base have such a root."""
    exponent = fmpq(2 * drive.entry, drive.dimension)
    steps, degree = int(exponent.p), int(exponent.q)
    roots = []
    for number in base.as_integer_ratio():
        root = fmpz(number).root(degree)
        if root**degree != number:
            return None
        roots.append(root)
    return fmpq(roots[1], roots[0]) ** steps


def lengths_alike(convention: Convention | ExplicitPlan, call_length: int) -> int:
    """A number that is the same for two lengths whose frequencies are the same."""
    scaling = convention.scaling
    match scaling["rope_type"]:
        case "dynamic":
            return max(call_length, scaling["max_position_embeddings"])
        case "longrope":
            return int(call_length > scaling["original_max_position_embeddings"])
    return 0


def attention_factor(convention: Convention | ExplicitPlan) -> arb:
    """The exact multiplier on cosine and sine."""
    scaling = convention.scaling
    if convention.attention_factor is not None:
        return arb(convention.attention_factor)
    match scaling["rope_type"]:
        case "yarn":  # _compute_yarn_parameters
            numerator, denominator = scaling.get("mscale"), scaling.get("mscale_all_dim")
            if numerator and denominator:
                return _mscale(scaling, numerator) / _mscale(scaling, denominator)
            return _mscale(scaling, 1)
        case "longrope":  # _compute_longrope_parameters
            factor, original = scaling["factor"], scaling["original_max_position_embeddings"]
            return (1 + arb(factor).log() / arb(original).log()).sqrt() if factor > 1 else arb(1)
    return arb(1)


def yarn_range(convention: Convention) -> tuple[arb, arb]:
    """The pairs that turn `beta_fast` and `beta_slow` times over the original length.

    YaRN, section 3.2; `find_correction_dim` of `_compute_yarn_parameters`.
    """
    scaling, dimension = convention.scaling, convention.rotary_dim

    def pair(turns: float) -> arb:
        length = arb(scaling["original_max_position_embeddings"])
        return (
            dimension
            * (length / (2 * arb.pi() * arb(turns))).log()
            / (2 * arb(convention.base).log())
        )

    return pair(scaling["beta_fast"]), pair(scaling["beta_slow"])


def yarn_ramp_ends(convention: Convention) -> tuple[arb, arb]:
    """Where the ramp begins and ends: `find_correction_range`, `linear_ramp_factor`."""
    scaling = convention.scaling
    low, high = yarn_range(convention)
    if scaling["truncate"]:
        low, high = _integer(low.floor()), _integer(high.ceil())
    low = _choose(low > 0, low <= 0, low, arb(0))
    last = arb(convention.rotary_dim - 1)
    high = _choose(high < last, high >= last, high, last)
    same = scaling["beta_fast"] == scaling["beta_slow"] and not scaling["truncate"]
    if same or _choose(low == high, low != high, True, False):
        high = low + arb(fmpq(1, 1000))
    return low, high


def _explicit(plan: ExplicitPlan, call_length: int) -> list[arb]:
    """The numbers of a list are final; pair `i` has entry `i` of a formula's table."""
    if plan.table is None:
        return [arb(value) for value in plan.values or []]
    return [_scaled(drive, plan.table, call_length) for drive in _entries(plan, plan.table)]


def _entries(plan: ExplicitPlan, table: Convention) -> list[Drive]:
    return [Drive(axis, table.rotary_dim, entry) for entry, axis in enumerate(plan.pair_axes)]


def _default(base: arb, drive: Drive) -> arb:
    """RoFormer, section 3.2.2: `base^(−2i/R)`."""
    return base ** arb(fmpq(-2 * drive.entry, drive.dimension))


def _scaled(drive: Drive, convention: Convention, call_length: int) -> arb:
    scaling, base = convention.scaling, arb(convention.base)
    match scaling["rope_type"]:
        case "default":
            return _default(base, drive)
        case "linear":
            return _default(base, drive) / arb(scaling["factor"])
        case "ntk":  # "NTK-aware" by bloc97; HunYuanDenseV1RotaryEmbedding
            return _default(base * arb(scaling["alpha"]) ** _ntk_exponent(drive), drive)
        case "dynamic":  # _compute_dynamic_ntk_parameters
            factor, trained = arb(scaling["factor"]), scaling["max_position_embeddings"]
            growth = factor * arb(fmpq(max(call_length, trained), trained)) - (factor - 1)
            if call_length <= trained:
                growth = arb(1)
            return _default(base * growth ** _ntk_exponent(drive), drive)
        case "yarn":
            return _yarn(drive, convention)
        case "llama3":
            return _llama3(_default(base, drive), scaling)
        case "longrope":
            long = call_length > scaling["original_max_position_embeddings"]
            return _default(base, drive) / arb(
                scaling["long_factor" if long else "short_factor"][drive.entry]
            )
        case "proportional":  # _compute_proportional_rope_parameters: Gemma-4
            turning = int(scaling["partial_rotary_factor"] * convention.head_dim // 2)
            return (
                _default(base, drive) / arb(scaling["factor"]) if drive.entry < turning else arb(0)
            )
        case "normalized":  # DINOv3: 2π · (2 · (p + ½)/extent − 1) · f, of position 2p + 1 − extent
            return 2 * arb.pi() / scaling["extent"] * _default(base, drive)
    raise ValueError(f"unknown scaling {scaling['rope_type']}")


def _ntk_exponent(drive: Drive) -> arb:
    return arb(fmpq(drive.dimension, drive.dimension - 2))


def _yarn(drive: Drive, convention: Convention) -> arb:
    """YaRN, definition 2: the ramp blends the interpolated frequency with the unscaled one."""
    low, high = yarn_ramp_ends(convention)
    entry, unscaled = arb(drive.entry), _default(arb(convention.base), drive)
    interpolated = unscaled / arb(convention.scaling["factor"])
    if _choose(entry <= low, entry > low, True, False):
        return unscaled
    if _choose(entry >= high, entry < high, True, False):
        return interpolated
    ramp = (entry - low) / (high - low)
    return interpolated * ramp + unscaled * (1 - ramp)


def _llama3(unscaled: arb, scaling: dict[str, Any]) -> arb:
    """`apply_scaling` of Meta's llama-models; `_compute_llama3_parameters`."""
    factor, length = arb(scaling["factor"]), arb(scaling["original_max_position_embeddings"])
    low, high = arb(scaling["low_freq_factor"]), arb(scaling["high_freq_factor"])
    wavelength = 2 * arb.pi() / unscaled
    if _choose(wavelength < length / high, wavelength >= length / high, True, False):
        return unscaled
    if _choose(wavelength > length / low, wavelength <= length / low, True, False):
        return unscaled / factor
    share = (length / wavelength - low) / (high - low)
    return (1 - share) * unscaled / factor + share * unscaled


def _mscale(scaling: dict[str, Any], weight: float) -> arb:
    """`get_mscale` of `_compute_yarn_parameters`; YaRN, equation (22)."""
    factor = scaling["factor"]
    return arb(fmpq(1, 10)) * arb(weight) * arb(factor).log() + 1 if factor > 1 else arb(1)


def _integer(value: arb) -> arb:
    """An interval around one integer as that integer."""
    exact = value.unique_fmpz()
    if exact is None:
        raise ArithmeticError(f"{value} is not a single integer")
    return arb(exact)


def _choose(yes: bool, no: bool, then, otherwise):
    """One of two by a comparison of intervals, which is false both ways while it is undecided."""
    if yes == no:
        raise ArithmeticError("a comparison of intervals is undecided")
    return then if yes else otherwise
