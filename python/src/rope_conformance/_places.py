"""Where the native files of this package are: in the wheel, or in the repository that the package is run from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from rope_conformance.errors import Unusable

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Places:
    """The files that a wheel, or a build of the repository, has."""

    library: Path
    program: Path
    goldens: Path
    tolerances: Path

    def existing(self, path: Path) -> Path:
        """The path itself.

        Raises `Unusable` if there is nothing.
        """
        if path.exists():
            return path
        raise Unusable(
            f"{path}: not found; install the wheel of rope-conformance, "
            "or build the repository that this package is in with: tools/setup && swift build -c release"
        )


def places() -> Places:
    """Those of the wheel if it has the library, otherwise those of the repository."""
    native = _PACKAGE / "_native"
    if native.is_dir():
        return Places(
            library=native / "librope_judge.so",
            program=native / "rope-conformance",
            goldens=native / "Fixtures",
            tolerances=native / "tolerances.yaml",
        )
    root = _PACKAGE.parents[2]
    built = root / ".build" / "release"
    return Places(
        library=built / "librope_judge.so",
        program=built / "rope-conformance",
        goldens=root / "Fixtures",
        tolerances=root / "tolerances.yaml",
    )


def environment() -> dict[str, str]:
    """The environment, with variables that say where goldens and rules are unless the user has set them."""
    found = places()
    return {"ROPE_FIXTURES": str(found.goldens), "ROPE_TOLERANCES_FILE": str(found.tolerances), **os.environ}
