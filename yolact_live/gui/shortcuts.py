"""Which keys do what: the table of actions, and what a person has changed."""

from __future__ import annotations

from PySide6.QtGui import QAction, QKeySequence

from yolact_live.gui.actions import ACTIONS, BY_NAME, give_keys
from yolact_live.gui.saver import Saver


class Shortcuts:
    """The keys of the actions; a change holds at once and is kept.

    Args:
        kept: action → keys, where a person has changed them. Unknown actions are ignored.
    """

    def __init__(self, actions: dict[str, QAction], kept: dict[str, tuple[str, ...]], saver: Saver) -> None:
        self._actions = actions
        self._saver = saver
        for name, keys in kept.items():
            if name in BY_NAME:
                give_keys(actions[name], BY_NAME[name], tuple(filter(None, map(normal, keys))))

    def keys(self, name: str) -> tuple[str, ...]:
        """Keys of an action, as :func:`normal` writes them."""
        return tuple(normal(keys.toString()) for keys in self._actions[name].shortcuts())

    def owner(self, key: str) -> str | None:
        """Return the action that a key belongs to."""
        return next((spec.name for spec in ACTIONS if normal(key) in self.keys(spec.name)), None)

    def changed(self, name: str) -> bool:
        """Whether an action's keys are not those that it was made with."""
        return self.keys(name) != tuple(map(normal, BY_NAME[name].keys))

    def set(self, name: str, keys: tuple[str, ...]) -> None:
        """Give an action other keys; who had them loses them."""
        for key in map(normal, keys):
            owner = self.owner(key)
            if owner and owner != name:
                self._give(owner, tuple(other for other in self.keys(owner) if other != key))
        self._give(name, tuple(map(normal, keys)))

    def reset(self, name: str) -> None:
        """Give an action the keys that it was made with."""
        self.set(name, BY_NAME[name].keys)

    def clashes(self) -> dict[str, list[str]]:
        """Keys that several actions have, as a file edited by hand may say: key → actions."""
        owners: dict[str, list[str]] = {}
        for spec in ACTIONS:
            for key in self.keys(spec.name):
                owners.setdefault(key, []).append(spec.name)
        return {key: names for key, names in owners.items() if len(names) > 1}

    def _give(self, name: str, keys: tuple[str, ...]) -> None:
        give_keys(self._actions[name], BY_NAME[name], keys)
        self._saver.note("keys", name, keys if self.changed(name) else None)


def normal(key: str) -> str:
    """Write a key in the one way that Qt reads everywhere; "" if it is none."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def readable(keys: tuple[str, ...]) -> str:
    """Write keys as this system does."""
    native = QKeySequence.SequenceFormat.NativeText
    return "   ".join(QKeySequence(key).toString(native) for key in keys)
