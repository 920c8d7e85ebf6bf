"""events -> candles, written by ``fold_events``."""

from schemas.rows import CandleRow
from schemas.topics import EVENTS
from streams.app import app

candles = app.table(
    "candles",
    source=EVENTS,
    value=CandleRow,
    help="One minute of a token. Key: mint and start.",
)
