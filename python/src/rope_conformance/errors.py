"""The exceptions of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rope_conformance.report import Verdict


class Unsupported(Exception):
    """Raised by a function that does not do a case, with the reason.

    It is the right answer to an invalid case. A valid case that is refused is counted as unsupported, never as passed.
    """


class Unusable(Exception):
    """A function, a setting, a file or a library that cannot be used at all. The text says which, and what to do."""


class WrongResult(TypeError):
    """What a function returned is not the tensors that it should be. The text says what it is."""


class DoesNotConform(AssertionError):
    """A verdict that is not `conforms`. The text is its reason in one line, which summaries show, and the explained
    verdict."""

    # Tracebacks say so, and show the name that users import.
    __module__ = "rope_conformance"

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(f"{verdict.reason}\n{verdict}")
        self.verdict = verdict
