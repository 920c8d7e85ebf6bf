"""``btracker config``."""

import os
from pathlib import Path

import click

from domain.errors import UsageError


@click.command(
    epilog="Example: BTRACKER_PARTITIONS=8 btracker config", short_help="Show all settings."
)
@click.option(
    "--example",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a file with every setting and its default instead.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(*, path: Path | None, force: bool) -> None:
    """Show the settings of all processes as they are now; secrets and passwords are hidden.

    Each is an environment variable. A star marks what is not the default.
    """
    from btracker.settings import example, problems, shown_settings, unknown

    if path:
        _write(path, example(), force=force)
        click.echo(f"Wrote {path}.")
        return
    for one in shown_settings():
        star = "*" if one.changed else " "
        click.echo(f"{star} {one.name}={one.value}")
        click.echo(f"    {one.description} ({', '.join(one.processes)})")
    for sentence in unknown(os.environ):
        click.echo(f"Warning: {sentence}", err=True)
    if wrong := problems():
        raise UsageError(f"{'; '.join(wrong)}; what it means stands above.")


def _write(path: Path, text: str, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path} is there; --force writes over it.") from error
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}); choose another file."
        ) from error
