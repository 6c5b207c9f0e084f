"""Reads checkpoints (``.pth`` of either torch format, ``.safetensors``) without torch.

A torch checkpoint is a pickle, which is a program. It is run here by an interpreter of its
own that knows only the instructions that build numbers, strings, lists, dictionaries and
tensors: nothing is imported, no attribute is set, and a file that names any other global is
refused. (Subclassing :class:`pickle.Unpickler` would leave doors open: a memo index of 2³²
allocates 64 GB, nested tuples as dictionary keys take for ever to hash.) The safetensors
format is so simple that reading it here is shorter than checking what its package may do.

The file is mapped into memory and tensors are views of it where alignment allows.
"""

from __future__ import annotations

import io
import json
import math
import mmap
import pickletools
import re
import struct
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from yolact_live.errors import ModelError

Array = npt.NDArray[Any]

BFLOAT16 = "bfloat16"  # numpy has none; widened to f32, which is exact
STORAGES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "BFloat16Storage": BFLOAT16,
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "?",
    "ComplexDoubleStorage": "<c16",
    "ComplexFloatStorage": "<c8",
}
SAFETENSORS = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": BFLOAT16,
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "<i1",
    "U8": "<u1",
    "BOOL": "?",
}
MAGIC = 0x1950A86A20F9469CFC6C  # of the legacy format
MAX_STEPS = 1_000_000  # instructions of a pickle; a ResNet-101 takes 30,000
MAX_HEADER = 100_000_000  # bytes, as the safetensors format says
MAX_EMPTY = 1 << 20  # product of the other sides of an empty tensor, which numpy computes too
MAX_GROWTH = 4  # tensors may take this many times the size of the file: bf16 widened, storages shared
# What nonsense in a file can raise below: numbers, names and types that are not what they should be.
UNREADABLE = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError, MemoryError),
    *(OSError, struct.error, zipfile.BadZipFile),
)
DAMAGED = "download or copy the file again"
BIG_ENDIAN = ("was written by a big-endian machine", "load and save it with torch on another machine")
NOT_WEIGHTS = "give the weights alone, as torch.save(net.state_dict(), path) writes them"


class _Refused(Exception):
    """What is wrong with a file, and what to do about it."""

    def __init__(self, reason: str, remedy: str = DAMAGED) -> None:
        super().__init__(reason)
        self.remedy = remedy


