"""events -> clocks, written by ``fold_events``."""

from schemas.rows import ClockRow
from schemas.topics import EVENTS
from streams.app import app

clocks = app.table(
    "clocks",
    source=EVENTS,
    value=ClockRow,
    help="The clock and counts of an events partition. Key: its number.",
)
