"""The market: boards, search, figures, and how far all of it is."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from msgspec.structs import replace
from pydantic import WithJsonSchema

from api.answers import Listing, ListOf, answer_json
from api.cursors import Cursors
from api.documents import BOARD, SEARCH, STATS, STATUS, HitView, StatsView
from api.head import now_ms
from api.parameters import NOTHING_ELSE, POST_ID, Paging, SearchQuery
from api.problem import not_found
from api.progress import ChainStatus, Status, StoreStatus, chain, sources, totals
from api.services import Use
from views.boards import BOARDS
from views.contract import Hit, Views

router = APIRouter(prefix="/v1", tags=["market"])

BoardName = Annotated[
    str,
    Path(description="Which board."),
    WithJsonSchema({"type": "string", "enum": list(BOARDS)}),
]


@router.get("/boards/{name}", responses=BOARD, summary="A board, ranked")
async def board(
    request: Request, name: BoardName, asked: Annotated[Paging, Query()], use: Use
) -> Response:
    """Return a board: new, close to graduation, graduated, or traded by most people this hour."""
    ranked = BOARDS.get(name)
    if ranked is None:
        raise not_found(f"board {name}; choose from {', '.join(BOARDS)}")
    listing = board_listing(use.cursors, name)
    query = replace(ranked, limit=asked.limit, after=listing.after(asked.cursor))
    return listing.answer(request, await use.boards.page(name, query))


def board_listing(cursors: Cursors, name: str) -> Listing:
    """Return the list that a board is."""
    return Listing(cursors, f"board {name}")


@router.get("/search", responses=SEARCH, summary="Tokens and posts, ranked")
async def search(request: Request, asked: Annotated[SearchQuery, Query()], use: Use) -> Response:
    """Return what fits best, best first, with what matched in it; typos are forgiven.

    The id of a post finds that post, and before it the tokens that it asked for.
    """
    named = await post_hits(use.views, asked.q)
    hits = named[: asked.limit] or await use.views.search(asked.q, limit=asked.limit)
    return answer_json(request, ListOf([hit_view(hit) for hit in hits]))


@router.get("/stats", responses=STATS, dependencies=[NOTHING_ELSE], summary="The whole market")
async def stats(request: Request, use: Use) -> Response:
    """Return launches, trades, volume and graduations per window, launchpad and quote."""
    head = await use.head.chain()
    figures = await use.views.stats(head.seconds or 0)
    return answer_json(request, StatsView(as_of=head.chain_time, items=figures), max_age_s=5)


@router.get("/status", responses=STATUS, dependencies=[NOTHING_ELSE], summary="How far it is")
async def status(request: Request, use: Use) -> Response:
    """Return how far the chain, the sources and the store are, and what was counted.

    A source is done only when everything it delivered can be seen here.
    """
    progress = await use.views.progress()
    visible = chain(progress, partitions=use.settings.partitions)
    answer = Status(
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
    return answer_json(request, answer, max_age_s=0)


async def post_hits(views: Views, text: str) -> tuple[Hit, ...]:
    """Return the post whose id *text* is, behind its tokens; nothing if there is no such post."""
    found = await views.post(text) if POST_ID.fullmatch(text) else None
    if found is None:
        return ()
    mints = [link.mint for link in found.links if link.relation == "matched"]
    tokens = await views.tokens_by_mint(mints)
    hits = [Hit(kind="token", id=t.mint, score=1.0, highlights={}, token=t) for t in tokens]
    return (*hits, Hit(kind="post", id=found.post.id, score=1.0, highlights={}, post=found.post))


def hit_view(hit: Hit) -> HitView:
    """Return a hit as it is answered."""
    return HitView(
        kind=hit.kind,
        id=hit.id,
        score=hit.score,
        highlights=dict(hit.highlights),
        token=hit.token.body if hit.token else None,
        post=hit.post,
    )
