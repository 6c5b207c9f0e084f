"""Colours, style sheet and icons, light and dark."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from yolact_live.assets import asset

ENVIRONMENT = "YOLACT_LIVE_THEME"
"""Set to ``light`` or ``dark`` to overrule what is preferred."""

VIDEO_BACKGROUND = "#0d0f12"
VIDEO_TEXT, VIDEO_MUTED = "#e8ebf0", "#9aa4b1"
RED = "#e5484d"
"""Of recordings, on the picture and in icons."""
_ICON_PX = 20
_DENSITIES = (1, 2, 3)


@dataclass(frozen=True)
class Theme:
    """Colours as ``#rrggbb``. Every text has a contrast of at least 4.5:1 to what is under it.

    Attributes:
        window, surface, field: behind everything; behind bars and panels; inside controls.
        text, muted, disabled: what is read first; what is read second; what cannot be used.
        border, hover: lines; what is under the pointer.
        accent, on_accent: what is chosen or filled; text on it.
        alert: recording, and what went wrong.
        check, tick: icons of what is on: drawn on ``accent``; on ``field``.
        banners: kind → background, text.
        lines: of charts.
    """

    name: str
    window: str
    surface: str
    field: str
    text: str
    muted: str
    disabled: str
    border: str
    hover: str
    accent: str
    on_accent: str
    alert: str
    check: str
    tick: str
    banners: dict[str, tuple[str, str]]
    lines: tuple[str, ...]


LIGHT = Theme(
    name="light",
    window="#eef0f3",
    surface="#fafbfc",
    field="#ffffff",
    text="#1a1e24",
    muted="#56606c",
    disabled="#9aa2ac",
    border="#d3d8de",
    hover="#e6e9ed",
    accent="#1667c0",
    on_accent="#ffffff",
    alert="#c62a2f",
    check="check-white",
    tick="check-black",
    banners={
        "error": ("#fbe4e4", "#7d1519"),
        "warning": ("#fdf0cf", "#5f4300"),
        "info": ("#e0edfb", "#0c4379"),
    },
    lines=("#1667c0", "#c2410c", "#08795b", "#a1306f", "#56606c"),
)
DARK = Theme(
    name="dark",
    window="#14171b",
    surface="#1b1f25",
    field="#252a32",
    text="#e6e9ee",
    muted="#a1abb8",
    disabled="#69727e",
    border="#333a44",
    hover="#2b313a",
    accent="#5aa7f5",
    on_accent="#0b1017",
    alert="#ff7a7e",
    check="check-black",
    tick="check-white",
    banners={
        "error": ("#43191d", "#ffc4c2"),
        "warning": ("#3c2f0e", "#ffdf96"),
        "info": ("#15304d", "#bcdcff"),
    },
    lines=("#5aa7f5", "#f0a04b", "#43c59e", "#e58cc0", "#a1abb8"),
)


_preferred = "system"


def prefer(name: str) -> None:
    """Use the theme of this name from now on; ``system`` follows the system."""
    global _preferred
    _preferred = name
    schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    # for what Qt leaves to the system: frames of windows, native dialogs
    QGuiApplication.styleHints().setColorScheme(schemes.get(name, Qt.ColorScheme.Unknown))


def current() -> Theme:
    """Return the theme to use: the environment's, else the preferred one; light if nothing says."""
    for name in (os.environ.get(ENVIRONMENT), _preferred):
        if name in ("light", "dark"):
            return DARK if name == "dark" else LIGHT
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return DARK if dark else LIGHT


def apply(application: QApplication, theme: Theme) -> None:
    """Give the whole application a theme."""
    application.setStyle("Fusion")
    application.setPalette(_palette(theme))
    application.setStyleSheet(_style_sheet(theme))


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette(QColor(theme.surface), QColor(theme.window))
    for key, colour in {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.surface,
        role.Text: theme.text,
        role.Button: theme.surface,
        role.ButtonText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.ToolTipBase: theme.field,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Link: theme.accent,
    }.items():
        palette.setColor(key, QColor(colour))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(theme.disabled))
    return palette


