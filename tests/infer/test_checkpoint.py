"""Checkpoints: what torch writes is read exactly; everything else is refused, and nothing is run."""

from __future__ import annotations

import json
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.infer.torch_format import Global, Storage, Tensor, dumps, tensor, write_legacy, write_zip
from yolact_live.errors import ModelError
from yolact_live.infer import read_checkpoint

Writer = Callable[[Path, Any], Path]


def write_safetensors(path: Path, arrays: dict[str, np.ndarray], **header: Any) -> Path:
    names = {
        "float64": "F64",
        "float32": "F32",
        "float16": "F16",
        "int64": "I64",
        "bool": "BOOL",
        "uint8": "U8",
    }
    position = 0
    for name, array in arrays.items():
        entry = {"dtype": names[array.dtype.name], "shape": list(array.shape)}
        header[name] = {**entry, "data_offsets": [position, position + array.nbytes], **header.get(name, {})}
        position += array.nbytes
    blob = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(blob)) + blob + b"".join(a.tobytes() for a in arrays.values()))
    return path


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {
        "conv.weight": rng.standard_normal((4, 3, 3, 3)).astype(np.float32),
        "conv.bias": rng.standard_normal(4).astype(np.float32),
        "bn.num_batches_tracked": np.array(800000),
    }


def state_dict() -> OrderedDict[str, Tensor]:
    """What ``module.state_dict()`` is: an ordered dictionary with an attribute."""
    state = OrderedDict((name, tensor(array)) for name, array in arrays().items())
    state._metadata = OrderedDict({"": {"version": 1}, "bn": {"version": 2}})  # type: ignore[attr-defined]
    return state


def write_arrays(path: Path, _: Any) -> Path:
    return write_safetensors(path, arrays())


WRITERS: dict[str, Writer] = {"legacy": write_legacy, "zip": write_zip, "safetensors": write_arrays}
every_format = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
torch_formats = pytest.mark.parametrize("write", [write_legacy, write_zip], ids=["legacy", "zip"])


def assert_same(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> None:
    assert list(found) == list(wanted)
    for name, array in wanted.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        np.testing.assert_array_equal(found[name], array)
        assert found[name].flags.c_contiguous
        assert found[name].flags.aligned


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        read_checkpoint(path)
    assert caught.value.remedy
    assert path.name in caught.value.message or str(path) in caught.value.message
    return str(caught.value)


# ------------------------------------------------------------------------------ honest files


@every_format
def test_reads_names_shapes_types_and_values(write: Writer, tmp_path: Path) -> None:
    assert_same(read_checkpoint(write(tmp_path / "x.pth", state_dict())), arrays())


@every_format
def test_the_content_decides_not_the_name(write: Writer, tmp_path: Path) -> None:
    assert_same(read_checkpoint(str(write(tmp_path / "x.bin", state_dict()))), arrays())


@torch_formats
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_reads_every_pickle_protocol(write: Any, protocol: int, tmp_path: Path) -> None:
    assert_same(read_checkpoint(write(tmp_path / "x.pth", state_dict(), protocol=protocol)), arrays())


@torch_formats
@pytest.mark.parametrize("key", ["state_dict", "model"])
def test_finds_weights_inside_a_training_checkpoint(write: Writer, key: str, tmp_path: Path) -> None:
    moment = tensor(np.ones(4, np.float32))
    optimizer = {"state": {0: {"step": 3, "m": moment}}, "param_groups": [{"lr": 0.1, "betas": (0.9, 0.99)}]}
    path = write(tmp_path / "x.pth", {"epoch": 54, key: state_dict(), "optimizer": optimizer, "note": None})
    assert_same(read_checkpoint(path), arrays())


@torch_formats
@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("DoubleStorage", np.float64),
        ("FloatStorage", np.float32),
        ("HalfStorage", np.float16),
        ("LongStorage", np.int64),
        ("IntStorage", np.int32),
        ("ShortStorage", np.int16),
        ("CharStorage", np.int8),
        ("ByteStorage", np.uint8),
        ("BoolStorage", np.bool_),
        ("ComplexDoubleStorage", np.complex128),
        ("ComplexFloatStorage", np.complex64),
    ],
)
def test_reads_every_type(write: Writer, kind: str, dtype: type, tmp_path: Path) -> None:
    array = np.arange(6).reshape(2, 3).astype(dtype)
    assert_same(read_checkpoint(write(tmp_path / "x.pth", {"x": tensor(array, kind)})), {"x": array})


