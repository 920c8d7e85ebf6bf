"""events -> accounts, written by ``fold_events``."""

from schemas.rows import AccountRow
from schemas.topics import EVENTS
from streams.app import app

accounts = app.table(
    "accounts",
    source=EVENTS,
    value=AccountRow,
    help="A token account. Key: mint and account.",
)
