"""Threads share the heaps of the C library; what the process can do without is let go of."""

from __future__ import annotations

import ctypes
import mmap
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from yolact_live.memory import forget

SIZE = 1 << 22
PROGRAM = """
import ctypes, sys, threading
from yolact_live.memory import share_arenas
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
if sys.argv[1] == "shared":
    share_arenas()
together = threading.Barrier(12)

def work():
    libc.malloc(ctypes.c_size_t(50_000))
    together.wait()

threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
out = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, out)
libc.fclose(out)
"""

FAULTS = """
import resource, sys
from yolact_live.memory import keep_freed
if sys.argv[1] == "kept":
    keep_freed()
for _ in range(10):
    bytearray(1 << 26)[::4096] = bytes(1 << 14)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere this does nothing")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_threads_share_two_arenas() -> None:
    def arenas(how: str) -> int:
        command = [sys.executable, "-c", PROGRAM, how]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.count("<heap nr=")

    assert arenas("alone") > 2
    assert arenas("shared") == 2


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told")
def test_freed_memory_is_used_again() -> None:
    def faults(how: str) -> int:
        command = [sys.executable, "-c", FAULTS, how]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert faults("kept") < faults("returned") / 3


def resident(name: str, access: str) -> int:
    """Return how many bytes of mapped files are in memory."""
    total, counts = 0, False
    for line in Path("/proc/self/smaps").read_text("utf-8").splitlines():
        if re.match("[0-9a-f]+-[0-9a-f]+ ", line):
            counts = name in line and line.split()[1] == access
        elif counts and line.startswith("Rss:"):
            total += int(line.split()[1]) * 1024
    return total


@linux
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


@linux
def test_what_was_written_is_never_forgotten(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(bytes(SIZE))
    with (tmp_path / "weights.bin").open("rb") as file:
        own = mmap.mmap(file.fileno(), SIZE, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    own[:4] = b"kept"
    forget(str(tmp_path))
    assert own[:4] == b"kept"
    own.close()


@linux
def test_forgotten_code_still_runs() -> None:
    name = next(path for path in maps() if "libc.so" in path or "libm.so" in path)
    before = resident(name, "r-xp")
    forget(name)
    assert resident(name, "r-xp") < before
    assert ctypes.CDLL(None).abs(-3) == 3


def maps() -> list[str]:
    lines = Path("/proc/self/maps").read_text("utf-8").splitlines()
    return [line.split(maxsplit=5)[5] for line in lines if "r-xp" in line and line.count("/")]
