"""The report of a crash, and what to do with it."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from yolact_live.gui.opencv import forget_opencv_qt
from yolact_live.gui.reports import Reports
from yolact_live.gui.translation import tr


class CrashDialog(QDialog):
    """Shows the newest report."""

    def __init__(self, window: QWidget, reports: Reports) -> None:
        super().__init__(window)
        self.setWindowTitle(tr("Report of a failure"))
        self._reports = reports
        words = QLabel(
            tr(
                "The program failed in a way that nobody foresaw. This report says where. It stays on this "
                "computer; passing it on to the authors helps them to mend it."
            )
        )
        words.setWordWrap(True)
        left = reports.left()
        self.text = QPlainTextEdit(left[0].read_text("utf-8", "replace") if left else "")
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Report"))
        self.text.setToolTip(tr("What a person needs who is to mend this"))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.copy = self._button(tr("Copy"), tr("Copy the report"), self._copy)
        folder = self._button(tr("Open folder"), tr("Show where the reports are"), self._open_folder)
        self.discard = self._button(tr("Discard"), tr("Throw all reports away"), self._discard)
        later = self._button(tr("Later"), tr("Keep the report, and ask at the next start again"), self.reject)
        row = QHBoxLayout()
        for button in (self.copy, folder):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.discard, later):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(14)
        column.addWidget(words)
        column.addWidget(self.text, 1)
        column.addLayout(row)
        self.resize(620, min(520, window.height() - 40))

    def _button(self, text: str, tip: str, press: object) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(press)
        return button

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText(tr("Copied"))

    def _open_folder(self) -> None:
        forget_opencv_qt()  # the file manager may be a Qt program
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._reports.folder)))

    def _discard(self) -> None:
        self._reports.discard()
        self.accept()
