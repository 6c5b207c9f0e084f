"""How the C library hands out memory, and what the process can do without."""

from __future__ import annotations

import sys
from contextlib import suppress

ARENAS = 2
_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8  # of malloc.h
_MADV_DONTNEED = 4  # of mman.h


def share_arenas() -> None:
    """Let all threads of this process share two of glibc's arenas. Call it before they start.

    Otherwise threads get up to eight for each core. Those of a pipeline come and go with the source,
    and whatever still lives in an arena keeps the holes of frames around it: in minutes of opening
    one source after another the process grew by half. To share costs no time that can be measured.
    Elsewhere than on glibc this does nothing.
    """
    _mallopt(_M_ARENA_MAX, ARENAS)


def keep_freed() -> None:
    """Keep memory that is freed for the next use of it, however large.

    glibc gives large blocks back to the system at once. Where every step frees and asks for the same
    ones, as in training, their pages are cleared and mapped anew each time: a fifth of the time.
    Elsewhere than on glibc this does nothing.
    """
    _mallopt(_M_MMAP_MAX, 0)
    _mallopt(_M_TRIM_THRESHOLD, -1)


def _mallopt(parameter: int, value: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(parameter, value)


def forget(*names: str) -> None:
    """Let go of memory that mirrors files which have been read and are hardly needed again.

    These are a model's weights, which OpenVINO keeps mapped beside its own arrangement of them, and the
    code of what compiles. With a large model that is a quarter of the process. What is needed again,
    the system maps again. Elsewhere than on Linux this does nothing.

    Args:
        names: parts of the files' paths.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    madvise = ctypes.CDLL(None).madvise
    with suppress(OSError), open("/proc/self/maps", encoding="utf-8", errors="replace") as mappings:
        for line in mappings:
            span, access, _, _, _, *path = line.split(maxsplit=5)
            # data or code as they are in the file: into what is private the loader may have written
            if access in ("r--s", "r-xp") and path and any(name in path[0] for name in names):
                start, end = (int(number, 16) for number in span.split("-"))
                madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_DONTNEED)
