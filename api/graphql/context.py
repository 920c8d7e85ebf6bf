"""What one request, or one live connection, has while its GraphQL is answered."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from strawberry.dataloader import DataLoader

from api.access.callers import Caller
from api.graphql.shapes import read
from api.services import Services
from api.stream.session import Session
from schemas.fields import Mint
from schemas.token import Token

BATCH = 100
AT_ONCE = 8
"""Reads of one query that are under way together, so that it leaves some room for others."""


@dataclass(frozen=True, eq=False)
class Context:
    """Who asks, and what is read for it. ``session``: of a live connection, else None."""

    use: Services
    asking: Caller
    request_id: str
    session: Session | None = None
    tokens: DataLoader[Mint, Token | None] = field(init=False)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def __post_init__(self) -> None:
        loader = DataLoader(load_fn=self._load, max_batch_size=BATCH)
        object.__setattr__(self, "tokens", loader)

    @property
    def caller(self) -> Caller:
        """Who asks; a live client may have become somebody else."""
        return self.session.visitor.caller if self.session else self.asking

    async def _load(self, mints: Sequence[Mint]) -> list[Token | None]:
        """Return tokens, None for those that nobody has seen: one read for all that are asked."""
        documents = await self.use.views.tokens_by_mint(list(mints))
        found = {document.mint: read(document.body) for document in documents}
        return [found.get(mint) for mint in mints]
