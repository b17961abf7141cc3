"""The structs of ctypes have the layout of the C headers."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from rope_conformance import _header as header

SOURCES = Path(__file__).parents[2] / "Sources"
FOLDERS = [SOURCES / "CRoPEBackend" / "include", SOURCES / "CRoPEJudge" / "include"]
STRUCTS = [
    *("rope_error", "rope_tensor", "rope_plan", "rope_tokens", "rope_parameter"),
    *("rope_call", "rope_backend", "rope_memory"),
]


def compiled(folder: Path, body: str) -> list[list[str]]:
    """The words of each line that a C program prints."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    source = folder / "layout.c"
    source.write_text(f'#include <stdio.h>\n#include "rope_judge.h"\nint main(void) {{\n{body}\n}}\n')
    program = folder / "layout"
    subprocess.run([compiler, *(f"-I{folder}" for folder in FOLDERS), "-o", program, source], check=True)
    printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return [line.split() for line in printed.splitlines()]


def test_sizes_and_offsets(tmp_path: Path) -> None:
    structs = {name: getattr(header, name) for name in STRUCTS}
    lines = [
        f'printf("{name} {field} %zu %zu\\n", offsetof({name}, {field}), sizeof((({name} *)0)->{field}));'
        for name, struct in structs.items()
        for field, _ in struct._fields_
    ]
    lines += [f'printf("{name} %zu\\n", sizeof({name}));' for name in structs]
    found = compiled(tmp_path, "\n".join(lines))
    for name, struct in structs.items():
        for field, _ in struct._fields_:
            described = getattr(struct, field)
            assert [name, field, str(described.offset), str(described.size)] in found
        assert [name, str(ctypes.sizeof(struct))] in found
        assert struct().struct_size == ctypes.sizeof(struct)


def test_every_field_is_there() -> None:
    texts = [path.read_text() for folder in FOLDERS for path in sorted(folder.glob("rope_*.h"))]
    text = re.sub(r"/\*.*?\*/", "", "".join(texts), flags=re.DOTALL)
    found = {
        name: re.findall(r"(?:\(\*)?(\w+)(?:\)\([^;]*\)|\[\d+\])?;", body)
        for body, name in re.findall(r"typedef struct \{(.*?)\} (\w+);", text, flags=re.DOTALL)
    }
    for name in STRUCTS:
        assert found[name] == [field for field, _ in getattr(header, name)._fields_], name


def test_numbers(tmp_path: Path) -> None:
    wanted = {
        "ROPE_OK": header.OK,
        "ROPE_UNSUPPORTED": header.UNSUPPORTED,
        "ROPE_FAILED": header.FAILED,
        "ROPE_BACKEND_MAJOR_VERSION": header.BACKEND_VERSION[0],
        "ROPE_BACKEND_MINOR_VERSION": header.BACKEND_VERSION[1],
        "ROPE_JUDGE_MAJOR_VERSION": header.JUDGE_VERSION[0],
        "ROPE_JUDGE_MINOR_VERSION": header.JUDGE_VERSION[1],
        **{f"ROPE_CONTRACT_{name.upper()}": number for number, name in header.CONTRACTS.items()},
        **{f"ROPE_ELEMENT_{name.upper()}": number for number, name in header.ELEMENT_TYPES.items()},
        **{f"ROPE_PAIRING_{name.upper()}": number for number, name in header.PAIRINGS.items()},
    }
    found = compiled(tmp_path, "\n".join(f'printf("{name} %d\\n", (int){name});' for name in wanted))
    assert found == [[name, str(number)] for name, number in wanted.items()]


def test_every_function_is_declared() -> None:
    text = (FOLDERS[1] / "rope_judge.h").read_text()
    for name, arguments in header.FUNCTIONS.items():
        declared = re.search(rf"ROPE_BACKEND_EXPORT int {name}\((.*?)\);", text, flags=re.DOTALL)
        assert declared, name
        # The function pointer has two parameters of its own.
        parameters = re.sub(r"int \(\*progress\)\(.*?\)", "progress", declared[1], flags=re.DOTALL)
        assert len(parameters.split(",")) == len(arguments), name
