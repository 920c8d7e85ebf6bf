"""What is answered of things that are alike."""

from api.bodies import TokenBody
from schemas.base import Record
from schemas.post import Post


class SimilarToken(Record, frozen=True, kw_only=True, rename="camel"):
    """A token that is like another. ``similarity``: 0 to 1, the cosine to 4 places."""

    similarity: float
    token: TokenBody


class SimilarTokens(Record, frozen=True, kw_only=True, rename="camel"):
    """Tokens whose projects are like one's, most alike first, ties by mint.

    ``engine`` and ``version`` read the texts that were compared; null: nobody has read that
    token's own text yet, so there are no items.
    """

    engine: str | None
    version: str | None
    items: tuple[SimilarToken, ...]


class SimilarPost(Record, frozen=True, kw_only=True, rename="camel"):
    """A post that is like another. ``similarity``: 0 to 1, the cosine to 4 places."""

    similarity: float
    post: Post


class SimilarPosts(Record, frozen=True, kw_only=True, rename="camel"):
    """Posts that are like one, most alike first, ties by id.

    ``engine`` and ``version`` read the posts that were compared; null: nobody has read that post
    yet, so there are no items.
    """

    engine: str | None
    version: str | None
    items: tuple[SimilarPost, ...]
