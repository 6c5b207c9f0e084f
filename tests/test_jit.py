"""Kernels are compiled only while somebody waits for them."""

from __future__ import annotations

import threading

from yolact_live.jit import GivenUp, give_up_when, kernel


def double(x: float) -> float:
    return x + x


def compiled() -> bool:
    try:
        return bool(kernel("f8(f8)")(double)(2.0) == 4.0)
    except GivenUp:
        return False


def test_no_kernel_is_compiled_once_its_thread_is_to_stop() -> None:
    stop, done = threading.Event(), []

    def work() -> None:
        give_up_when(stop)
        done.append(compiled())
        stop.set()
        done.append(compiled())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True, False]
    assert compiled(), "another thread goes on"
