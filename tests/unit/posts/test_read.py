"""Lines of the X stream."""

import json
from typing import Any

import pytest

from domain.errors import UnreadableError
from domain.posts.read import concerns_launch, read_post, snowflake_ms


def line(*, includes: dict[str, Any] | None = None, **changes: Any) -> bytes:
    """Return a stream line; None leaves a member out."""
    data = {
        "id": "1922602768520314988", "text": "@launchcoin $BOOM + R&amp;D", "author_id": "7",
        "created_at": "2026-09-21T14:13:35.250Z", "conversation_id": "5", "lang": "en",
        "edit_history_tweet_ids": ["1922602768520314988"],
    }  # fmt: skip
    kept = {name: value for name, value in {**data, **changes}.items() if value is not None}
    users = [{"id": "7", "username": "who", "name": "W", "verified": True,
              "public_metrics": {"followers_count": 3}}]  # fmt: skip
    document = {
        "data": kept,
        "includes": {"users": users} if includes is None else includes,
        "matching_rules": [{"id": "1"}],
    }
    return json.dumps(document).encode()


def test_a_post() -> None:
    """Text is unescaped, times are milliseconds, the author is looked up, the command is read."""
    post = read_post(line())

    assert post is not None
    assert "@launchcoin $BOOM + R&D" == post.text
    assert 1_790_000_015_250 == post.created_ms
    assert "https://x.com/who/status/1922602768520314988" == post.url
    assert ("7", "who", 3, True) == (
        post.author.id, post.author.username, post.author.followers, post.author.verified,
    )  # fmt: skip
    assert post.command is not None
    assert ("BOOM", "R&D") == (post.command.ticker, post.command.name)


def test_an_edited_post_keeps_its_first_id() -> None:
    """Every edit has a new id; posts are known by the first."""
    post = read_post(line(id="12", edit_history_tweet_ids=["11", "12"]))

    assert post is not None
    assert ("11", ("11", "12")) == (post.id, post.edit_ids)


def test_new_member_names_and_long_posts() -> None:
    """The API renames tweets to posts; the full text of a long post stands in its note."""
    note = {"text": "long. @launchcoin $NOTE + Note"}
    reference = [{"type": "replied_to", "id": "5"}]
    old = read_post(line(note_tweet=note, referenced_tweets=reference))
    new = read_post(
        line(note_post=note, referenced_posts=reference, edit_history_tweet_ids=None,
             edit_history_post_ids=["1922602768520314988"])
    )  # fmt: skip

    assert old == new
    assert old is not None
    assert (note["text"], "5") == (old.text, old.reply_to)


def test_a_missing_author_and_time() -> None:
    """Without the account the address still works; without a time the id tells it."""
    post = read_post(line(includes={}, created_at=None))

    assert post is not None
    assert "https://x.com/i/web/status/1922602768520314988" == post.url
    assert snowflake_ms(post.id) == post.created_ms


def test_the_time_in_an_id() -> None:
    """The real post behind launch 3tGnaX8D was written less than a minute before it.

    Source: blockTime 1747219224 of 3tGnaX8DroXpbxPhhm67qwbtdJR6b9yoCbsEbgKKpoYjue2yc5WQ8HZcYLx9Wz
    eMZLxMA4fT1mte7Rvm9vJeLqzv, and the post id in its document.
    """
    written = snowflake_ms("1922602768520314988")

    assert written is not None
    assert 0 < 1_747_219_224_000 - written < 60_000


@pytest.mark.parametrize(
    "control", [b"", b"\r\n", b'{"errors":[{"title":"ConnectionException"}]}', b"{}"]
)
def test_heartbeats_and_control_messages_are_not_ours(control: bytes) -> None:
    """They carry no post, and are no error either."""
    assert None is read_post(control)


@pytest.mark.parametrize(
    "broken",
    [
        b"[]", b'"x"', b"{", b"\xff\xfe", b'{"data":{"id":1}}', b'{"data":{"id":"1"}}',
        line(id="no", edit_history_tweet_ids=["no"]), line(created_at="soon"), line(author_id=""),
        b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_post_is_unreadable(broken: bytes) -> None:
    """Whatever else comes is refused with a sentence."""
    with pytest.raises(UnreadableError):
        read_post(broken)


def test_what_the_matcher_needs() -> None:
    """Commands, posts that name a mint, and posts that mention a launcher; nothing else."""
    mint = "C2wH9jTV5m7QVGe2pBo4CzUWcZ4wFz326bHAHBfZ2sHt"
    posts = [read_post(line(text=text)) for text in (mint, "hi @believeapp", "hello")]

    assert [True, True, False] == [concerns_launch(post) for post in posts if post]
