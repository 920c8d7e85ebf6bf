"""Transactions by signature and by address."""

from bisect import bisect_left, bisect_right
from itertools import islice
from typing import Any

import msgspec

from tests.node.answers.accounts import in_context
from tests.node.chain import Located
from tests.node.errors import invalid_params
from tests.node.faults import happens
from tests.node.heads import Commitment
from tests.node.params import address, commitment_of, config_at, needed, number, reached, signature
from tests.node.shapes import entry, wanted
from tests.node.transactions import Json
from tests.node.view import View

MOST_SIGNATURES, MOST_STATUSES = 1_000, 256


def get_transaction(view: View, params: list[Any]) -> Json | None:
    """Return a transaction, or None while it is not at the commitment.

    Raises:
        RpcError: it is of a newer version than was asked for (-32015).
    """
    name, config = signature(needed(params, 1)[0]), config_at(params, 1)
    commitment = commitment_of(config, least="confirmed")
    want = wanted(config, log_bytes=view.traits.log_bytes)
    found = _located(view, name, commitment)
    if found is None:
        return None
    body = {
        "blockTime": view.chain.time(found.slot),
        "slot": found.slot,
        **entry(view.chain.at(found), want),
    }
    if view.traits.transaction_index:
        body["transactionIndex"] = found.index
    return dict(sorted(body.items()))


def get_signatures_for_address(view: View, params: list[Any]) -> list[Json]:
    """Return who named an address, newest first: after ``before`` and up to ``until``, excluded.

    Raises:
        RpcError: the limit is 0 or above 1,000, or the node is not as far as asked.
    """
    key, config = address(needed(params, 1)[0]), config_at(params, 1)
    commitment = commitment_of(config, least="confirmed")
    reached(view, config, commitment)
    limit = number(1_000 if config.get("limit") is None else config["limit"])
    if not 0 < limit <= MOST_SIGNATURES:
        raise invalid_params(f"Invalid limit; max {MOST_SIGNATURES}")
    places = _range(view, view.chain.mentions.get(key, []), config, commitment)
    shown = (place for place in reversed(places) if not _is_hidden(view, place))
    return [_listed(view, place) for place in islice(shown, limit)]


def get_signature_statuses(view: View, params: list[Any]) -> Json:
    """Return how far each of up to 256 transactions is."""
    names = needed(params, 1)[0]
    if not isinstance(names, list) or len(names) > MOST_STATUSES:
        raise invalid_params(f"Too many inputs provided; max {MOST_STATUSES}")
    statuses = [_status(view, signature(name)) for name in names]
    return in_context(view, {"commitment": "processed"}, statuses)


def _located(view: View, name: str, commitment: Commitment) -> Located | None:
    found = view.chain.located.get(name)
    return found if found and view.has(found.slot, commitment) else None


def _range(
    view: View, places: list[Located], config: Json, commitment: Commitment
) -> list[Located]:
    """Return those of *places*, ascending, that the node has, between ``until`` and ``before``."""
    first = bisect_left(places, Located(view.first, 0))
    last = bisect_right(places, Located(view.heads.of(commitment) + 1, -1))
    if config.get("before") is not None:
        before = _located(view, signature(config["before"]), commitment)
        last = bisect_left(places, before) if before else 0
    if config.get("until") is not None:
        until = _located(view, signature(config["until"]), commitment)
        first = max(first, bisect_right(places, until)) if until else first
    return places[first:last]


def _is_hidden(view: View, place: Located) -> bool:
    return happens(view.hidden, view.key, "hidden", view.chain.at(place).signature)


def _listed(view: View, place: Located) -> Json:
    transaction = view.chain.at(place)
    return {
        "blockTime": view.chain.time(place.slot),
        "confirmationStatus": _level(view, place.slot),
        "err": msgspec.json.decode(transaction.meta).get("err") if transaction.failed else None,
        "memo": None,
        "signature": transaction.signature,
        "slot": place.slot,
    }


def _status(view: View, name: str) -> Json | None:
    place = _located(view, name, "processed")
    if place is None:
        return None
    meta = msgspec.json.decode(view.chain.at(place).meta)
    level = _level(view, place.slot)
    depth = view.chain.height(view.heads.processed) - view.chain.height(place.slot)
    return {
        "confirmationStatus": level,
        "confirmations": None if level == "finalized" else depth,
        "err": meta.get("err"),
        "slot": place.slot,
        "status": meta.get("status"),
    }


def _level(view: View, slot: int) -> Commitment:
    if slot <= view.heads.finalized:
        return "finalized"
    return "confirmed" if slot <= view.heads.confirmed else "processed"
