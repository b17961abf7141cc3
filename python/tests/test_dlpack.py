"""Arrays of libraries that the package does not know, by DLPack."""

from __future__ import annotations

import ctypes
from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np
import numpy_rope
import pytest

import rope_conformance as rope
from rope_conformance import Case
from rope_conformance._dlpack import _Tensor, address_of, host


class Foreign:
    """An array of a library of its own."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __dlpack__(self) -> object:
        return self._array.__dlpack__()

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._array.__dlpack_device__()


class OnADevice(Foreign):
    def __dlpack_device__(self) -> tuple[int, int]:
        return (7, 0)


def exported(array: np.ndarray) -> Foreign:
    """numpy gives no bfloat16, but JAX does."""
    if array.dtype != ml_dtypes.bfloat16:
        return Foreign(array)
    return Foreign(pytest.importorskip("jax").numpy.asarray(array))


def returns_foreign(case: Case) -> tuple[Foreign, ...]:
    copies = [x.copy() for x, _ in case.tensors()]
    k = copies[1] if len(copies) > 1 else None
    numpy_rope.rotate(replace(case, q=copies[0], k=k, q_out=copies[0], k_out=k))
    return tuple(map(exported, copies))


def test_strides_and_types() -> None:
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    for dtype in (np.float32, np.float16, np.float64, ml_dtypes.bfloat16):
        for view in (values, values[::-1, :, 1::2], values.T, values[:0], values[0, 0]):
            array = view.astype(dtype) if dtype is not np.float32 else view
            found = host(exported(array), "q")
            assert found.dtype == dtype
            np.testing.assert_array_equal(found, view)


class WithOffset(Foreign):
    """An array whose first element is not where its memory begins, and that says no strides, being contiguous."""

    def __dlpack__(self) -> object:
        self.shape = (ctypes.c_int64 * 1)(5)
        self.tensor = _Tensor(
            data=self._array.ctypes.data,
            device_type=1,
            ndim=1,
            code=2,
            bits=32,
            lanes=1,
            shape=self.shape,
            byte_offset=12,
        )
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
        return new(ctypes.addressof(self.tensor), b"dltensor", None)


def test_the_address() -> None:
    values = np.arange(8, dtype=np.float32)
    for array in (Foreign(values[3:]), WithOffset(values)):
        assert address_of(array) == values.ctypes.data + 12
        np.testing.assert_array_equal(host(array, "q"), values[3:])


@pytest.mark.parametrize("framework", ["numpy", "jax"])
def test_a_function_may_return_them(framework: str) -> None:
    pytest.importorskip("jax")

    def function(case: Case) -> tuple[Foreign, ...]:
        # With JAX, the function is given copies that cannot be written.
        given = rope.case(case.name)
        return returns_foreign(given)

    report = rope.check(function, "glm-4.5/{f32,bf16}/prompt/table", framework=framework)
    assert report.conforms and len(report.verdicts) == 2, report


def test_they_are_judged() -> None:
    for name in ("glm-4.5/bf16/prompt/table", "glm-4.5/f32/prompt/table"):
        case = rope.case(name)
        rope.assert_close(*returns_foreign(case), case)


def test_what_cannot_be_taken_is_named() -> None:
    for array, message in (
        (Foreign(np.zeros(3, np.int32)), "returned Foreign as q, .*: its elements have 32 bits of type code 0"),
        ([1.0], "returned list as q, must be an array of numpy, torch, CuPy, JAX or another library with __dlpack__"),
    ):
        with pytest.raises(rope.WrongResult, match=message):
            host(array, "q")


def test_a_device_that_no_library_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("torch", "cupy", "jax"):
        monkeypatch.delitem(__import__("sys").modules, library, raising=False)
    with pytest.raises(rope.WrongResult, match="on a device, and neither torch, CuPy nor JAX is imported; copy it"):
        host(OnADevice(np.zeros(3, np.float32)), "q")