@torch_formats
def test_widens_bfloat16_exactly(write: Writer, tmp_path: Path) -> None:
    wide = np.array([1.0, -2.5, 3e38, 0.0, np.inf], np.float32)
    bits = (wide.view(np.uint32) >> 16).astype(np.uint16)
    found = read_checkpoint(write(tmp_path / "x.pth", {"x": tensor(bits, "BFloat16Storage")}))["x"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, (bits.astype(np.uint32) << 16).view(np.float32))
    assert found[1] == -2.5


@torch_formats
def test_reads_views_of_a_shared_storage(write: Writer, tmp_path: Path) -> None:
    base = np.arange(24, dtype=np.float32)
    storage = Storage(base.tobytes())
    views = {
        "whole": Tensor(storage, 0, (2, 3, 4), (12, 4, 1)),
        "transposed": Tensor(storage, 0, (4, 6), (1, 4)),
        "part": Tensor(storage, 5, (2, 3), (10, 1)),
        "parameter": Tensor(storage, 20, (4,), (1,), parameter=True),
        "scalar": Tensor(storage, 23, (), ()),
        "empty": Tensor(storage, 0, (0, 3), (3, 1)),
        "single": Tensor(storage, 2, (1, 2), (999, 1)),
    }
    wanted = {
        "whole": base.reshape(2, 3, 4),
        "transposed": base.reshape(6, 4).T,
        "part": np.stack([base[5:8], base[15:18]]),
        "parameter": base[20:],
        "scalar": base[23].reshape(()),
        "empty": np.empty((0, 3), np.float32),
        "single": base[2:4].reshape(1, 2),
    }
    assert_same(read_checkpoint(write(tmp_path / "x.pth", views)), wanted)


def test_reads_what_python_2_wrote(tmp_path: Path) -> None:
    """Byte strings as names, and the items of an ordered dictionary as its argument."""
    array = np.arange(3, dtype=np.float32)
    body = (
        b"\x80\x02ccollections\nOrderedDict\n]](U\x01xctorch._utils\n_rebuild_tensor_v2\n"
        b"((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x03NtQK\x00K\x03\x85K\x01\x85\x89}tRea\x85R."
    )
    storage = Storage(array.tobytes(), length=3, key="0")
    assert_same(read_checkpoint(write_legacy(tmp_path / "x.pth", (body, {"0": storage}))), {"x": array})


