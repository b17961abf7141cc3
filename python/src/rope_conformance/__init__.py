"""Judges rotary position embeddings (RoPE) by exact results.

    import rope_conformance as rope

    report = rope.check(my_rotate, cases="llama-3.1-8b")      # a function of a `Case`, in this process
    report.assert_conforms()

`check` and `check_case` call the function with tensors in guarded memory, and judge what it writes or returns. `case`,
`assert_close` and `limit` are for a loop of one's own. `rope_conformance.files` records outputs to be judged elsewhere,
and the plug-in of pytest makes each case a test.
"""

from rope_conformance.case import Case, Plan, Tokens
from rope_conformance.check import check, check_case
from rope_conformance.errors import DoesNotConform, Unsupported, Unusable, WrongResult
from rope_conformance.loop import Limit, assert_close, case, case_names, cases, limit
from rope_conformance.report import Report, Verdict

__all__ = [
    "Case",
    "DoesNotConform",
    "Limit",
    "Plan",
    "Report",
    "Tokens",
    "Unsupported",
    "Unusable",
    "Verdict",
    "WrongResult",
    "assert_close",
    "case",
    "case_names",
    "cases",
    "check",
    "check_case",
    "limit",
]