def _style_sheet(theme: Theme) -> str:
    t = theme
    return f"""
    QToolBar {{ background: {t.surface}; border: 0; border-bottom: 1px solid {t.border};
                padding: 5px 8px; spacing: 2px; }}
    QToolBar::separator {{ background: {t.border}; width: 1px; margin: 5px 6px; }}
    QToolButton {{ border: 1px solid transparent; border-radius: 6px; padding: 5px 8px; color: {t.text}; }}
    QToolButton:hover {{ background: {t.hover}; }}
    QToolButton:pressed, QToolButton:checked {{ background: {t.hover}; border-color: {t.border}; }}
    QToolButton:focus {{ border-color: {t.accent}; }}
    QToolButton:disabled {{ color: {t.disabled}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QToolButton[popupMode="1"] {{ padding-right: 24px; }}
    QToolButton::menu-button {{ border: 0; width: 22px; }}
    QToolButton::menu-arrow {{ image: url("{_url("chevron-down")}"); width: 10px; height: 10px; }}
    QMenu {{ background: {t.field}; color: {t.text}; border: 1px solid {t.border}; padding: 4px; }}
    QMenu::item {{ padding: 6px 22px 6px 12px; border-radius: 4px; }}
    QMenu::icon {{ padding-left: 8px; }}
    QMenu::indicator {{ width: 14px; height: 14px; padding-left: 8px; }}
    QMenu::indicator:checked {{ image: url("{_url(t.tick)}"); }}
    QMenu::indicator:checked:selected {{ image: url("{_url(t.check)}"); }}
    QMenu::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
    QMenu::item:disabled {{ color: {t.disabled}; background: transparent; }}
    QMenu::separator {{ height: 1px; background: {t.border}; margin: 4px 8px; }}
    QToolTip {{ background: {t.field}; color: {t.text}; border: 1px solid {t.border}; padding: 4px; }}
    #panel, #panel > QWidget > QWidget, #transport, #recordbar, #status {{
        background: {t.surface}; }}
    #panel {{ border: 0; border-left: 1px solid {t.border}; }}
    #transport, #recordbar, #status {{ border-top: 1px solid {t.border}; }}
    QStatusBar {{ background: {t.surface}; min-height: 0; }}
    QStatusBar::item {{ border: 0; }}
    QMainWindow::separator {{ background: {t.border}; width: 1px; height: 1px; }}
    QDockWidget {{ color: {t.text}; titlebar-close-icon: url("{_url("dock-close")}");
                   titlebar-normal-icon: url("{_url("dock-float")}"); }}
    QDockWidget::close-button, QDockWidget::float-button {{ border: 0; padding: 0; }}
    QDockWidget::close-button:hover, QDockWidget::float-button:hover {{ background: {t.hover}; }}
    QDockWidget::title {{ background: {t.surface}; padding: 8px 12px; }}
    #preview {{ background: {t.field}; border: 1px solid {t.border}; border-radius: 6px; }}
    #title {{ font-size: 15pt; font-weight: 600; }}
    #card {{ background: {t.surface}; border: 1px solid {t.border}; border-radius: 10px; }}
    #card #title {{ font-size: 12pt; }}
    #key {{ background: {t.hover}; border: 1px solid {t.border}; border-radius: 4px; padding: 2px 8px;
            font-weight: 600; }}
    QDialog {{ background: {t.surface}; }}
    #palette {{ border: 1px solid {t.border}; }}
    QPlainTextEdit {{ background: {t.field}; border: 1px solid {t.border}; border-radius: 5px; }}
    QPlainTextEdit:focus, QTreeView:focus {{ border-color: {t.accent}; }}
    QTreeView {{ background: {t.field}; border: 1px solid {t.border}; border-radius: 5px; outline: 0; }}
    QTreeView::item {{ padding: 5px 4px; }}
    QTreeView::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
    #section {{ color: {t.muted}; font-weight: 600; }}
    #muted {{ color: {t.muted}; }}
    #recording {{ color: {t.alert}; font-weight: 600; }}
    QComboBox, QAbstractSpinBox, QLineEdit, QPushButton, #browse {{
        background: {t.field}; color: {t.text}; border: 1px solid {t.border}; border-radius: 5px;
        min-height: 24px; padding: 0 8px; selection-background-color: {t.accent};
        selection-color: {t.on_accent}; }}
    QLineEdit {{ placeholder-text-color: {t.muted}; }}
    QAbstractSpinBox {{ padding: 0; }}
    QAbstractSpinBox QLineEdit {{ border: 0; padding: 0; min-height: 0; background: transparent; }}
    QComboBox:hover, QAbstractSpinBox:hover, QLineEdit:hover, QPushButton:hover, #browse:hover {{
        border-color: {t.muted}; }}
    QComboBox:focus, QAbstractSpinBox:focus, QLineEdit:focus, QPushButton:focus {{
        border-color: {t.accent}; }}
    QPushButton:pressed {{ background: {t.hover}; }}
    QPushButton {{ padding: 0 12px; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QComboBox::drop-down {{ border: 0; width: 24px; }}
    QComboBox::down-arrow, QAbstractSpinBox::down-arrow {{ image: url("{_url("chevron-down")}"); }}
    QAbstractSpinBox::up-arrow {{ image: url("{_url("chevron-up")}"); }}
    QComboBox::down-arrow {{ width: 12px; height: 12px; }}
    QAbstractSpinBox::up-arrow, QAbstractSpinBox::down-arrow {{ width: 10px; height: 10px; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: 0; width: 20px; }}
    QComboBox QAbstractItemView {{ background: {t.field}; border: 1px solid {t.border};
        selection-background-color: {t.accent}; selection-color: {t.on_accent}; outline: 0; }}
    QPushButton:disabled, #browse:disabled, QComboBox:disabled, QAbstractSpinBox:disabled,
    QLineEdit:disabled {{
        color: {t.disabled}; background: {t.surface}; }}
    QTableView {{ background: {t.field}; border: 1px solid {t.border}; border-radius: 5px; outline: 0; }}
    QTableView::item {{ padding: 0 4px; }}
    QTableView::item:selected {{ background: {t.hover}; color: {t.text}; }}
    QTableView:focus {{ border-color: {t.accent}; }}
    QTableView::indicator {{ width: 14px; height: 14px; border: 1px solid {t.muted}; border-radius: 4px;
                             background: {t.field}; }}
    QTableView::indicator:checked {{ background: {t.accent}; border-color: {t.accent};
                                     image: url("{_url(t.check)}"); }}
    QHeaderView {{ background: {t.field}; }}
    QHeaderView::section {{ background: {t.field}; color: {t.muted}; border: 0;
                            border-bottom: 1px solid {t.border}; padding: 4px; }}
    QProgressBar {{ background: {t.border}; border: 0; border-radius: 2px;
                    min-height: 4px; max-height: 4px; }}
    QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
    QTabBar {{ background: {t.surface}; }}
    QTabBar::tab {{ background: {t.surface}; color: {t.muted}; border: 0; padding: 7px 8px;
                    border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {t.text}; border-bottom-color: {t.accent}; }}
    QTabBar::tab:hover {{ color: {t.text}; }}
    QTabBar::tab:focus {{ background: {t.hover}; }}
    QCheckBox {{ spacing: 8px; min-height: 22px; }}
    QCheckBox::indicator {{ width: 16px; height: 16px; border: 1px solid {t.muted}; border-radius: 4px;
                            background: {t.field}; }}
    QCheckBox::indicator:checked {{ background: {t.accent}; border-color: {t.accent};
                                    image: url("{_url(t.check)}"); }}
    QCheckBox::indicator:hover, QCheckBox::indicator:focus {{ border-color: {t.text}; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {t.border}; border-radius: 3px; min-height: 30px;
                                   margin: 2px; }}
    QScrollBar::handle:vertical:hover {{ background: {t.disabled}; }}
    QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical {{ height: 0; }}
    QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical {{ background: transparent; }}
    QSlider {{ min-height: 22px; }}
    QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {t.border}; }}
    QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {t.accent}; }}
    QSlider::sub-page:horizontal:disabled {{ background: {t.border}; }}
    QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -6px 0; border-radius: 8px;
                                  background: {t.accent}; border: 1px solid {t.surface}; }}
    QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ border: 1px solid {t.text}; }}
    QSlider::handle:horizontal:disabled {{ background: {t.disabled}; }}
    """ + "".join(
        f"""
    #banner[kind="{kind}"] {{ background: {background}; border-bottom: 1px solid {t.border}; }}
    #banner[kind="{kind}"] QLabel, #banner[kind="{kind}"] QToolButton {{ color: {text}; }}
    #banner[kind="{kind}"] QToolButton {{ border-color: {text}; }}
    #banner[kind="{kind}"] QToolButton#dismiss {{ border-color: transparent; }}
    #banner[kind="{kind}"] QToolButton:hover {{ background: {t.field}; color: {t.text}; }}
    """
        for kind, (background, text) in t.banners.items()
    )


def _url(name: str) -> str:
    return asset("icons", f"{name}.svg").as_posix()


@cache
def icon(name: str, colour: str, disabled: str) -> QIcon:
    """Return an icon of ``assets/icons``, drawn in ``colour``; red stays red unless disabled."""
    result = QIcon()
    for density in _DENSITIES:
        size = _ICON_PX * density
        result.addPixmap(_draw(name, colour, size), QIcon.Mode.Normal)
        result.addPixmap(_draw(name, disabled, size, grey=True), QIcon.Mode.Disabled)
    return result


def picture(name: str, colour: str, size: int) -> QPixmap:
    """Return an icon as a square picture of ``size`` pixels a side."""
    return _draw(name, colour, size)


def _draw(name: str, colour: str, size: int, grey: bool = False) -> QPixmap:
    svg = asset("icons", f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    if grey:
        svg = svg.replace(RED, colour)
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
