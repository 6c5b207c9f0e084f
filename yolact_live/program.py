"""How a command of ours ends: what is wrong in one line, and the exit status."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from yolact_live.errors import YolactLiveError


def leave(command: click.Command, name: str) -> NoReturn:
    """Run a command, called ``name`` in what it says, and leave with its exit status."""
    try:
        command.main(prog_name=name, standalone_mode=False)
        status = 0
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except YolactLiveError as error:
        click.echo(f"{name}: {' '.join(str(error).split())}", err=True)
        status = error.exit_status
    except (click.Abort, KeyboardInterrupt):
        status = 130
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)
