"""``btracker contracts``."""

from pathlib import Path

import click

folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.group(
    epilog="Example: btracker contracts check contracts",
    short_help="Write the public contracts as files, or check files.",
)
def command() -> None:
    """The public contracts as files: OpenAPI, AsyncAPI, GraphQL, a JSON Schema of each noun."""


@command.command(epilog="Example: btracker contracts write contracts")
@folder
@click.option("--break", "may_break", is_flag=True, help="Also where that breaks a promise.")
def write(*, folder: Path, may_break: bool) -> None:
    """Write what this version promises into FOLDER.

    Refused where FOLDER, or a release in FOLDER/released, promises something that is no more.
    """
    from btracker.contracts import folder as contracts
    from domain.errors import UsageError

    lost = [] if may_break else contracts.broken(folder)
    for sentence in lost:
        click.echo(sentence, err=True)
    if lost:
        raise UsageError(f"{len(lost)} promises would be broken; --break writes all the same.")
    contracts.write(folder)
    click.echo(f"Wrote {folder}.")


@command.command(epilog="Example: btracker contracts check contracts")
@folder
def check(*, folder: Path) -> int:
    """Say what of FOLDER this version does not keep; exit 1 if anything.

    First what breaks those who rely on it or on a release, then which files are not up to date.
    """
    from btracker.contracts import folder as contracts
    from btracker.exits import FAILED, OK

    lost, stale = contracts.broken(folder), contracts.stale(folder)
    for sentence in lost:
        click.echo(f"breaks: {sentence}")
    for name in stale:
        click.echo(f"differs: {name}")
    if not lost and not stale:
        click.echo(f"{folder} is what this version promises.")
    return FAILED if lost or stale else OK
