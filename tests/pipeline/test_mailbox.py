from __future__ import annotations

import threading

import pytest

from yolact_live.pipeline.mailbox import Closed, Mailbox


def test_newest_wins_and_the_loss_is_counted() -> None:
    box: Mailbox[int] = Mailbox(2, newest=True)
    assert [box.put(i) for i in range(5)] == [0, 0, 1, 1, 1]
    assert [box.get(), box.get()] == [3, 4]


def test_a_full_mailbox_makes_the_sender_wait_and_loses_nothing() -> None:
    box: Mailbox[int] = Mailbox(2)
    sender = threading.Thread(target=lambda: [box.put(i) for i in range(50)] and box.close())
    sender.start()
    assert list(box) == list(range(50))
    sender.join(5)


def test_close_lets_the_rest_out_abort_does_not() -> None:
    for end, left in ((Mailbox.close, [1]), (Mailbox.abort, [])):
        box: Mailbox[int] = Mailbox(4)
        box.put(1)
        end(box)
        assert list(box) == left
        with pytest.raises(Closed):
            box.put(2)


def test_abort_wakes_a_sender_that_waits() -> None:
    box: Mailbox[int] = Mailbox(1)
    box.put(0)
    woken = threading.Event()

    def send() -> None:
        with pytest.raises(Closed):
            box.put(1)
        woken.set()

    sender = threading.Thread(target=send)
    sender.start()
    box.abort()
    assert woken.wait(5)
    sender.join()
