"""What a data folder holds already, and whether a recording can be added to it."""

from btracker.deployment import UpOptions
from btracker.settings import load
from domain.errors import UsageError
from streams.sources.collect import check_age, configured
from streams.sources.journal import Journal
from streams.sources.settings import CollectSettings
from streams.sources.solana.desk import SOURCE


def check_data_folder(options: UpOptions) -> None:
    """Refuse to mix a recording with another one when that is surely not what was meant.

    Raises:
        UsageError: the folder holds another recording and none was named, or the one that was
            named is too old to be counted there; or it holds a live chain and a recording was
            named, or the other way round.
    """
    settings = load(CollectSettings).model_copy(
        update={
            "data": options.data,
            "recording": options.recording,
            "as_live": options.as_live,
            "head_start_hours": options.head_start_hours,
        }
    )
    if not settings.journal.exists():
        return
    replay = configured(settings) if options.recording else None
    with Journal(settings.journal, keep_s=settings.journal_s) as journal:
        is_live = SOURCE in journal.cursors
        if journal.cursors and is_live != (replay is None):
            raise UsageError(
                f"{options.data} holds {'the live chain' if is_live else 'a recording'}, which "
                "cannot be mixed with the other: name another folder with --data."
            )
        if replay is None:
            return
        is_default = options.head_start_hours > 0
        if is_default and journal.cursors and replay.source not in journal.cursors:
            raise UsageError(
                f"{options.data} holds another recording than the demo: name that one again with "
                "--recording, or another folder with --data."
            )
        check_age(replay, journal, retention_hours=settings.retention_hours)