def read_checkpoint(path: str | Path) -> dict[str, Array]:
    """Return the tensors of a checkpoint by name, in the order of the file.

    Reads ``.pth`` files of torch 0.4 or newer (legacy and zip format) and ``.safetensors``;
    the content decides, not the name. Weights inside ``{"state_dict": …}`` or
    ``{"model": …}`` are found. Nothing in the file is executed.

    Args:
        path: the file. It must not change while the arrays are in use.

    Returns:
        Name to array, of the tensor's shape and type, contiguous, perhaps read-only
        (a view of the file). bfloat16 becomes f32.

    Raises:
        ModelError: no such file, damaged, not a checkpoint, or not merely weights.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror})", "check the path") from error
    except ValueError as error:
        raise ModelError(f"{path.name} is empty", DAMAGED) from error
    try:
        return _read(data)
    except _Refused as error:
        raise ModelError(f"{path.name} {error}", error.remedy) from error
    except UNREADABLE as error:
        raise ModelError(f"{path.name} is truncated, damaged or no checkpoint ({error})", DAMAGED) from error


def _read(data: mmap.mmap) -> dict[str, Array]:
    if data[:4] == b"PK\x03\x04":
        return _read_zip(data)
    if data[8:9] == b"{":
        return _read_safetensors(data)
    if data[257:262] == b"ustar":
        raise _Refused("is in the tar format of torch 0.1", "load and save it with a newer torch")
    return _read_legacy(data)


# ------------------------------------------------------------------------------ pickle


@dataclass(frozen=True, slots=True)
class _Storage:
    """One-dimensional memory that tensors are views of; its bytes are elsewhere in the file."""

    key: str
    dtype: str
    length: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A view of a storage; offset and strides count elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _StorageType:
    dtype: str


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> _Tensor:
    """``torch._utils._rebuild_tensor_v2``; the numbers are checked when the array is made."""
    if not isinstance(storage, _Storage):
        raise _Refused("is damaged (a tensor has no storage)")
    return _Tensor(storage, offset, shape, strides)


def _parameter(tensor: Any, *_: Any) -> Any:
    """``torch._utils._rebuild_parameter``."""
    return tensor


def _dictionary(items: Any = ()) -> dict[Any, Any]:
    """``collections.OrderedDict``; Python 2 passed the items."""
    result: dict[Any, Any] = {}
    _put(result, [value for pair in items for value in pair])
    return result


def _size(items: Any = ()) -> tuple[Any, ...]:
    """``torch.Size``."""
    return tuple(items)


FUNCTIONS = {
    "torch._utils _rebuild_tensor_v2": _tensor,
    "torch._utils _rebuild_parameter": _parameter,
    "collections OrderedDict": _dictionary,
    "torch Size": _size,
}
GLOBALS = FUNCTIONS | {f"torch {name}": _StorageType(dtype) for name, dtype in STORAGES.items()}

VALUES = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
}
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def _put(target: dict[Any, Any], flat: list[Any]) -> None:
    """Put alternating keys and values into a dictionary; keys must be plain, so that they hash fast."""
    for key, value in zip(flat[::2], flat[1::2], strict=True):
        if not isinstance(key, str | int):
            raise _Refused("is damaged (a dictionary key is not a name)")
        target[key] = value


def _global(name: str) -> Any:
    if not re.fullmatch(r"[\w.<>]+ [\w.<>]+", name):
        raise ValueError("a name is not a name")
    if name not in GLOBALS:
        dotted = name.replace(" ", ".")
        raise _Refused(f"names {dotted:.80}, which no weights need; nothing of it was run", NOT_WEIGHTS)
    return GLOBALS[name]


def _storage(identifier: Any) -> _Storage:
    """Persistent identifier: ("storage", type, key, device, length); the legacy format appends None."""
    match identifier:
        case ("storage", _StorageType(dtype), str(key), str(), int(length), *views) if length >= 0:
            if all(view is None for view in views):
                return _Storage(key, dtype, length)
    raise _Refused("is damaged (a storage is not described as torch does)")


class _Pickle:
    """Runs the pickles of a file.

    Attributes:
        storages: the storages that were named, by key.
    """

    def __init__(self, file: io.BytesIO | mmap.mmap) -> None:
        self._file: Any = file  # genops needs no more than read, readline and tell
        self.storages: dict[str, _Storage] = {}

    def load(self) -> Any:
        """Return what the pickle at the file's position builds; tensors come as :class:`_Tensor`."""
        stack: list[Any] = []
        marks: list[int] = []
        memo: dict[int, Any] = {}

        def pop(count: int) -> list[Any]:
            if count > len(stack):
                raise ValueError("a value is missing")
            start = len(stack) - count
            items = stack[start:]
            del stack[start:]
            return items

        def pop_marked() -> list[Any]:
            return pop(len(stack) - marks.pop())

        argument: Any
        for step, (instruction, argument, _) in enumerate(pickletools.genops(self._file)):
            if step > MAX_STEPS:
                raise _Refused("is not a checkpoint (its pickle is too long)")
            name = instruction.name
            if name in VALUES:
                stack.append(argument)
            elif name in CONSTANTS:
                stack.append(CONSTANTS[name])
            elif name in TUPLES:
                stack.append(tuple(pop(TUPLES[name])))
            else:
                match name:
                    case "PROTO" | "FRAME":
                        pass
                    case "MARK":
                        marks.append(len(stack))
                    case "EMPTY_TUPLE":
                        stack.append(())
                    case "TUPLE":
                        stack.append(tuple(pop_marked()))
                    case "EMPTY_LIST":
                        stack.append([])
                    case "LIST":
                        stack.append(pop_marked())
                    case "APPEND" | "APPENDS":
                        items = pop(1) if name == "APPEND" else pop_marked()
                        stack[-1].extend(items)
                    case "EMPTY_DICT":
                        stack.append({})
                    case "DICT":
                        stack.append(_dictionary([pop_marked()]))
                    case "SETITEM" | "SETITEMS":
                        items = pop(2) if name == "SETITEM" else pop_marked()
                        _put(stack[-1], items)
                    case "PUT" | "BINPUT" | "LONG_BINPUT":
                        memo[argument] = stack[-1]
                    case "MEMOIZE":
                        memo[len(memo)] = stack[-1]
                    case "GET" | "BINGET" | "LONG_BINGET":
                        stack.append(memo[argument])
                    case "GLOBAL" | "INST":
                        stack.append(_global(argument))
                    case "STACK_GLOBAL":
                        stack.append(_global(" ".join(pop(2))))
                    case "REDUCE":
                        function, arguments = pop(2)
                        if function not in FUNCTIONS.values():
                            raise TypeError("what is called is not a function")
                        stack.append(function(*arguments))
                    case "BUILD":
                        pop(1)  # attributes, such as the _metadata of a state dict: not needed
                    case "BINPERSID":
                        storage = _storage(*pop(1))
                        self.storages[storage.key] = storage
                        stack.append(storage)
                    case "STOP":
                        return stack.pop()
                    case _:
                        raise _Refused(
                            f"is no checkpoint or not merely weights (pickle instruction {name})", NOT_WEIGHTS
                        )
        raise ValueError("no end")


