"""Other values of settings than those they are made with."""

from __future__ import annotations

import dataclasses
from typing import Any

from yolact_live.settings import option_of


def another(field: dataclasses.Field[Any]) -> Any:
    """Return a value that a setting may have, but has not by default."""
    spec, default = option_of(field), field.default
    if isinstance(default, bool):
        return not default
    if isinstance(default, tuple):
        return ("cat", 'a "Ü"')
    if spec.choices:
        return next(choice for choice in reversed(spec.choices) if choice != default)
    return "other" if isinstance(default, str) else spec.maximum
