"""The command `rope-conformance`, which is also `python -m rope_conformance`.

`record` runs a function in Python on the cases of inputs files. Every other command is one of the native program.
"""

from __future__ import annotations

import argparse
import os
import sys

from rope_conformance._function import usable
from rope_conformance._places import environment, places
from rope_conformance.errors import Unusable


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Exit status: that of the native program; of `record`, 0 where each case is recorded, whatever
    became of it, and 130 after Ctrl-C. 2 for bad usage or input."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        return _record(given[1:]) if given[:1] == ["record"] else _program(given)
    except Unusable as error:
        print(f"rope-conformance: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("rope-conformance: interrupted; no outputs were kept", file=sys.stderr)
        return 130


def _program(arguments: list[str]) -> int:
    """Becomes the native program, with the goldens and rules of this package."""
    found = places()
    program = str(found.existing(found.program))
    os.execve(program, [program, *arguments], environment())


def _record(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="rope-conformance record",
        description="Runs a function on the cases of inputs files and records its outputs, to be validated.",
    )
    parser.add_argument("inputs", nargs="+", help="files that rope-conformance export wrote")
    parser.add_argument("outputs", help="the file of recorded outputs; an existing one is replaced")
    parser.add_argument(
        "--function",
        required=True,
        help="module:function or file.py:function, which takes a case and returns its tensors",
    )
    parser.add_argument("--name", help="what reports call the backend (default: what --function says)")
    parser.add_argument("--summary", help="one line for reports: what runs on which device")
    options = parser.parse_args(arguments)
    # It needs h5py, which nothing else does.
    from rope_conformance import files

    counts = files.record(
        options.inputs,
        options.outputs,
        usable(options.function),
        name=options.name or options.function,
        summary=options.summary,
    )
    print(f"{options.outputs}: {counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
