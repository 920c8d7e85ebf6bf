"""Records of ``btracker.wordings``: the texts in which projects are described, to be read."""

from schemas.base import Row
from schemas.fields import Mint
from schemas.post import Post, PostGone


class PostWording(Row, frozen=True, array_like=True, gc=False, tag="post"):
    """A post. ``context``: the post that it answers, and titles of the pages it links."""

    post: Post
    context: tuple[str, ...] = ()


class TokenWording(Row, frozen=True, array_like=True, gc=False, tag="token"):
    """What describes a token now: its post, else its document, else nothing (an empty text).

    ``post_id`` None: the text is a document's.
    """

    mint: Mint
    text: str
    post_id: str | None = None


Wording = PostWording | TokenWording | PostGone
