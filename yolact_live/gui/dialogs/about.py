"""What this program is, what it is made with, and what a report of a problem needs."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from yolact_live import __version__
from yolact_live.gui import theme
from yolact_live.gui.devices import Devices
from yolact_live.gui.diagnostics import diagnostics, libraries
from yolact_live.gui.translation import tr
from yolact_live.settings import Settings

_LOGO_PX = 64
WORDS = (
    "Segments every object in live or recorded video, in real time, on the processor you already own.\n\n"
    "The program and its built-in model are under the MIT licence. The method is YOLACT "
    "(Bolya, Zhou, Xiao, Lee, 2019). It is made with:"
)


class About(QDialog):
    """Versions and licences; the diagnostics can be copied."""

    def __init__(self, window: QWidget, settings: Settings, devices: Devices) -> None:
        super().__init__(window)
        self.setWindowTitle(tr("About YOLACT Live"))
        self._text = diagnostics(settings, devices.runs_on)
        logo, title, runs_on = QLabel(), QLabel(f"YOLACT Live {__version__}"), QLabel()
        words = QLabel(tr(WORDS))
        picture = theme.picture("yolact-live", "", round(_LOGO_PX * self.devicePixelRatioF()))
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        logo.setPixmap(picture)
        title.setObjectName("title")
        device = devices.runs_on
        runs_on.setText(tr("Runs on {device}", device=device) if device else tr("No model is running"))
        runs_on.setObjectName("muted")
        words.setWordWrap(True)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addStretch(1)
        names.addWidget(title)
        names.addWidget(runs_on)
        names.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(logo)
        head.addLayout(names, 1)
        self.list = QTreeWidget()
        self.list.setHeaderLabels([tr("Library"), tr("Version"), tr("Licence")])
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName(tr("Libraries"))
        self.list.setToolTip(tr("Libraries, their versions and licences"))
        for library in libraries():
            item = QTreeWidgetItem([library.name, library.version, library.licence])
            item.setToolTip(2, library.licence)
            self.list.addTopLevelItem(item)
        for section in (0, 1):
            self.list.header().setSectionResizeMode(section, QHeaderView.ResizeMode.ResizeToContents)
        self.copy = QPushButton(tr("Copy diagnostics"))
        self.copy.setToolTip(tr("Copy versions, machine and settings: what a report of a problem needs"))
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self._copy)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        bottom = QHBoxLayout()
        bottom.addWidget(self.copy)
        bottom.addStretch(1)
        bottom.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(14)
        column.addLayout(head)
        column.addWidget(words)
        column.addWidget(self.list, 1)
        column.addLayout(bottom)
        self.resize(540, min(560, window.height() - 40))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self.copy.setText(tr("Copied"))
