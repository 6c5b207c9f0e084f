"""The language of the window, and how it writes numbers.

English is in the code. Every text goes through :func:`tr` when it is shown, not before: so tables
can be constants of their modules. Translations are Qt's: ``assets/translations``, kept complete by
``packaging/translations.py`` and its test.
"""

from __future__ import annotations

import re
from functools import cache
from xml.etree import ElementTree

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from yolact_live.assets import asset

CONTEXT = "YOLACT Live"
LANGUAGES = ("en", "de")
_VALUE = re.compile(r"\\\{\d+\\\}")  # in an escaped text


def install(application: QCoreApplication, language: str) -> None:
    """Let the window speak a language from now on; texts that are shown already stay.

    Args:
        language: one of ``LANGUAGES``, or ``system``.
    """
    if language == "system":
        names = [name[:2] for name in QLocale.system().uiLanguages()]
        language = next((name for name in names if name in LANGUAGES), "en")
    system = QLocale.system()
    QLocale.setDefault(system if system.name()[:2] == language else QLocale(language))
    for translator in application.findChildren(QTranslator):
        application.removeTranslator(translator)
        translator.deleteLater()
    theirs = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, folder in (("qtbase", theirs), ("yolact-live", str(asset("translations")))):
        translator = QTranslator(application)
        if language != "en" and translator.load(f"{name}_{language}", folder):
            application.installTranslator(translator)


def tr(text: str, /, **values: object) -> str:
    """Return an English text in the language of the window, with values put into its braces."""
    found = QCoreApplication.translate(CONTEXT, text)
    return found.format(**values) if values else found


def plural(n: int, one: str, many: str, **values: object) -> str:
    """Return what is said of ``n`` things; languages have more forms than English, or fewer.

    >>> plural(1, "1 frame", "{n} frames"), plural(25, "1 frame", "{n} frames")
    ('1 frame', '25 frames')
    """
    found = QCoreApplication.translate(CONTEXT, many, "", n)
    if found == many and n == 1:
        found = one
    return found.format(n=whole(n), **values)


def spoken(text: str) -> str:
    """Return what the engine says, such as an error's message, in the language of the window.

    The engine knows no languages and has put its values in already. So the text is compared with
    those that the engine has, as ``{0} cannot be read ({1})``, to find the values again.
    """
    found = tr(text)
    if found != text:
        return found
    for pattern, template in _templates():
        if match := pattern.fullmatch(text):
            return QCoreApplication.translate(CONTEXT, template).format(*map(spoken, match.groups()))
    return text


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    """Return the texts of the engine that have values, the most particular first, and how they look."""
    file = next(asset("translations").glob("*.ts"))
    texts = (source.text or "" for source in ElementTree.parse(file).iter("source"))
    templates = sorted((text for text in texts if "{0}" in text), key=len, reverse=True)
    return [(re.compile(_VALUE.sub("(.+?)", re.escape(text)), re.DOTALL), text) for text in templates]


def whole(number: int) -> str:
    """Write a whole number with separators."""
    return QLocale().toString(number)


def decimal(number: float, places: int = 1) -> str:
    """Write a number with so many digits after the point."""
    return QLocale().toString(float(number), "f", places)


def short(number: float) -> str:
    """Write a number with up to four digits."""
    return QLocale().toString(float(number), "g", 4)


def percent(share: float, places: int = 0) -> str:
    """Write a share, 0 to 1, in percent."""
    return tr("{number}%", number=decimal(100 * share, places))


def duration(seconds: int) -> str:
    """Write a time in the largest unit of which it is a whole number.

    >>> duration(86_400), duration(90), duration(120)
    ('1 day', '90 seconds', '2 minutes')
    """
    if seconds % 86_400 == 0:
        return plural(seconds // 86_400, "1 day", "{n} days")
    if seconds % 3600 == 0:
        return plural(seconds // 3600, "1 hour", "{n} hours")
    if seconds % 60 == 0:
        return plural(seconds // 60, "1 minute", "{n} minutes")
    return plural(seconds, "1 second", "{n} seconds")
