"""``btracker config``."""

from pathlib import Path

import click


@click.command(
    epilog="Example: BTRACKER_PARTITIONS=8 btracker config", short_help="Show all settings."
)
@click.option(
    "--example",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a file with every setting and its default instead.",
)
def command(*, path: Path | None) -> None:
    """Show the settings of all processes as they are now; secrets are hidden.

    Each is an environment variable. A star marks what is not the default.
    """
    from btracker.settings import example, shown_settings

    if path:
        path.write_text(example())
        click.echo(f"Wrote {path}.")
        return
    for one in shown_settings():
        star = "*" if one.value != one.default else " "
        click.echo(f"{star} {one.name}={one.value}")
        click.echo(f"    {one.description} ({', '.join(one.processes)})")
