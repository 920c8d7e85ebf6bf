"""What is like a token or a post, by what a language model makes of the texts."""

from msgspec.structs import replace

from api.parameters import SimilarPostList, SimilarTokenList
from api.problem import not_found
from api.reads.tokens import filter_query
from api.services import Services
from api.similar import SimilarPost, SimilarPosts, SimilarToken, SimilarTokens
from schemas.fields import Mint


async def similar_tokens(use: Services, mint: Mint, asked: SimilarTokenList) -> SimilarTokens:
    """Return the tokens whose projects are most like a token's."""
    query = replace(filter_query(asked), limit=asked.limit)
    found = await use.views.similar_tokens(mint, query)
    items = (SimilarToken(similarity=one.similarity, token=one.item.body) for one in found.items)
    return SimilarTokens(engine=found.engine, version=found.version, items=tuple(items))


async def similar_posts(use: Services, post_id: str, asked: SimilarPostList) -> SimilarPosts:
    """Return the posts that are most like a post.

    Raises:
        Problem: nobody has seen it (404).
    """
    if await use.views.post(post_id) is None:
        raise not_found(f"post {post_id}")
    found = await use.views.similar_posts(post_id, limit=asked.limit)
    items = (SimilarPost(similarity=one.similarity, post=one.item) for one in found.items)
    return SimilarPosts(engine=found.engine, version=found.version, items=tuple(items))
