"""The market: boards, search, figures, and how far all of it is."""

from msgspec.structs import replace

from api.cursors import Cursors
from api.documents import HitView, StatsView
from api.head import Head, now_ms
from api.lists import Listing, ListOf
from api.parameters import POST_ID, Paging, SearchQuery
from api.problem import not_found
from api.progress import ChainStatus, Status, StoreStatus, chain, sources, totals
from api.services import Services
from views.boards import BOARDS
from views.contract import Hit, Views

MARKET_S = 5
"""So old the market's figures may be; they are of a chain time that is told."""


async def board(use: Services, name: str, asked: Paging) -> ListOf:
    """Return a board, best first.

    Raises:
        Problem: there is no such board (404), or the cursor is not one of it (400).
    """
    ranked = BOARDS.get(name)
    if ranked is None:
        raise not_found(f"board {name}; choose from {', '.join(BOARDS)}")
    listing = board_listing(use.cursors, name)
    query = replace(ranked, limit=asked.limit, after=listing.after(asked.cursor))
    return listing.of(await use.boards.page(name, query))


def board_listing(cursors: Cursors, name: str) -> Listing:
    """Return the list that a board is."""
    return Listing(cursors, f"board {name}")


async def search(use: Services, asked: SearchQuery) -> ListOf:
    """Return what fits best, best first; of the id of a post, that post behind its tokens."""
    named = await _post_hits(use.views, asked.q)
    hits = named[: asked.limit] or await use.views.search(asked.q, limit=asked.limit)
    return ListOf([_hit_view(hit) for hit in hits])


async def stats(use: Services) -> StatsView:
    """Return the market's figures, which everybody shares for some seconds."""
    return await use.market.get()


async def market_now(views: Views, head: Head) -> StatsView:
    """Return launches, trades, volume and graduations per window, launchpad and quote.

    All tokens of a day are read for it.
    """
    chain = await head.chain()
    return StatsView(as_of=chain.chain_time, items=await views.stats(chain.seconds or 0))


async def status(use: Services) -> Status:
    """Return how far the chain, the sources and the store are, and what was counted."""
    progress = await use.views.progress()
    visible = chain(progress, partitions=use.settings.partitions)
    return Status(
        chain=ChainStatus(
            head_slot=visible.head_slot,
            chain_time=visible.chain_time,
            complete_through_slot=visible.complete_through_slot,
            lag_ms=visible.lag_ms(now_ms=now_ms()),
        ),
        sources=sources(progress, visible),
        counts=totals(progress, await use.views.counts()),
        store=StoreStatus(kind=use.views.kind, indexed_slot=visible.indexed_slot),
    )


async def _post_hits(views: Views, text: str) -> tuple[Hit, ...]:
    """Return the post whose id *text* is, behind its tokens; nothing if there is no such post."""
    found = await views.post(text) if POST_ID.fullmatch(text) else None
    if found is None:
        return ()
    mints = [link.mint for link in found.links if link.relation == "matched"]
    tokens = await views.tokens_by_mint(mints)
    hits = [Hit(kind="token", id=t.mint, score=1.0, highlights={}, token=t) for t in tokens]
    return (*hits, Hit(kind="post", id=found.post.id, score=1.0, highlights={}, post=found.post))


def _hit_view(hit: Hit) -> HitView:
    return HitView(
        kind=hit.kind,
        id=hit.id,
        score=hit.score,
        highlights=dict(hit.highlights),
        token=hit.token.body if hit.token else None,
        post=hit.post,
    )
