"""The dialog that asks for a network address."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from yolact_live.gui.recent import LEFT_OUT
from yolact_live.gui.translation import tr

_WIDTH_PX = 460
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


class Address(QDialog):
    """Asks for an address and, if it needs one, a login.

    Args:
        address: to begin with.
        then: called with the address that was chosen, its login in it.
    """

    def __init__(self, parent: QWidget, address: str, then: Callable[[str], object]) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Open address"))
        self._then = then
        self.address = _line(address.replace(f"{LEFT_OUT}@", ""), tr("Address"))
        self.address.setPlaceholderText("rtsp://camera.local:554/stream")
        self.user = _line("", tr("User name"))
        self.password = _line("", tr("Password"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        for line in (self.user, self.password):
            line.setPlaceholderText(tr("only if it asks for one"))
        hint = QLabel(
            tr("rtsp:// or http:// of a camera, a playlist (.m3u8) or a video. Passwords are not kept.")
        )
        hint.setObjectName("muted")
        hint.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel
        )
        form = QFormLayout()
        for line in (self.address, self.user, self.password):
            form.addRow(line.accessibleName(), line)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(hint)
        column.addWidget(self.buttons)
        self.setMinimumWidth(_WIDTH_PX)
        self.address.textChanged.connect(self._check)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._check(self.address.text())
        if address:
            self.user.setFocus()

    def accept(self) -> None:
        if _is_whole(self.address.text()):
            super().accept()
            self._then(with_login(self.address.text().strip(), self.user.text(), self.password.text()))

    def _check(self, text: str) -> None:
        self.buttons.button(QDialogButtonBox.StandardButton.Open).setEnabled(_is_whole(text))


def with_login(address: str, user: str, password: str) -> str:
    """Return an address with a login, whatever characters that has; as it is without a user name.

    >>> with_login("rtsp://camera.local/live", "me", "a/b@c")
    'rtsp://me:a%2Fb%40c@camera.local/live'
    """
    if not user:
        return address
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{quote(user, '')}:{quote(password, '')}@{host.rpartition('@')[2]}{slash}{path}"


def _is_whole(text: str) -> bool:
    return bool(_ADDRESS.fullmatch(text.strip())) and LEFT_OUT not in text


def _line(text: str, name: str) -> QLineEdit:
    line = QLineEdit(text)
    line.setAccessibleName(name)
    return line
