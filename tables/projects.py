"""wordings -> projects, written by ``read_projects``."""

from schemas.project import Analysed
from schemas.topics import WORDINGS
from streams.app import app

projects = app.table(
    "projects",
    source=WORDINGS,
    value=Analysed,
    help="What was read of a post, for two days: its token may come later. Key: the post's id.",
)
