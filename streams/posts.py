"""The public record of a post; two agents write it."""

from schemas.post import Post, PostGone
from schemas.topics import POSTS
from streams.outputs import Output, public


def public_post(post: Post | PostGone) -> Output:
    """Return the public record: a post, or the tombstone of a deleted one."""
    if isinstance(post, PostGone):
        return public(
            POSTS, key=post.post_id, value=None, partition=0, event_id=f"{post.post_id}:deleted",
            subject=post.post_id, slot=0, time=None, op="d",
        )  # fmt: skip
    read = "" if post.project is None else f":{post.project.engine}:{post.project.version}"
    is_new = len(post.edit_ids) == 1 and post.project is None
    return public(
        POSTS, key=post.id, value=post, partition=0,
        event_id=f"{post.id}:{post.edit_ids[-1]}{read}",
        subject=post.id, slot=0, time=post.created_at, op="c" if is_new else "u",
    )  # fmt: skip
