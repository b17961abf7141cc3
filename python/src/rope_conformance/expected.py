"""Failures that are expected: the file `rope-expected.toml` of a user's tree.

[[fails]]
cases = "*/bf16/long/**"
because = "angles are rounded to bfloat16"
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from rope_conformance.errors import Unusable
from rope_conformance.judge import judge_of

FILE_NAME = "rope-expected.toml"
_KEYS = {"cases", "because"}


def expected_failures(folder: Path) -> dict[str, str]:
    """The names of the cases that are expected to fail, each with the reason; none without a file.

    Of several entries for a case, the last one counts.

    Raises `Unusable` if the file cannot be read, an entry is not as above, or its pattern matches no case.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return {}
    try:
        entries = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Unusable(f"{path}: {error}") from error
    if unknown := entries.keys() - {"fails"}:
        raise Unusable(f"{path}: has {min(unknown)!r}; only [[fails]] can be there")
    reasons: dict[str, Any] = {}
    for number, entry in enumerate(entries.get("fails", []), 1):
        if (
            not isinstance(entry, dict)
            or entry.keys() != _KEYS
            or not all(isinstance(x, str) and x for x in entry.values())
        ):
            raise Unusable(
                f"{path}: entry {number}: must have the texts 'cases' and 'because', and nothing else: {entry}"
            )
        try:
            names = judge_of(entry["cases"], tier="full").case_names
        except Unusable as error:
            raise Unusable(f"{path}: entry {number}: {error}") from error
        reasons |= dict.fromkeys(names, entry["because"])
    return reasons
