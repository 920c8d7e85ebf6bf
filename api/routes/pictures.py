"""Pictures of tokens, for browsers that should not ask hosts nobody vouches for."""

import msgspec
from fastapi import APIRouter, Request, Response

from api.answers import answer
from api.documents import PICTURE
from api.parameters import NOTHING_ELSE, MintPath
from api.services import Use

router = APIRouter(prefix="/v1/tokens/{mint}", tags=["tokens"])

MAX_AGE_S = 86_400
POLICY = "default-src 'none'; sandbox"
"""Whatever it is, opened by itself it does nothing."""


class Pictured(msgspec.Struct):
    """A token, as far as its picture."""

    image: str | None = None


_pictured = msgspec.json.Decoder(Pictured).decode


@router.get(
    "/image",
    response_class=Response,
    responses=PICTURE,
    dependencies=[NOTHING_ELSE],
    summary="The picture, fetched for you",
)
async def image(request: Request, mint: MintPath, use: Use) -> Response:
    """Return a token's picture as it came: PNG, JPEG, GIF, WebP or AVIF.

    Only where the deployment fetches pictures; else, and where a token has none, 404.
    """
    document = await use.known(mint)
    picture = await use.pictures.get(_pictured(document.body).image)
    shown = answer(request, picture.body, max_age_s=MAX_AGE_S, media_type=picture.media_type)
    shown.headers["content-security-policy"] = POLICY
    return shown
