"""Messages above the video: what went wrong or what was done, and what to do next."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from yolact_live.errors import YolactLiveError
from yolact_live.gui import theme
from yolact_live.gui.actions import OwnKeys
from yolact_live.gui.theme import Theme
from yolact_live.gui.translation import spoken, tr

INFO_MS = 10_000
"""Good news goes away by itself."""

Button = tuple[str, Callable[[], object]]


class Banner(QFrame):
    """One message with an optional button; can be dismissed."""

    def __init__(self, kind: str, text: str, button: Button | None) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.setProperty("kind", kind)
        self.setAccessibleName(text)
        self.kind, self.text = kind, text
        self.button: QToolButton | None = None
        self._icon = QLabel()
        words = QLabel(text)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 7, 8, 7)
        layout.setSpacing(10)
        layout.addWidget(self._icon)
        layout.addWidget(words, 1)
        self.dismiss = _button(tr("Dismiss"), self)
        self.dismiss.setObjectName("dismiss")
        self.dismiss.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.dismiss.setIconSize(QSize(16, 16))
        if button:
            self.button = _button(button[0], self)
            self.button.clicked.connect(lambda: button[1]())
            layout.addWidget(self.button)
        layout.addWidget(self.dismiss)

    def set_theme(self, colours: Theme) -> None:
        """Draw the icons anew."""
        text = colours.banners[self.kind][1]
        self._icon.setPixmap(
            theme.icon("info" if self.kind == "info" else "error", text, text).pixmap(20, 20)
        )
        self.dismiss.setIcon(theme.icon("close", text, text))


def _button(text: str, banner: Banner) -> QToolButton:
    button = QToolButton(banner)
    button.setText(text)
    button.setToolTip(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.installEventFilter(OwnKeys(button, Qt.Key.Key_Space))
    return button


class Banners(QWidget):
    """The messages, one for each topic; a new one replaces the old one of its topic.

    Attributes:
        shown: topic → banner.

    Args:
        report: is told of failures that are bugs.
    """

    def __init__(self, report: Callable[[BaseException], None] = lambda error: None) -> None:
        super().__init__()
        self.report = report
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
            message, remedy: what is wrong and what to do, without full stops.
            button: text and what it does.
        """
        self.clear(topic)
        banner = Banner(kind, " ".join(_sentence(part) for part in (message, remedy) if part), button)
        banner.set_theme(self._theme)
        banner.dismiss.clicked.connect(lambda: self.clear(topic))
        self.shown[topic] = banner
        self._layout.addWidget(banner)
        self.show()
        if kind == "info":
            # the timer dies with the banner
            QTimer.singleShot(INFO_MS, banner, lambda: self.clear(topic))

    def show_error(
        self, topic: str, error: BaseException, button: Button | None = None, kind: str = "error"
    ) -> None:
        """Show a failure; one that is a bug also goes to the terminal, with its traceback."""
        if isinstance(error, YolactLiveError):
            self.show_message(topic, kind, spoken(error.message), spoken(error.remedy), button)
        else:
            traceback.print_exception(error)
            self.report(error)
            words = tr("something went wrong inside the program: {error}", error=repr(error))
            self.show_message(topic, "error", words, "", button)

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


def _sentence(text: str) -> str:
    word = text.split(" ", 1)[0]
    start = text[:1].upper() if word.isalpha() else text[:1]  # names of files and addresses stay as they are
    return start + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
