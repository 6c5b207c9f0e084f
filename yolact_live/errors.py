"""Failures that a user can act on.

Each error says what is wrong (``message``) and what to do about it (``remedy``).
The command line prints ``str(error)`` on one line and exits with ``exit_status``;
the window shows the same words in a banner.
"""

from __future__ import annotations


class YolactLiveError(Exception):
    """Base of all expected failures.

    Attributes:
        message: what is wrong, without a trailing full stop.
        remedy: what the user can do; may be empty.
        exit_status: process exit status of the command line.
    """

    exit_status = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}: {self.remedy}" if self.remedy else self.message


class UsageError(YolactLiveError):
    """The request itself is wrong: an unknown class, model or device, a value out of range."""

    exit_status = 2


class SourceError(YolactLiveError):
    """A camera, file or stream cannot be opened or read."""


class AccessError(SourceError):
    """A stream wants a user name and a password, or others."""


class ModelError(YolactLiveError):
    """A model is missing, damaged, or does not keep YOLACT's contract."""


class DeviceError(YolactLiveError):
    """A device cannot compile or run the model."""


class RecordError(YolactLiveError):
    """An output cannot be written."""
