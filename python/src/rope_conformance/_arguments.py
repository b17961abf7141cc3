"""Arguments as they are used. Each function raises `Unusable` for what cannot be, with the argument and the value."""

from __future__ import annotations

import math
import numbers
import operator
from collections.abc import Iterable
from typing import Any

from rope_conformance.errors import Unusable

PATTERNS = "must be a pattern of case names, or several"


def texts(name: str, value: str | Iterable[str] | None, wanted: str) -> list[str] | None:
    """One text or several as a list; None for None."""
    if value is None:
        return None
    if isinstance(value, str):
        return [value]
    try:
        values = list(value)
    except TypeError:
        raise Unusable(f"{name} {shown(value)}: {wanted}") from None
    for one in values:
        if not isinstance(one, str):
            raise Unusable(f"{name} {shown(one)}: {wanted}")
    return values


def case_name(value: Any) -> str:
    """The name of one case."""
    if isinstance(value, str):
        return value
    raise Unusable(
        f"case {shown(value)}: must be the name of one case, such as 'llama-3.1-8b/f32/prompt/position'; "
        "rope_conformance.case_names() shows all names"
    )


def whole(name: str, value: Any) -> int:
    """A whole number of whatever type."""
    try:
        if not isinstance(value, bool):
            return operator.index(value)
    except TypeError:
        pass
    raise Unusable(f"{name} {shown(value)}: must be a whole number")


def seconds(name: str, value: Any) -> float:
    """More than 0 seconds; infinity is no limit."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise Unusable(f"{name} {shown(value)}: must be a number of seconds; float('inf') is no limit")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    # Not a number is not more than 0.
    if not found > 0:
        raise Unusable(f"{name} {found:g} s: must be more than 0")
    return found


def shown(value: Any) -> str:
    """A value in a message: by its type if it is long, as an array."""
    text = repr(value)
    return type(value).__name__ if len(text) > 80 or "\n" in text or hasattr(value, "__dlpack__") else text


def counted(count: int, noun: str) -> str:
    """A number of things: `1 token`, `2 tokens`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
