"""events -> lives, written by ``fold_events``."""

from schemas.rows import LifeRow
from schemas.topics import EVENTS
from streams.app import app

lives = app.table(
    "lives",
    source=EVENTS,
    value=LifeRow,
    help="A token's milestones. Key: mint.",
)
