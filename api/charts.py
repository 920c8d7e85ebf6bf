"""What the datafeed for charts answers, as the description of the API tells it."""

from typing import Any

from api import examples
from api.answers import JSON
from api.bodies import REF
from api.documents import Responses, one
from api.udf import (
    Bars,
    Configuration,
    Found,
    Marks,
    SymbolInfo,
    TimescaleMark,
    marks,
    symbol_info,
)

FAILURE = {"$ref": REF.format(name="Failure")}
ELSE = "What the caller did wrong is a Failure, with the same status: these clients read no other."


def _several(shape: type[Any], about: str) -> Responses:
    schema = {"type": "array", "items": {"$ref": REF.format(name=shape.__name__)}}
    return {200: {"description": f"{about} {ELSE}", "content": {JSON: {"schema": schema}}}}


def _or_failure(described: Responses) -> Responses:
    """Add to an answer that a failure may stand in its place."""
    content = described[200]["content"][JSON]
    schema = {"anyOf": [content["schema"], FAILURE]}
    return {200: {**described[200], "content": {JSON: {**content, "schema": schema}}}}


CONFIG = _or_failure(one(Configuration, Configuration(), "What it can do."))
SYMBOL = _or_failure(one(SymbolInfo, symbol_info(examples.TOKEN), f"The symbol. {ELSE}"))
FOUND = _or_failure(_several(Found, "Symbols, best first."))
_BARS = one(
    Bars,
    # Numbers here have all digits of the candles; an example has to do with those of a float.
    Bars(
        s="ok", t=(1790000000,), o=(2.85333e-8,), h=(2.95943e-8,), l=(2.85333e-8,),
        c=(2.95943e-8,), v=(0.48572299,),
    ),
    f"Bars, oldest first. {ELSE}",
)  # fmt: skip
BARS = _or_failure(_BARS)
MARKS = _or_failure(one(Marks, marks([examples.LAUNCH]), f"Marks. {ELSE}"))
TIMESCALE_MARKS = _or_failure(_several(TimescaleMark, "Marks, oldest first."))
TIME: Responses = {
    200: {
        "description": "Unix seconds.",
        "content": {
            "text/plain": {"schema": {"type": "string", "pattern": "^[0-9]+$"}},
            JSON: {"schema": FAILURE},
        },
    }
}
