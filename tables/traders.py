"""events -> traders, written by ``fold_events``."""

from schemas.rows import TraderRow
from schemas.topics import EVENTS
from streams.app import app

traders = app.table(
    "traders",
    source=EVENTS,
    value=TraderRow,
    help="A trader's newest trade in a token. Key: mint and trader.",
)
