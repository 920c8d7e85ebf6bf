"""What describes a token: the post that asked for it, else its document."""

from schemas.fields import Mint
from schemas.link import Link
from schemas.metadata import Metadata
from schemas.wording import TokenWording


def wording(mint: Mint, link: Link | None, document: Metadata | None) -> TokenWording:
    """Return the text that is to be read for *mint*; an empty one where nothing describes it."""
    if link is not None and link.status == "matched" and link.text:
        return TokenWording(mint, link.text, link.post_id)
    parts = (document.name, document.description) if document and document.description else ()
    return TokenWording(mint, ". ".join(part for part in parts if part))
