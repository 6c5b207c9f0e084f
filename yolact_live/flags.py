"""Flags that commands share: one for every setting."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from yolact_live.settings import Settings, flag_name, option_of

PATH = click.Path(path_type=Path)
_DEFAULTS = Settings()


def settings_flags(
    command: Callable[..., Any], defaults: Settings = _DEFAULTS, window: bool = False
) -> Callable[..., Any]:
    """Add a flag for every field of :class:`Settings` that means something to a command.

    The command gets ``settings``; the window gets ``changes``, what the flags say that were given:
    name → value.
    """
    fields = [field for field in dataclasses.fields(Settings) if window or not option_of(field).window]

    def with_settings(**kwargs: Any) -> Any:
        source = click.get_current_context().get_parameter_source
        values = {field.name: kwargs.pop(field.name) for field in fields}
        given: dict[str, Any] = {
            name: _names(value) if isinstance(getattr(defaults, name), tuple) else value
            for name, value in values.items()
            if source(name) is click.core.ParameterSource.COMMANDLINE
        }
        settings = dataclasses.replace(defaults, **given)
        return command(**kwargs, **({"changes": given} if window else {"settings": settings}))

    with_settings.__name__, with_settings.__doc__ = command.__name__, command.__doc__
    with_settings.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    decorated: Callable[..., Any] = with_settings
    for field in reversed(fields):
        decorated = _flag(field, getattr(defaults, field.name))(decorated)
    return decorated


def _flag(field: dataclasses.Field[Any], default: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    spec, flag = option_of(field), flag_name(field.name)
    if isinstance(default, bool):
        return click.option(f"{flag}/--no-{flag[2:]}", default=default, show_default=True, help=spec.help)
    kind: Any = str if isinstance(default, tuple) else type(default)
    return click.option(
        flag,
        type=click.Choice(spec.choices) if spec.choices and not spec.colour else kind,
        default="" if isinstance(default, tuple) else default,
        show_default=not isinstance(default, tuple),
        metavar=spec.metavar,
        help=spec.help,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in (part.strip() for part in text.split(",")) if name)
