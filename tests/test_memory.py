"""What the process can do without is let go of, and is there again when it is wanted."""

from __future__ import annotations

import ctypes
import mmap
import re
import sys
from pathlib import Path

import pytest

from yolact_live.memory import forget

SIZE = 1 << 22

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere this does nothing")


def resident(name: str, access: str) -> int:
    """Return how many bytes of mapped files are in memory."""
    total, counts = 0, False
    for line in Path("/proc/self/smaps").read_text("utf-8").splitlines():
        if re.match("[0-9a-f]+-[0-9a-f]+ ", line):
            counts = name in line and line.split()[1] == access
        elif counts and line.startswith("Rss:"):
            total += int(line.split()[1]) * 1024
    return total


def test_a_mapped_file_is_forgotten_and_read_again(tmp_path: Path) -> None:
    content = bytes(range(256)) * (SIZE // 256)
    for name in ("weights.bin", "other.bin"):
        (tmp_path / name).write_bytes(content)
    with (tmp_path / "weights.bin").open("rb") as a, (tmp_path / "other.bin").open("rb") as b:
        weights = mmap.mmap(a.fileno(), SIZE, mmap.MAP_SHARED, mmap.PROT_READ)
        other = mmap.mmap(b.fileno(), SIZE, mmap.MAP_SHARED, mmap.PROT_READ)
        assert weights[:] == other[:] == content
        assert resident("/weights.bin", "r--s") == SIZE
        forget(str(tmp_path / "weights"))
        assert resident("/weights.bin", "r--s") == 0
        assert resident("/other.bin", "r--s") == SIZE
        assert weights[:] == content
        weights.close()
        other.close()


def test_what_was_written_is_never_forgotten(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(bytes(SIZE))
    with (tmp_path / "weights.bin").open("rb") as file:
        own = mmap.mmap(file.fileno(), SIZE, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    own[:4] = b"kept"
    forget(str(tmp_path))
    assert own[:4] == b"kept"
    own.close()


def test_forgotten_code_still_runs() -> None:
    name = next(path for path in maps() if "libc.so" in path or "libm.so" in path)
    before = resident(name, "r-xp")
    forget(name)
    assert resident(name, "r-xp") < before
    assert ctypes.CDLL(None).abs(-3) == 3


def maps() -> list[str]:
    lines = Path("/proc/self/maps").read_text("utf-8").splitlines()
    return [line.split(maxsplit=5)[5] for line in lines if "r-xp" in line and line.count("/")]
