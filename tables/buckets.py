"""events -> buckets, written by ``fold_events``."""

from schemas.rows import BucketRow
from schemas.topics import EVENTS
from streams.app import app

buckets = app.table(
    "buckets",
    source=EVENTS,
    value=BucketRow,
    help="Five seconds of a token, for the 5m window. Key: mint and start.",
)
