"""events -> facts, written by ``fold_events``."""

from schemas.rows import FactRow
from schemas.topics import EVENTS
from streams.app import app

facts = app.table(
    "facts",
    source=EVENTS,
    value=FactRow,
    help="What is known of a token from elsewhere. Key: mint and kind of fact.",
)
