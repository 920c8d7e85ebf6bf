"""Tokens: the list, one of them, several at once."""

from typing import Annotated, Never

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.answers import answer, answer_json, version_shown, version_tag
from api.documents import BATCH, TOKEN, TOKENS
from api.parameters import NOTHING_ELSE, Address, MintPath, TokenList
from api.problem import Problem
from api.reads import tokens as read
from api.services import Use

router = APIRouter(prefix="/v1/tokens", tags=["tokens"])


class Batch(BaseModel):
    """Tokens asked for together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mints: list[Address] = Field(min_length=1, max_length=100, description="Up to 100 mints.")


@router.get("", responses=TOKENS, summary="Tokens that fit, sorted")
async def list_tokens(request: Request, asked: Annotated[TokenList, Query()], use: Use) -> Response:
    """Return a page of tokens. Unknown figures match no bound and sort last either way."""
    return answer_json(request, await read.tokens(use, asked))


@router.post("/batch", responses=BATCH, dependencies=[NOTHING_ELSE], summary="Several at once")
async def batch(request: Request, asked: Batch, use: Use) -> Response:
    """Return the known ones of up to 100 tokens, in the order asked for."""
    return answer_json(request, await read.batch(use, asked.mints))


@router.get("/batch", include_in_schema=False, response_model=None)
async def batch_is_posted() -> Never:
    """Refuse to look for a token of this name.

    Raises:
        Problem: saying what to do instead (405).
    """
    sentence = "Tokens are asked for together with POST."
    raise Problem(405, "methodNotAllowed", sentence, headers={"Allow": "POST"})


@router.get("/{mint}", responses=TOKEN, dependencies=[NOTHING_ELSE], summary="One token")
async def get_token(request: Request, mint: MintPath, use: Use) -> Response:
    """Return a token with its curve, windows, post and project. Its ETag is its version."""
    at_least = version_shown(request.headers.get("if-none-match"))
    document = await use.hot.token(mint, at_least=at_least)
    return answer(request, bytes(document.body), tag=version_tag(document.version))
