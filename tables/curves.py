"""events -> curves, written by ``fold_events``."""

from schemas.rows import CurveRow
from schemas.topics import EVENTS
from streams.app import app

curves = app.table(
    "curves",
    source=EVENTS,
    value=CurveRow,
    help="The hot row of each token. Key: mint.",
)