def _state_dict(found: Any) -> dict[str, _Tensor]:
    for key in ("state_dict", "model"):
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    if not isinstance(found, dict) or not found:
        raise _Refused("holds no dictionary of weights", NOT_WEIGHTS)
    for key, value in found.items():
        if not isinstance(key, str) or not isinstance(value, _Tensor):
            raise _Refused(f"holds something that is not a tensor, {key!r:.80}", NOT_WEIGHTS)
    return found


# ------------------------------------------------------------------------------ arrays


Span = tuple[int, int]  # first byte in the file and the one after the last


def _arrays(data: mmap.mmap, tensors: dict[str, _Tensor], spans: dict[str, Span]) -> dict[str, Array]:
    """Make the arrays; ``spans`` says where each storage is, inside the file."""
    size = 0
    arrays = {}
    for name, tensor in tensors.items():
        _check(name, tensor, spans)
        arrays[name] = _array(data, tensor, spans[tensor.storage.key][0])
        size += arrays[name].nbytes
        if size > MAX_GROWTH * len(data):
            raise _Refused("describes far more data than it holds")
    return arrays


def _check(name: str, tensor: _Tensor, spans: dict[str, Span]) -> None:
    """Refuse a tensor that reaches out of its storage or repeats it, and a storage of another length."""
    start, stop = spans.get(tensor.storage.key, (0, -1))
    if tensor.storage.length * _itemsize(tensor.storage.dtype) != stop - start:
        raise _Refused(f"is damaged (the data of {name} is missing or of another length)")
    shape, strides = tensor.shape, tensor.strides
    if (
        not isinstance(shape, tuple)
        or not isinstance(strides, tuple)
        or not len(shape) == len(strides) <= 8
        or not all(isinstance(value, int) and value >= 0 for value in (*shape, *strides, tensor.offset))
        or math.prod(size or 1 for size in shape) > max(tensor.storage.length, MAX_EMPTY)
    ):
        raise _Refused(f"is damaged (shape of {name})")
    count = math.prod(shape)
    last = tensor.offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if count > tensor.storage.length or (count and last >= tensor.storage.length):
        raise _Refused(f"is damaged ({name} reaches out of its data)")


def _array(data: mmap.mmap, tensor: _Tensor, start: int) -> Array:
    wide = tensor.storage.dtype == BFLOAT16
    dtype = np.dtype("<u2" if wide else tensor.storage.dtype)
    if 0 in tensor.shape:
        return np.empty(tensor.shape, "<f4" if wide else dtype)
    storage = np.frombuffer(
        data, dtype, tensor.storage.length - tensor.offset, start + tensor.offset * dtype.itemsize
    )
    axes = zip(tensor.shape, tensor.strides, strict=True)
    strides = [stride * dtype.itemsize if size > 1 else 0 for size, stride in axes]
    view = np.lib.stride_tricks.as_strided(storage, tensor.shape, strides, writeable=False)
    array = np.require(view, requirements=["C", "ALIGNED"])
    return (array.astype("<u4") << 16).view("<f4") if wide else array


def _itemsize(dtype: str) -> int:
    return 2 if dtype == BFLOAT16 else np.dtype(dtype).itemsize


# ----------------------------------------------------------------------------- formats


