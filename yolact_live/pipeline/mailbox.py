"""The hand-over between two threads."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):
    """Nothing comes any more: the other side has closed the mailbox."""


class Mailbox(Generic[T]):
    """A bounded queue that can be closed from either side.

    Args:
        capacity: how many items it holds.
        newest: when full, make room by dropping the oldest item (live) instead of making
            the sender wait (files).
    """

    def __init__(self, capacity: int, newest: bool = False) -> None:
        self._items: deque[T] = deque()
        self._capacity = capacity
        self._newest = newest
        self._closed = False
        self._changed = threading.Condition()

    def put(self, item: T) -> int:
        """Add an item; return how many were dropped for it.

        Waits while the mailbox is full, unless it keeps the newest.

        Raises:
            Closed: the mailbox is or becomes closed.
        """
        with self._changed:
            while not self._newest and not self._closed and len(self._items) >= self._capacity:
                self._changed.wait()
            if self._closed:
                raise Closed
            dropped = 0
            while len(self._items) >= self._capacity:
                self._items.popleft()
                dropped += 1
            self._items.append(item)
            self._changed.notify_all()
            return dropped

    def get(self) -> T:
        """Take the oldest item; wait for one.

        Raises:
            Closed: the mailbox is closed and empty.
        """
        with self._changed:
            while not self._items and not self._closed:
                self._changed.wait()
            if not self._items:
                raise Closed
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def __iter__(self) -> Iterator[T]:
        """Take items until the mailbox is closed and empty."""
        with suppress(Closed):
            while True:
                yield self.get()

    def poll(self) -> T | None:
        """Take the oldest item if there is one."""
        with self._changed:
            if not self._items:
                return None
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Accept nothing more; what is inside can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def abort(self) -> None:
        """Close and throw away what is inside."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._changed.notify_all()

    def clear(self) -> int:
        """Throw away what is inside; return how many items that were."""
        with self._changed:
            dropped = len(self._items)
            self._items.clear()
            self._changed.notify_all()
            return dropped

    def __len__(self) -> int:
        return len(self._items)
