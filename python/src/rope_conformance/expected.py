"""Failures that are expected: the file `rope-expected.toml` of a user's tree.

[[fails]]
cases = "*/bf16/long/**"
because = "angles are rounded to bfloat16"

`cases` is a pattern, or a list of some.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from rope_conformance._arguments import PATTERNS, shown, texts
from rope_conformance.errors import Unusable
from rope_conformance.judge import judge_of

FILE_NAME = "rope-expected.toml"
_KEYS = ("cases", "because")


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
    fails = entries.get("fails", [])
    if isinstance(fails, dict):
        raise Unusable(f"{path}: [fails]: write [[fails]]")
    if not isinstance(fails, list):
        raise Unusable(f"{path}: fails {shown(fails)}: must be tables; write [[fails]]")
    for number, entry in enumerate(fails, 1):
        try:
            cases, because = _read(entry)
            names = judge_of(cases, tier="full").case_names
        except Unusable as error:
            raise Unusable(f"{path}: entry {number}: {error}") from error
        reasons |= dict.fromkeys(names, because)
    return reasons


def _read(entry: Any) -> tuple[list[str], str]:
    """The patterns of an entry, and its reason.

    Raises `Unusable` with the key that is not as it should be.
    """
    if not isinstance(entry, dict):
        raise Unusable("must be a table; write [[fails]]")
    for key in entry:
        if key not in _KEYS:
            raise Unusable(f"has {key!r}; only 'cases' and 'because' can be there")
    for key in _KEYS:
        if key not in entry:
            raise Unusable(f"has no {key!r}")
    cases, because = texts("cases", entry["cases"], PATTERNS), entry["because"]
    if not cases or not all(cases):
        raise Unusable(f"cases {shown(entry['cases'])}: {PATTERNS}")
    if not isinstance(because, str) or not because.strip():
        raise Unusable(f"because {shown(because)}: must be a text, not empty")
    return cases, because
