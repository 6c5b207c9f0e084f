"""The one numba discipline.

Kernels release the GIL, are cached on disk, have explicit signatures (so that they
compile when their module is imported, never at the first detection) and never use
``parallel=True``: its default threading layer aborts the process when two threads
enter it (numba#8563).

The first start waits for their compilation. What makes that slow is what numba implements in
Python, each piece compiled for itself: arrays that are made or filled by one statement, and
slices. So kernels write into arrays that they are given, element by element.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import platformdirs

# Beside the package numba cannot write when the installation is read-only.
os.environ.setdefault(
    "NUMBA_CACHE_DIR", os.path.join(platformdirs.user_cache_dir("yolact-live", False), "numba")
)

import numba

_njit: Callable[..., Any] = partial(
    numba.njit,
    nogil=True,
    error_model="numpy",
    # sums may be reordered, which lets them vectorise; infinities keep their meaning
    fastmath={"reassoc", "contract", "nsz"},
    no_cfunc_wrapper=True,  # nobody calls them from C
)


_thread = threading.local()


class GivenUp(Exception):
    """Nobody waits for the kernels any more; see :func:`give_up_when`."""


def give_up_when(stop: threading.Event) -> None:
    """Let this thread compile no further kernel once ``stop`` is set.

    The import of the module that has it then raises :class:`GivenUp`; the next one goes on with
    the kernels that are left.
    """
    _thread.stop = stop


def kernel(signature: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a function for one signature, for example ``"void(f4[:,::1], u1[:])"``."""

    def decorator(function: Callable[..., Any]) -> Callable[..., Any]:
        stop: threading.Event | None = getattr(_thread, "stop", None)
        if stop and stop.is_set():
            raise GivenUp
        compiled: Callable[..., Any] = _njit(signature, cache=True)(function)
        return compiled

    return decorator


def inline(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a helper that is only called from kernels and compiled into them."""
    helper: Callable[..., Any] = _njit(no_cpython_wrapper=True)(function)
    return helper
