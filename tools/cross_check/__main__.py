"""The command line: `tools/cross-check --help`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from .compare import Tally
from .figures import check_figures
from .files import Sample, Unreadable, check_file, check_manifest
from .planted import plan_errors, try_error

LEAST_FLOAT64_VALUES = 200_000
"""What a run on the committed goldens compares at least, lest a check that sees nothing passes."""

SHOWN_OF_EACH_FILE = 5


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/cross-check",
        description="Recomputes golden files independently of their writer and compares the bits. "
        "Exit status: 0 all equal, 1 something differs, 2 bad usage or an unreadable file.",
    )
    parser.add_argument(
        "fixtures", nargs="?", type=Path, help="the folder of the goldens, else Fixtures"
    )
    parser.add_argument(
        "--tokens",
        type=int,
        default=64,
        help="tokens recomputed of each case, drawn at random; 0 for all (64)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the random sample (0)")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes (one for each core)"
    )
    tests = parser.add_mutually_exclusive_group()
    tests.add_argument(
        "--self-test", action="store_true", help="only test the check itself, by planted errors"
    )
    tests.add_argument("--no-self-test", action="store_true", help="do not test the check itself")
    options = parser.parse_args()
    if options.tokens < 0 or options.jobs < 1:
        parser.error("--tokens must be at least 0 and --jobs at least 1")
    return options


def main() -> int:
    options = arguments()
    folder = options.fixtures or Path(__file__).parents[2] / "Fixtures"
    paths = sorted(folder.glob("*.h5"))
    if not paths:
        raise Unreadable(f"{folder}: no golden file")
    passes = True
    with ProcessPoolExecutor(options.jobs) as pool:
        if not options.no_self_test:
            passes = self_test(paths, pool)
        if not options.self_test:
            least = LEAST_FLOAT64_VALUES if options.fixtures is None else 1
            passes = (
                check(folder, paths, Sample(options.tokens, options.seed), least, pool) and passes
            )
    return 0 if passes else 1


def self_test(paths: list[Path], pool: ProcessPoolExecutor) -> bool:
    """Tests the formulas by known figures, and the check by planted errors."""
    count, wrong = check_figures()
    print(f"self-test: {count} known figures, {count - len(wrong)} reproduced")
    errors = plan_errors(paths)
    missed = [text for text in pool.map(try_error, errors) if text is not None]
    found = len(errors) - len(missed)
    contracts = ", ".join(sorted({error.contract for error in errors}))
    print(f"self-test: {len(errors)} errors planted, {found} found; contracts {contracts}")
    for line in wrong + missed:
        print(f"self-test: {line}")
    return bool(errors) and not wrong and not missed


def check(
    folder: Path, paths: list[Path], sample: Sample, least: int, pool: ProcessPoolExecutor
) -> bool:
    """Checks the files of a folder, and prints how much was compared and what differs."""
    print(f"seed {sample.seed}, {sample.tokens or 'all'} tokens of each case")
    print(f"{'file':<28}{'cases':>7}{'float64':>12}{'other':>12}{'differ':>9}{'seconds':>9}")
    started = time.monotonic()
    tallies = [check_manifest(folder)]
    print_row(tallies[0], time.monotonic() - started)
    for tally, seconds in pool.map(timed_check, paths, [sample] * len(paths)):
        tallies.append(tally)
        print_row(tally, seconds)
    total = Tally("all")
    for tally in tallies:
        total.float64_values += tally.float64_values
        total.other_values += tally.other_values
        total.differing += tally.differing
    total.cases = sum(tally.cases for tally in tallies[1:])
    print_row(total, time.monotonic() - started)
    for tally in tallies:
        print_differences(tally)
    if total.float64_values < least:
        print(f"only {total.float64_values} float64 values were compared, {least} are demanded")
        return False
    return total.differing == 0


def print_differences(tally: Tally) -> None:
    shown = tally.first[:SHOWN_OF_EACH_FILE]
    for difference in shown:
        print(difference)
    if tally.differing > len(shown):
        print(f"{tally.file}: {tally.differing - len(shown)} more")


def timed_check(path: Path, sample: Sample) -> tuple[Tally, float]:
    started = time.monotonic()
    return check_file(path, sample), time.monotonic() - started


def print_row(tally: Tally, seconds: float) -> None:
    print(
        f"{tally.file:<28}{tally.cases:>7}{tally.float64_values:>12}{tally.other_values:>12}"
        f"{tally.differing:>9}{seconds:>9.1f}",
        flush=True,
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unreadable as error:
        print(f"cross-check: {error}", file=sys.stderr)
        sys.exit(2)
