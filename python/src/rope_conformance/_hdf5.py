"""Values in HDF5 files, with bfloat16 as the suite writes it."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from rope_conformance.errors import Unusable

try:
    # Others import it from here, so that they fail with the text below.
    import h5py as h5py
except ImportError as error:
    raise Unusable(
        f"files of recorded outputs need h5py ({error}); install it with: pip install 'rope-conformance[files]'"
    ) from error


def _bfloat16() -> h5py.h5t.TypeFloatID:
    """The upper half of float32, as HDF5 describes it."""
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_fields(15, 7, 8, 0, 7)
    kind.set_size(2)
    kind.set_ebias(127)
    return kind


BFLOAT16 = _bfloat16()


def attribute(holder: h5py.Group, name: str) -> Any:
    """An attribute as a plain Python value; None if there is none."""
    value = holder.attrs.get(name)
    if isinstance(value, bytes):
        return value.decode()
    return value.item() if isinstance(value, np.generic) else value


def set_attribute(holder: h5py.Group, name: str, value: str) -> None:
    """Writes a text as an attribute, without what an attribute cannot hold: more than 64 KiB, NUL, lone surrogates."""
    text = value[:4096].replace("\0", "").encode(errors="replace")
    holder.attrs.create(name, text or b" ", dtype=h5py.string_dtype("utf-8", max(len(text), 1)))


def read(dataset: h5py.Dataset) -> np.ndarray:
    """A dataset in its own type, bit for bit."""
    if dataset.id.get_type() != BFLOAT16:
        return dataset[...]
    # h5py itself would read float32 numbers.
    bits = np.empty(dataset.shape, np.uint16)
    if bits.size:
        dataset.id.read(h5py.h5s.ALL, h5py.h5s.ALL, bits, BFLOAT16)
    return bits.view(ml_dtypes.bfloat16)


def write(group: h5py.Group, name: str, values: np.ndarray) -> None:
    """Writes a dataset in its own type, bit for bit."""
    if values.dtype.name != "bfloat16":
        group[name] = values
        return
    bits = np.ascontiguousarray(values).view(np.uint16)
    dataset = h5py.h5d.create(group.id, name.encode(), BFLOAT16, h5py.h5s.create_simple(bits.shape))
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, bits, BFLOAT16)
