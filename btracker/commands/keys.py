"""``btracker keys``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from api.access.signing import Algorithm

data = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The data folder. Default: BTRACKER_DATA, else data. BTRACKER_KEYS, BTRACKER_SIGNING_KEYS "
    "and BTRACKER_AUDIT name other places.",
)


@click.group(
    epilog="Example: btracker keys create --name dashboard --scope read --scope stream",
    short_help="Create, list and revoke API keys.",
)
def command() -> None:
    """API keys: who may use the API, what for, how much of it, and until when.

    A running API knows of every change within a second, on each machine that the file reaches.
    """


@command.command(epilog="Example: btracker keys create --name ci --scope read:tokens --expires 90d")
@data
@click.option("--name", required=True, help="Whose it is, or what for; not secret.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=("read", "stream"),
    show_default=True,
    help="read, stream, operate (the metrics), or a part such as read:tokens or stream:candles.",
)
@click.option("--per-minute", type=click.IntRange(1), default=3000, show_default=True)
@click.option("--burst", type=click.IntRange(1), default=600, show_default=True)
@click.option("--per-day", type=click.IntRange(1), help="Requests a day, UTC. Default: no quota.")
@click.option(
    "--connections",
    type=click.IntRange(1),
    help="Live connections per API process. Default: as many as that takes.",
)
@click.option("--expires", metavar="WHEN", help="90d, 12h, or an RFC 3339 time. Default: never.")
def create(
    *,
    data: Path | None,
    name: str,
    scopes: tuple[str, ...],
    per_minute: int,
    burst: int,
    per_day: int | None,
    connections: int | None,
    expires: str | None,
) -> None:
    """Create a key and print it, once: only its hash is kept.

    The key alone is written to stdout, what is to be said of it to stderr.
    """
    from time import time

    from api.access.key_file import KeyFile
    from api.access.keys import Rate, new_key, written
    from btracker.key_actions import settings_of, when, written_down

    settings, at = settings_of(data), int(time())
    key, shown = new_key(
        name,
        scopes=scopes,
        rate=Rate(per_minute, burst),
        created=at,
        per_day=per_day,
        connections=connections,
        expires=None if expires is None else when(expires, at=at),
    )
    with written_down(settings, "key.created", key=key.id, detail=f"{name}: {' '.join(scopes)}"):
        KeyFile(settings.key_file).add(key)
    click.echo(written(shown))
    click.echo(f"This is key {key.id}, shown once; only its hash is kept.", err=True)


@command.command("list", epilog="Example: btracker keys list --json")
@data
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
def list_keys(*, data: Path | None, as_json: bool) -> None:
    """List all keys, oldest first: id, state, scopes, limits, name."""
    from time import time

    import msgspec

    from api.access.key_file import KeyFile
    from btracker.key_actions import row, sentence, settings_of

    at = int(time())
    keys = KeyFile(settings_of(data).key_file).keys()
    for key in keys:
        shown = msgspec.json.encode(row(key, at=at)).decode() if as_json else sentence(key, at=at)
        click.echo(shown)
    if not keys and not as_json:
        click.echo("There are no keys; make one with: btracker keys create --name NAME")


@command.command(epilog="Example: btracker keys revoke 8f0c2b7a4d1e")
@click.argument("key_id", metavar="ID")
@data
def revoke(*, key_id: str, data: Path | None) -> None:
    """Revoke a key for good, with all its tokens and live connections."""
    from time import time

    from api.access.key_file import KeyFile
    from btracker.key_actions import settings_of, written_down

    settings = settings_of(data)
    file = KeyFile(settings.key_file)
    with written_down(settings, "key.revoked", key=key_id, detail=file.get(key_id).name):
        file.revoke(key_id, at=int(time()))
    click.echo(f"Key {key_id} is revoked; no API takes it any more after a second.")


@command.command(epilog="Example: btracker keys rotate --algorithm RS256")
@data
@click.option(
    "--algorithm", type=click.Choice(["ES256", "RS256"]), default="ES256", show_default=True
)
def rotate(*, data: Path | None, algorithm: "Algorithm") -> None:
    """Make a new key that signs tokens; what the one before has signed goes on until its end.

    Those before that are deleted: after a second rotation no token of before is good.
    """
    from time import time

    from api.access.signing import new_kid, rotate
    from btracker.key_actions import settings_of, written_down

    settings, at = settings_of(data), time()
    kid = new_kid(at)
    with written_down(settings, "signingKey.rotated", key=kid, detail=algorithm):
        rotate(settings.signing_folder, kid, algorithm=algorithm)
    click.echo(f"{kid} signs tokens from now on.")
