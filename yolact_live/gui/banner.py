"""Messages above the video: what went wrong or what was done, and what to do next."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from yolact_live.gui import theme
from yolact_live.gui.theme import Theme

Button = tuple[str, Callable[[], None]]


class Banner(QFrame):
    """One message with an optional button; can be dismissed."""

    def __init__(self, kind: str, message: str, remedy: str, button: Button | None) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.setProperty("kind", kind)
        self.kind, self.message, self.remedy = kind, message, remedy
        self._icon = QLabel()
        text = QLabel(f"{message[:1].upper()}{message[1:]}{'.' if not message.endswith('.') else ''}")
        text.setTextFormat(Qt.TextFormat.PlainText)
        if remedy:
            text.setText(f"{text.text()} {remedy[:1].upper()}{remedy[1:]}.")
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(text.text())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 8, 8, 8)
        layout.setSpacing(10)
        layout.addWidget(self._icon)
        layout.addWidget(text, 1)
        if button:
            action = QToolButton(text=button[0])
            action.clicked.connect(button[1])
            layout.addWidget(action)
        self.dismiss = QToolButton(objectName="dismiss", toolTip="Dismiss")
        self.dismiss.setAccessibleName("Dismiss")
        self.dismiss.setIconSize(QSize(16, 16))
        layout.addWidget(self.dismiss)

    def set_theme(self, colours: Theme) -> None:
        """Draw the icons anew."""
        text = colours.banners[self.kind][1]
        pixmap = theme.picture("info" if self.kind == "info" else "error", text, 60)
        pixmap.setDevicePixelRatio(3)
        self._icon.setPixmap(pixmap)
        self.dismiss.setIcon(theme.icon("close", text, text))


class Banners(QWidget):
    """The messages, one for each topic; a new one replaces the old one of its topic."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: dict[str, Banner] = {}
        self._theme = theme.LIGHT
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.hide()

    def show_message(
        self, topic: str, kind: str, message: str, remedy: str = "", button: Button | None = None
    ) -> None:
        """Show a message.

        Args:
            topic: what it is about.
            kind: error, warning or info.
            button: text and what it does.
        """
        self.clear(topic)
        banner = Banner(kind, message, remedy, button)
        banner.set_theme(self._theme)
        banner.dismiss.clicked.connect(lambda: self.clear(topic))
        self.shown[topic] = banner
        self._layout.addWidget(banner)
        self.show()

    def clear(self, topic: str) -> None:
        """Take the message of a topic away, if there is one."""
        banner = self.shown.pop(topic, None)
        if banner:
            self._layout.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        self.setVisible(bool(self.shown))

    def set_theme(self, colours: Theme) -> None:
        """Follow a change of the theme."""
        self._theme = colours
        for banner in self.shown.values():
            banner.set_theme(colours)
