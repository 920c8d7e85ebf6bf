"""Posts and documents read anew, against ``posts``, ``claims`` and dead letters."""

from typing import Any

from domain.audit.findings import Judged
from domain.audit.reading import DocumentsRecount, PostsRecount, PostsSeen, Recount
from domain.decode.raw import RawDelivery
from schemas.post import Post
from schemas.topics import METADATA, POSTS, RAW_X
from streams.audit.case import Case, taken, value_of
from streams.audit.claims import ClaimsRead
from streams.audit.counting import counting
from streams.audit.cut import Part
from streams.audit.letters import check_letters
from streams.log import Span
from streams.standing import stage_of


async def audit_readers(case: Case, claims: ClaimsRead) -> None:
    """Read all posts and documents anew; name what is not there of what they say."""
    for part in case.parts(RAW_X.name):
        posts = PostsSeen()
        await _audit(case, part, PostsRecount(**_options(case, part)), claims, posts)
        await _excuse_posts(case, part, posts)
        await _see_posts(case, part, posts)
        for finding in posts.findings():
            case.found.add(finding)
    for part in case.parts(METADATA.name):
        await _audit(case, part, DocumentsRecount(**_options(case, part)), claims, PostsSeen())


async def _audit(
    case: Case, part: Part, recount: Recount, claims: ClaimsRead, posts: PostsSeen
) -> None:
    counts = await counting(case, part)
    async for judged, _ in case.read(part):
        for run in counts.runs(judged, lambda: recount.progress.counts):
            for record in run:
                half = RawDelivery(record.offset, None, b"{", ())
                read = taken(recount.take, record, instead=half)
                for said in read.said:
                    claims.check(case, part, said)
                if read.post:
                    posts.expect(read.post, record.offset)
                check_letters(case, part, [record.offset] if read.is_refused else [])
    await counts.check(recount.progress)
    case.found.judge(
        Judged(
            stage=stage_of(part.place).name,
            partition=part.place[1],
            counts=recount.progress.counts,
            through_offset=part.span.end - 1,
            behind=part.behind,
        )
    )


async def _excuse_posts(case: Case, part: Part, posts: PostsSeen) -> None:
    """Take note of the posts behind what is judged: they may be there already."""
    recount = PostsRecount(**_options(case, part))
    behind = Span(part.span.end, part.kept.end)
    async for records in case.log.read(part.place, behind):
        for record in records:
            if post := recount.take(record).post:
                posts.see(post[0], None, is_later=True)


async def _see_posts(case: Case, part: Part, posts: PostsSeen) -> None:
    end = part.progress.outputs.get(POSTS.name, 0) if part.progress else 0
    for place, span in (await case.log.spans(case.log.places([POSTS.name]))).items():
        async for records in case.log.read(place, span):
            for record in records:
                post_id, post = (record.key or b"").decode(), value_of(record, Post)
                posts.see(post_id, post, is_later=record.offset >= end)


def _options(case: Case, part: Part) -> dict[str, Any]:
    return {
        "partition": part.place[1],
        "epoch": case.epochs[part.place[0]],
        "set_aside": case.letters_of(part),
    }
