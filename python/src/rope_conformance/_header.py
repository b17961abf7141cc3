"""The structs and functions of `rope_backend.h` and `rope_judge.h`, for ctypes.

Names, order and types are those of the headers, which say what each field means.
"""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint32, c_void_p
from typing import Any

BACKEND_VERSION = (1, 1)
JUDGE_VERSION = (1, 0)

OK, UNSUPPORTED, FAILED = 0, 1, 2
"""The statuses of a backend's functions."""

CONTRACTS: dict[int, Any] = {0: "none", 1: "table", 2: "frequency", 3: "position"}
ELEMENT_TYPES: dict[int, Any] = {1: "float32", 2: "float16", 3: "bfloat16"}
ELEMENT_NUMBERS = {name: number for number, name in ELEMENT_TYPES.items()}
PAIRINGS: dict[int, Any] = {0: "other", 1: "half", 2: "interleaved"}


class _Sized(Structure):
    """A struct whose first field is its own size, which is set when it is made."""

    def __init__(self, **fields: object) -> None:
        super().__init__(struct_size=ctypes.sizeof(type(self)), **fields)


class rope_error(_Sized):
    _fields_ = [("struct_size", c_size_t), ("text", c_void_p), ("capacity", c_size_t)]


class rope_tensor(_Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("data", c_void_p),
        ("element_type", c_uint32),
        ("reserved", c_uint32),
        ("shape", c_int64 * 4),
        ("strides", c_int64 * 4),
        ("alignment", c_int64),
    ]


class rope_plan(_Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("head_dim", c_int64),
        ("pair_count", c_int64),
        ("axis_count", c_int64),
        ("in", c_void_p),
        ("out", c_void_p),
        ("axis", c_void_p),
        ("inv_freq", c_void_p),
        ("attention_factor", c_double),
        ("pairing", c_uint32),
        ("out_pairing", c_uint32),
        ("rotary_dim", c_int64),
        ("rotary_offset", c_int64),
    ]


class rope_tokens(_Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("positions", c_void_p),
        ("fractional_positions", c_void_p),
        ("table_rows", c_void_p),
        ("cu_seqlens", c_void_p),
        ("cu_seqlens_count", c_int64),
        ("least_position", c_double),
        ("largest_position", c_double),
    ]


class rope_parameter(_Sized):
    _fields_ = [("struct_size", c_size_t), ("name", c_char_p), ("values", c_void_p), ("value_count", c_int64)]


class rope_call(_Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("contract", c_uint32),
        ("reserved", c_uint32),
        ("plan", POINTER(rope_plan)),
        ("query_in", POINTER(rope_tensor)),
        ("query_out", POINTER(rope_tensor)),
        ("key_in", POINTER(rope_tensor)),
        ("key_out", POINTER(rope_tensor)),
        ("positions", c_void_p),
        ("inv_freq_float32", c_void_p),
        ("cos", c_void_p),
        ("sin", c_void_p),
        ("table_type", c_uint32),
        ("reserved2", c_uint32),
        ("table_row_count", c_int64),
        ("table_rows", c_void_p),
        ("fractional_positions", c_void_p),
        ("cu_seqlens", c_void_p),
        ("cu_seqlens_count", c_int64),
        ("least_position", c_double),
        ("largest_position", c_double),
        ("key_tokens", POINTER(rope_tokens)),
        ("case_name", c_char_p),
        ("base", c_double),
        ("scaling_type", c_char_p),
        ("scaling_parameters", POINTER(rope_parameter)),
        ("scaling_parameter_count", c_int64),
    ]


Rotation = CFUNCTYPE(c_int, c_void_p, POINTER(rope_call), POINTER(rope_error))
"""`supports` and `apply`."""


class rope_backend(_Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("major_version", c_uint32),
        ("minor_version", c_uint32),
        ("name", c_char_p),
        ("description", c_char_p),
        ("state", c_void_p),
        ("supports", Rotation),
        ("apply", Rotation),
    ]


Allocate = CFUNCTYPE(c_int, c_void_p, c_size_t, POINTER(c_void_p), POINTER(rope_error))
Copy = CFUNCTYPE(c_int, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, POINTER(rope_error))
"""`write` and `read`."""
Release = CFUNCTYPE(None, c_void_p, c_void_p)


class rope_memory(_Sized):
    _fields_ = [
        ("struct_size", c_size_t),
        ("state", c_void_p),
        ("allocate", Allocate),
        ("write", Copy),
        ("read", Copy),
        ("release", Release),
    ]


Progress = CFUNCTYPE(c_int, c_void_p, c_char_p)

_error = POINTER(rope_error)
_text = POINTER(c_void_p)
_handle = POINTER(c_void_p)

FUNCTIONS = {
    "rope_judge_open": (c_char_p, _handle, _error),
    "rope_judge_case_names": (c_void_p, _text, _error),
    "rope_judge_describe": (c_void_p, c_char_p, _text, _error),
    "rope_judge_run": (
        *(c_void_p, POINTER(rope_backend), POINTER(rope_memory)),
        *(Progress, c_void_p, _handle, _error),
    ),
    "rope_judge_check": (c_void_p, c_char_p, POINTER(rope_backend), POINTER(rope_memory), _text, _error),
    "rope_report_note": (c_void_p, c_char_p, _error),
    "rope_report_text": (c_void_p, c_char_p, _text, _error),
    "rope_verdict_text": (c_char_p, _text, _error),
    "rope_case_open": (c_void_p, c_char_p, _handle, _error),
    "rope_case_reset": (c_void_p, _error),
    "rope_case_judge": (c_void_p, POINTER(rope_tensor), POINTER(rope_tensor), _text, _error),
    "rope_case_limits": (c_void_p, c_int, c_void_p, c_void_p, c_size_t, _error),
}
"""The arguments of the functions that return a status."""