def _read_legacy(data: mmap.mmap) -> dict[str, Array]:
    """Pickles of magic number, protocol, system, weights and storage keys; then the storages.

    A storage is its count of elements (8 bytes) and the elements.
    """
    pickle = _Pickle(data)
    if pickle.load() != MAGIC:
        raise _Refused("is a pickle, but not one that torch wrote", NOT_WEIGHTS)
    pickle.load()
    system = pickle.load()
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise _Refused(*BIG_ENDIAN)
    tensors = _state_dict(pickle.load())
    keys = pickle.load()
    if not isinstance(keys, list) or set(map(str, keys)) != set(pickle.storages):
        raise _Refused("is damaged (its list of storages)")
    spans = {}
    position = data.tell()
    for key in keys:
        storage = pickle.storages[key]
        if int.from_bytes(data[position : position + 8], "little") != storage.length:
            raise _Refused("is truncated or damaged (the length of a storage)")
        start, position = position + 8, position + 8 + storage.length * _itemsize(storage.dtype)
        if position > len(data):
            raise _Refused("is truncated")
        spans[key] = (start, position)
    if position != len(data):
        raise _Refused("has bytes after its end")
    return _arrays(data, tensors, spans)


def _read_zip(data: mmap.mmap) -> dict[str, Array]:
    """An uncompressed archive of ``NAME/data.pkl``, ``NAME/byteorder`` and ``NAME/data/KEY``."""
    archive: Any = data  # read and seek are enough
    entries = zipfile.ZipFile(archive).infolist()
    if data[-22:-18] != b"PK\x05\x06":
        raise _Refused("has bytes after its end")
    spans = {}
    for entry in entries:
        if entry.filename in spans or re.search(r"^/|(^|/)\.\.(/|$)|\\", entry.filename):
            raise _Refused(f"holds an entry that torch does not write, {entry.filename!r:.80}")
        spans[entry.filename] = _span(data, entry)
    if sum(stop - start for start, stop in spans.values()) > len(data):
        raise _Refused("holds entries that overlap")
    roots = [name[:-8] for name in spans if re.fullmatch(r"[^/]+/data\.pkl", name)]
    if len(roots) != 1:
        raise _Refused("is an archive, but not one that torch wrote", "give a .pth or .safetensors file")
    (root,) = roots
    start, stop = spans.get(f"{root}byteorder", (0, 0))
    if data[start:stop] == b"big":
        raise _Refused(*BIG_ENDIAN)
    start, stop = spans[f"{root}data.pkl"]
    tensors = _state_dict(_Pickle(io.BytesIO(data[start:stop])).load())
    prefix = f"{root}data/"
    storages = {name.removeprefix(prefix): span for name, span in spans.items() if name.startswith(prefix)}
    return _arrays(data, tensors, storages)


def _span(data: mmap.mmap, entry: zipfile.ZipInfo) -> Span:
    """Where the bytes of an archive entry are: after its local header, which has lengths of its own."""
    if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
        raise _Refused(f"is compressed or encrypted ({entry.filename!r:.80})", "save it with torch.save")
    header = data[entry.header_offset : entry.header_offset + 30]
    if len(header) < 30 or header[:4] != b"PK\x03\x04" or entry.compress_size != entry.file_size:
        raise _Refused(f"is damaged (the header of {entry.filename!r:.80})")
    start = entry.header_offset + 30 + sum(struct.unpack("<HH", header[26:]))
    if start + entry.file_size > len(data):
        raise _Refused(f"is truncated or damaged (the size of {entry.filename!r:.80})")
    return start, start + entry.file_size


def _read_safetensors(data: mmap.mmap) -> dict[str, Array]:
    """Length of the header (8 bytes), the header (JSON), then the tensors without gaps."""
    base = 8 + int.from_bytes(data[:8], "little")
    if base > min(len(data), MAX_HEADER):
        raise _Refused("is truncated or not a checkpoint (length of the header)")
    header = json.loads(data[8:base])
    header.pop("__metadata__", None)
    tensors, spans = {}, {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        shape = tuple(entry["shape"])
        storage = _Storage(name, SAFETENSORS[entry["dtype"]], math.prod(shape))
        strides = tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
        tensors[name] = _Tensor(storage, 0, shape, strides)
        spans[name] = (base + begin, base + end)
    edges = [(base, base), *sorted(spans.values()), (len(data), len(data))]
    if any(before[1] != after[0] for before, after in pairwise(edges)):
        raise _Refused("is truncated, or its tensors do not fill it")
    return _arrays(data, tensors, spans)
