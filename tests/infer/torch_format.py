"""Writes both torch formats without torch, honest and otherwise."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
KINDS = {
    "float64": "DoubleStorage",
    "float32": "FloatStorage",
    "float16": "HalfStorage",
    "int64": "LongStorage",
    "int32": "IntStorage",
    "int16": "ShortStorage",
    "int8": "CharStorage",
    "uint8": "ByteStorage",
    "bool": "BoolStorage",
    "complex128": "ComplexDoubleStorage",
    "complex64": "ComplexFloatStorage",
}


@dataclass(frozen=True)
class Global:
    """A global that a pickle names, whether it exists or not."""

    module: str
    name: str

    def __call__(self) -> None:
        raise AssertionError("only its name is written")


@dataclass(eq=False)
class Storage:
    """Memory of tensors. ``length`` is what the pickle says, in elements."""

    data: bytes
    kind: str = "FloatStorage"
    length: int = -1
    key: str = ""

    def __post_init__(self) -> None:
        if self.length < 0:
            self.length = len(self.data) // 4


@dataclass(eq=False)
class Tensor:
    """A view of a storage, as ``torch._utils._rebuild_tensor_v2`` takes it."""

    storage: Storage
    offset: Any
    shape: Any
    strides: Any
    parameter: bool = False


def tensor(array: np.ndarray, kind: str = "") -> Tensor:
    """A contiguous tensor with a storage of its own."""
    strides = tuple(int(stride) // array.itemsize for stride in array.strides)
    storage = Storage(array.tobytes(), kind or KINDS[array.dtype.name], array.size)
    return Tensor(storage, 0, array.shape, strides)


class _Pickler(pickle._Pickler):
    """Python's own pickler, which lets globals be written that are not importable here."""

    def __init__(self, file: io.BytesIO, protocol: int, legacy: bool = False) -> None:
        super().__init__(file, protocol)
        self.legacy = legacy
        self.storages: dict[str, Storage] = {}

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if isinstance(obj, Global):
            if self.proto >= 4:
                self.save(obj.module)
                self.save(obj.name)
                self.write(pickle.STACK_GLOBAL)
            else:
                self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        else:
            super().save(obj, save_persistent_id)

    def persistent_id(self, obj: Any) -> Any:
        if not isinstance(obj, Storage):
            return None
        obj.key = obj.key or str(len(self.storages))
        self.storages[obj.key] = obj
        identifier = ("storage", Global("torch", obj.kind), obj.key, "cpu", obj.length)
        return (*identifier, None) if self.legacy else identifier

    def reducer_override(self, obj: Any) -> Any:
        if not isinstance(obj, Tensor):
            return NotImplemented
        if obj.parameter:
            inner = Tensor(obj.storage, obj.offset, obj.shape, obj.strides)
            return Global("torch._utils", "_rebuild_parameter"), (inner, True, {})
        arguments = (obj.storage, obj.offset, obj.shape, obj.strides, False, {})
        return Global("torch._utils", "_rebuild_tensor_v2"), arguments


def dumps(obj: Any, protocol: int = 2, legacy: bool = False) -> tuple[bytes, dict[str, Storage]]:
    """Pickle with tensors in it; return it and the storages it refers to."""
    file = io.BytesIO()
    pickler = _Pickler(file, protocol, legacy)
    pickler.dump(obj)
    return file.getvalue(), pickler.storages


def write_legacy(path: Path, obj: Any, protocol: int = 2, little_endian: bool = True) -> Path:
    """The format of torch before 1.6."""
    system = {
        "protocol_version": 1001,
        "little_endian": little_endian,
        "type_sizes": {"short": 2, "int": 4, "long": 4},
    }
    body, storages = obj if isinstance(obj, tuple) else dumps(obj, protocol, legacy=True)
    keys = sorted(storages)
    parts = [pickle.dumps(MAGIC, protocol), pickle.dumps(1001, protocol), pickle.dumps(system, protocol)]
    parts += [body, pickle.dumps(keys, protocol)]
    for key in keys:
        parts += [struct.pack("<Q", storages[key].length % (1 << 64)), storages[key].data]
    path.write_bytes(b"".join(parts))
    return path


def write_zip(
    path: Path,
    obj: Any,
    root: str = "archive",
    protocol: int = 2,
    byteorder: str = "little",
    extra: dict[str, bytes] | None = None,
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    """The format of torch 1.6 and newer; ``extra`` adds entries under any name."""
    body, storages = obj if isinstance(obj, tuple) else dumps(obj, protocol)
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr(f"{root}/data.pkl", body)
        archive.writestr(f"{root}/byteorder", byteorder)
        for key, storage in storages.items():
            archive.writestr(f"{root}/data/{key}", storage.data)
        archive.writestr(f"{root}/version", "3\n")
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return path
