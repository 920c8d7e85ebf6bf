"""raw.x -> readings, written by ``read_posts``."""

from schemas.claim_rows import ReadRow
from schemas.topics import RAW_X
from streams.app import app

readings = app.table(
    "readings",
    source=RAW_X,
    value=ReadRow,
    help="The clock and counts of a partition of posts. Key: its number.",
)
