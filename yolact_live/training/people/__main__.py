"""The command: ``python -m yolact_live.training.people``."""

from __future__ import annotations

from pathlib import Path

import click

from yolact_live.program import leave

PROGRAM = "python -m yolact_live.training.people"
PATH = click.Path(path_type=Path)


@click.command(context_settings={"max_content_width": 100, "help_option_names": ["--help"]})
@click.option("--images", type=PATH, required=True, metavar="DIR", help="Pictures of a COCO set.")
@click.option("--annotations", type=PATH, required=True, metavar="FILE", help="The annotations of the set.")
@click.option("--out", type=PATH, required=True, metavar="DIR", help="Where the new set is written.")
@click.option(
    "--people", type=click.IntRange(2), default=1500, show_default=True, help="How many different ones."
)
@click.option(
    "--pictures", type=click.IntRange(1), default=1800, show_default=True, help="How many to compose."
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Another seed, another set."
)
def command(images: Path, annotations: Path, out: Path, people: int, pictures: int, seed: int) -> None:
    """Make pictures of synthetic people for training, with exact masks.

    The pictures of a COCO set that show no person become the backgrounds. DIR/images and
    DIR/instances.json are again a COCO set, with the one class person.
    """
    from yolact_live.training.people.write import write_set

    write_set(images, annotations, out, people, pictures, seed)


if __name__ == "__main__":
    leave(command, PROGRAM)