def test_reads_files_of_torch_itself(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is no dependency; our own writer stands for it")
    base = torch.arange(24.0).reshape(4, 6)
    state = OrderedDict(a=base.t(), b=base[1:, 2:4], c=torch.nn.Parameter(base[0]), d=torch.tensor(7))
    state["e"] = torch.linspace(0, 1, 5, dtype=torch.bfloat16)
    for zipped in (False, True):
        torch.save(
            {"state_dict": state, "epoch": 1}, tmp_path / "x.pth", _use_new_zipfile_serialization=zipped
        )
        assert_same(
            read_checkpoint(tmp_path / "x.pth"),
            {name: value.detach().to(torch.promote_types(value.dtype, torch.int64)).contiguous().numpy()
             if value.dtype != torch.bfloat16 else value.float().numpy() for name, value in state.items()},
        )  # fmt: skip


# ---------------------------------------------------------------------------- hostile pickles


class Reduces:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call


ATTACKS = {
    "os system": (os.system, ("touch {}",)),
    "builtins eval": (eval, ("open({!r}, 'w')",)),
    "builtins exec": (exec, ("open({!r}, 'w')",)),
    "builtins getattr": (getattr, (Reduces(Global("builtins", "__import__"), "os"), "system")),
    "builtins __import__": (Global("builtins", "__import__"), ("os",)),
    "subprocess Popen": (Global("subprocess", "Popen"), (["touch", "{}"],)),
    "numpy.core.multiarray _reconstruct": (
        Global("numpy.core.multiarray", "_reconstruct"),
        (Global("numpy", "ndarray"), (0,), b"b"),
    ),
    "numpy load": (Global("numpy", "load"), ("{}",)),
    "numpy.lib.npyio load": (Global("numpy.lib.npyio", "load"), ("{}", None, True)),
    "torch load": (Global("torch", "load"), ("{}",)),
    "torch.storage _load_from_bytes": (Global("torch.storage", "_load_from_bytes"), (b"cos\nsystem\n.",)),
    "torch.nn.modules.linear Linear": (Global("torch.nn.modules.linear", "Linear"), (1, 2)),
    "collections OrderedDict.fromkeys": (Global("collections", "OrderedDict.fromkeys"), ([],)),
    "torch._utils _rebuild_tensor_v2.__globals__": (
        Global("torch._utils", "_rebuild_tensor_v2.__globals__"),
        (),
    ),
    "yolact_live.infer.checkpoint np": (Global("yolact_live.infer.checkpoint", "np"), ()),
}


@torch_formats
@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
@pytest.mark.parametrize("attack", ATTACKS)
def test_refuses_any_other_global_and_runs_nothing(
    write: Any, attack: str, protocol: int, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    function, arguments = ATTACKS[attack]
    filled = [value.format(str(marker)) if isinstance(value, str) else value for value in arguments]
    path = write(tmp_path / "x.pth", {"x": Reduces(function, *filled), **state_dict()}, protocol=protocol)
    message = refusal(path)
    assert attack.split()[1] in message
    assert not marker.exists()


@pytest.mark.parametrize("protocol", range(6))
def test_refuses_a_pickle_that_is_no_checkpoint(protocol: int, tmp_path: Path) -> None:
    path = tmp_path / "x.pth"
    path.write_bytes(pickle.dumps(Reduces(os.system, f"touch {tmp_path / 'marker'}"), protocol))
    assert "system" in refusal(path)
    path.write_bytes(pickle.dumps(np.arange(3), protocol))
    assert "numpy" in refusal(path)
    path.write_bytes(pickle.dumps({"x": 1}, protocol))
    assert "torch" in refusal(path)
    assert list(tmp_path.iterdir()) == [path]


PROGRAMS = {
    "object of a class": b"(ios\nsystem\n.",
    "object of a class on the stack": b"(cos\nsystem\nS'x'\no.",
    "new object": b"\x80\x02ccollections\nOrderedDict\n)\x81.",
    "extension": b"\x80\x02\x82\x01.",
    "nested state": b"\x80\x02ccollections\nOrderedDict\n)R}X\x05\x00\x00\x00itemsNs\x86b.",
    "call of a value": b"\x80\x02K\x01)R.",
    "call of a storage type": b"\x80\x02ctorch\nFloatStorage\n)R.",
    "storage without a type": b"\x80\x02(X\x07\x00\x00\x00storageNX\x01\x00\x00\x000NK\x01tQ.",
    "persistent module": b"\x80\x02(X\x06\x00\x00\x00moduleNNNtQ.",
    "tensor without storage": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(NK\x00))NNtR.",
    "too few arguments": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.",
    "memo of 2^32": b"\x80\x02Nr\xff\xff\xff\xff.",
    "length of 2^62": b"\x80\x04\x8d" + struct.pack("<Q", 1 << 62) + b"x.",
    "stack underflow": b"\x80\x02\x87.",
    "no mark": b"\x80\x02t.",
    "no memo": b"\x80\x02h\x07.",
    "key that hashes for ever": b"\x80\x02}K\x01" + b"2\x86" * 60 + b"K\x01s.",
    "endless": b"\x80\x02" + b"N0" * 600_000 + b"N.",
    "deep": b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".",
    "list for a dictionary": b"\x80\x02]K\x00K\x01s.",
    "nothing": b".",
    "number of a million digits": b"L" + b"9" * 1_000_000 + b"L\n.",
}


@pytest.mark.timeout(30)
@torch_formats
@pytest.mark.parametrize("program", PROGRAMS)
def test_refuses_hostile_instructions(write: Any, program: str, tmp_path: Path) -> None:
    path = write(tmp_path / "x.pth", (PROGRAMS[program], {}))
    refusal(path)


# ---------------------------------------------------------------------------- hostile tensors


HUGE = 1 << 40
TENSORS = {
    "offset": Tensor(Storage(bytes(48)), 7, (6,), (1,)),
    "negative offset": Tensor(Storage(bytes(48)), -1, (2,), (1,)),
    "stride": Tensor(Storage(bytes(48)), 0, (3, 2), (6, 1)),
    "negative stride": Tensor(Storage(bytes(48)), 11, (12,), (-1,)),
    "huge stride": Tensor(Storage(bytes(48)), 0, (2,), (1 << 62,)),
    "size": Tensor(Storage(bytes(48)), 0, (13,), (1,)),
    "huge size": Tensor(Storage(bytes(48)), 0, (HUGE, HUGE), (HUGE, 1)),
    "repeated": Tensor(Storage(bytes(48)), 0, (HUGE,), (0,)),
    "repeated a little": Tensor(Storage(bytes(48)), 0, (2, 12), (0, 1)),
    "negative size": Tensor(Storage(bytes(48)), 0, (-1, -12), (1, 1)),
    "huge but empty": Tensor(Storage(b""), 0, (HUGE, HUGE, 0), (0, 0, 0)),
    "many axes": Tensor(Storage(bytes(48)), 0, (1,) * 100, (1,) * 100),
    "axes and strides": Tensor(Storage(bytes(48)), 0, (2, 2), (1,)),
    "words for numbers": Tensor(Storage(bytes(48)), 0, ("2",), (1,)),
    "a number for sizes": Tensor(Storage(bytes(48)), 0, 2, 1),
    "fractions": Tensor(Storage(bytes(48)), 0.0, (2.0,), (1.0,)),
    "length": Tensor(Storage(bytes(48), length=13), 0, (12,), (1,)),
    "huge length": Tensor(Storage(bytes(48), length=HUGE), 0, (12,), (1,)),
    "endless length": Tensor(Storage(bytes(48), length=1 << 200), 0, (12,), (1,)),
    "short length": Tensor(Storage(bytes(48), length=11), 0, (2,), (1,)),
    "another type": Tensor(Storage(bytes(48), "DoubleStorage", 12), 0, (12,), (1,)),
}  # fmt: skip


@torch_formats
@pytest.mark.parametrize("name", TENSORS)
def test_refuses_tensors_that_reach_out_of_their_data(write: Writer, name: str, tmp_path: Path) -> None:
    refusal(write(tmp_path / "x.pth", {"x": TENSORS[name]}))


@torch_formats
def test_refuses_a_file_that_unfolds_to_far_more_than_itself(write: Writer, tmp_path: Path) -> None:
    storage = Storage(bytes(400_000))
    bomb = {f"x{i}": Tensor(storage, 0, (250, 400), (1, 250)) for i in range(100)}
    assert "far more" in refusal(write(tmp_path / "x.pth", bomb))


@torch_formats
@pytest.mark.parametrize("obj", [{}, [], 3, None, {"epoch": 3}, {"x": {}}, {"state_dict": {}}, {3: 4}])
def test_refuses_what_holds_no_weights(write: Writer, obj: Any, tmp_path: Path) -> None:
    assert "state_dict()" in refusal(write(tmp_path / "x.pth", obj))


# ------------------------------------------------------------------------------ damaged files


@every_format
def test_refuses_truncated_and_padded_files(write: Writer, tmp_path: Path) -> None:
    data = write(tmp_path / "whole.pth", state_dict()).read_bytes()
    path = tmp_path / "x.pth"
    for tenth in range(1, 10):
        path.write_bytes(data[: len(data) * tenth // 10])
        refusal(path)
    for missing in (1, 8):
        path.write_bytes(data[:-missing])
        refusal(path)
    for padding in (b"\0", b"x" * 1000):
        path.write_bytes(data + padding)
        refusal(path)


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html>Google Drive - Virus scan warning</html>",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:1234\n",
        b"import os\nprint(os)\n",
        b"\0" * 1000,
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"PK\x03\x04" + bytes(100),
        b"x",
    ],
)
def test_refuses_other_files(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.pth"
    path.write_bytes(data)
    message = refusal(path)
    assert "checkpoint" in message or "damaged" in message


def test_refuses_missing_empty_and_unreadable_files(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "none.pth")
    assert "cannot be read" in refusal(tmp_path)
    (tmp_path / "empty.pth").touch()
    assert "is empty" in refusal(tmp_path / "empty.pth")


def test_refuses_the_tar_format_with_its_reason(tmp_path: Path) -> None:
    import tarfile

    (tmp_path / "tensors").write_bytes(b"x")
    with tarfile.open(tmp_path / "x.pth", "w") as archive:
        archive.add(tmp_path / "tensors", "tensors")
    assert "tar format of torch 0.1" in refusal(tmp_path / "x.pth")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@every_format
def test_flipped_bytes_give_arrays_or_a_clear_error(write: Writer, data: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "x.pth", state_dict())
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        found = read_checkpoint(path)
    except ModelError:
        return
    assert all(array.nbytes <= len(content) for array in found.values())


# ---------------------------------------------------------------------------------- archives


def test_refuses_compressed_entries(tmp_path: Path) -> None:
    storage = Storage(bytes(20_000_000))  # a bomb of 20 MB in 20 kB
    path = write_zip(
        tmp_path / "x.pth", {"x": Tensor(storage, 0, (1000,), (1,))}, compression=zipfile.ZIP_DEFLATED
    )
    assert path.stat().st_size < 100_000
    assert "compressed" in refusal(path)


@pytest.mark.parametrize(
    "name", ["../escaped", "archive/../../escaped", "/tmp/escaped", "archive\\..\\escaped", "archive/data/.."]
)
def test_refuses_entries_that_leave_the_archive_and_writes_nothing(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    path = write_zip(folder / "x.pth", state_dict(), extra={name: b"x"})
    assert "torch does not write" in refusal(path)
    assert list(tmp_path.rglob("*")) == [folder, path]


def test_looks_up_storages_under_its_own_prefix_only(tmp_path: Path) -> None:
    body, _ = dumps({"x": Tensor(Storage(bytes(4), key="../secret"), 0, (1,), (1,))})
    path = write_zip(tmp_path / "x.pth", (body, {}), extra={"archive/secret": bytes(4)})
    assert "the data of x is missing" in refusal(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("extra", ["other/data.pkl", "archive/data.pkl", "archive/data/0"])
def test_refuses_ambiguous_archives(extra: str, tmp_path: Path) -> None:
    refusal(write_zip(tmp_path / "x.pth", state_dict(), extra={extra: b"N."}))


def test_refuses_an_archive_that_torch_did_not_write(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.pth", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "not one that torch wrote" in refusal(tmp_path / "x.pth")


def test_refuses_sizes_that_the_file_does_not_hold(tmp_path: Path) -> None:
    data = bytearray(write_zip(tmp_path / "x.pth", state_dict()).read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 20 : entry + 28] = struct.pack("<II", 0x7FFFFFFF, 0x7FFFFFFF)
    (tmp_path / "x.pth").write_bytes(data)
    assert "the size of" in refusal(tmp_path / "x.pth")


def test_refuses_entries_that_share_their_bytes(tmp_path: Path) -> None:
    """A hundred entries of the directory, all of the same 100 kB."""
    storage = {f"x{i}": Tensor(Storage(b"" if i else bytes(100_000), length=25_000), 0, (25_000,), (1,))
               for i in range(100)}  # fmt: skip
    data = bytearray(write_zip(tmp_path / "x.pth", storage).read_bytes())
    directory = [i for i in range(len(data) - 4) if data[i : i + 4] == b"PK\x01\x02"]
    first = next(i for i in directory if data[i + 46 : i + 60] == b"archive/data/0")
    for i in directory:
        if data[i + 46 : i + 59] == b"archive/data/":
            data[i + 16 : i + 28] = data[first + 16 : first + 28]
            data[i + 42 : i + 46] = data[first + 42 : first + 46]
    (tmp_path / "x.pth").write_bytes(data)
    assert "overlap" in refusal(tmp_path / "x.pth")


@torch_formats
def test_refuses_big_endian_files(write: Any, tmp_path: Path) -> None:
    order = {"byteorder": "big"} if write is write_zip else {"little_endian": False}
    assert "big-endian" in refusal(write(tmp_path / "x.pth", state_dict(), **order))


# ------------------------------------------------------------------------------- safetensors


@pytest.mark.parametrize(
    "entry",
    [
        {"data_offsets": [0, HUGE]},
        {"data_offsets": [-4, 0]},
        {"data_offsets": [4, 20]},
        {"data_offsets": [0.0, 16.0]},
        {"data_offsets": "ab"},
        {"shape": [5]},
        {"shape": [HUGE, HUGE]},
        {"shape": [-2, -2]},
        {"shape": ["4"]},
        {"shape": 4},
        {"dtype": "F8_E5M2"},
        {"dtype": ["F32"]},
    ],
)
def test_refuses_hostile_safetensors(entry: dict[str, Any], tmp_path: Path) -> None:
    refusal(write_safetensors(tmp_path / "x.safetensors", {"x": np.ones(4, np.float32)}, x=entry))


@pytest.mark.parametrize(
    "header",
    [b"{" + b'"a":{' * 100_000, b"{}", b"{]", b'{"x":3}', b'{"__metadata__":{}}', b"{" + b"\xff" * 20],
)
def test_refuses_broken_headers(header: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"data")
    refusal(tmp_path / "x.safetensors")


def test_refuses_a_header_longer_than_the_file(tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    assert "length of the header" in refusal(tmp_path / "x.safetensors")


def test_reading_loads_neither_torch_nor_what_runs_models() -> None:
    program = (
        "import sys; from yolact_live.infer import read_checkpoint; "
        "print([name for name in ('torch', 'openvino', 'numba') if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    assert shown.stdout.strip() == "[]"
