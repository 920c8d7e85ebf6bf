"""Reading a whole store."""

from collections.abc import AsyncIterator

from views.contract import Views
from views.writes import Document

PAGE = 2_000


async def documents(views: Views, noun: str) -> AsyncIterator[Document]:
    """Yield everything that a store keeps of a noun, a member of ``Batch``."""
    after: Document | None = None
    while page := await views.documents(noun, limit=PAGE, after=after):
        for document in page:
            yield document
        after = page[-1]
