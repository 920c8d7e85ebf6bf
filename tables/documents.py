"""metadata -> documents, written by ``spread_metadata``."""

from schemas.claim_rows import ReadRow
from schemas.topics import METADATA
from streams.app import app

documents = app.table(
    "documents",
    source=METADATA,
    value=ReadRow,
    help="The clock and counts of a partition of documents. Key: its number.",
)
