"""A link as the public sees it."""

from schemas.link import Link, LinkRecord


def link_record(link: Link) -> LinkRecord | None:
    """Return the public record of a link, None where it is withdrawn."""
    if link.status == "withdrawn":
        return None
    return LinkRecord(
        mint=link.mint,
        status=link.status,
        post_id=link.post_id,
        url=link.url,
        author=link.author,
        delay_ms=link.delay_ms,
        confidence=link.confidence,
        evidence=link.evidence,
        candidates=link.candidates,
    )
