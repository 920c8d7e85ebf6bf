"""Asking for documents: by id, as they are this moment, or by search, as of the last refresh."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from domain.errors import StoreError
from views.elastic import answer
from views.elastic.answer import Found
from views.elastic.client import WRITE_S, Elastic, name
from views.elastic.names import Names

PAGE = 1_000
_NOTHING = b"{}"


class Asking:
    """Questions to the indices of one store."""

    def __init__(self, elastic: Elastic, names: Names) -> None:
        self.elastic, self.names = elastic, names
        self._unseen: set[str] = set()

    async def search(self, noun: str, asked: Mapping[str, Any]) -> tuple[Found, ...]:
        """Return what a search finds."""
        versions: dict[str, Any] = {} if "stored_fields" in asked else {"version": "true"}
        found = await self.elastic.ask(
            "POST", f"/{name(self.names.read(noun))}/_search", asked, missing=_NOTHING,
            ignore_unavailable="true", allow_partial_search_results="false", **versions,
        )  # fmt: skip
        return answer.searched(found).hits.hits

    async def all(self, noun: str, asked: Mapping[str, Any]) -> AsyncIterator[Found]:
        """Yield all that a search finds, page by page; it must be sorted by the key, too."""
        after: dict[str, Any] = {}
        while True:
            found = await self.search(noun, {**asked, **after, "size": PAGE})
            for one in found:
                yield one
            if len(found) < PAGE:
                return
            after = {"search_after": found[-1].sort}

    async def by_id(
        self, noun: str, ids: Sequence[str], *, fields: str | None = None
    ) -> dict[str, Found]:
        """Return the documents of some ids, deleted ones too."""
        if not ids:
            return {}
        path = f"/{name(self.names.read(noun))}/_mget"
        given: dict[str, Any] = {"_source_includes": fields} if fields else {}
        told = await self.elastic.ask("POST", path, {"ids": ids}, missing=_NOTHING, **given)
        docs = answer.got(told).docs
        for one in docs:
            if one.error and one.error.get("type") != "index_not_found_exception":
                raise StoreError(f"{self.elastic.host} cannot find what it keeps just now.")
        return {one.id: one for one in docs if one.found and not one.error}

    async def count(self, noun: str, query: Mapping[str, Any]) -> int:
        """Return how many documents there are."""
        told = await self.elastic.ask(
            "POST", f"/{name(self.names.read(noun))}/_count", {"query": query}, missing=_NOTHING,
            ignore_unavailable="true",
        )  # fmt: skip
        return answer.counted(told).count

    def written(self, nouns: Iterable[str]) -> None:
        """Note that a search does not find all of some nouns yet."""
        self._unseen.update(nouns)

    async def refresh(self, *nouns: str) -> None:
        """Let searches find all that has been written here, and all of *nouns*."""
        wanted, self._unseen = self._unseen | set(nouns), set()
        if not wanted:
            return
        names = ",".join(name(self.names.read(noun)) for noun in sorted(wanted))
        try:
            await self.elastic.ask(
                "POST", f"/{names}/_refresh", missing=_NOTHING, within_s=WRITE_S,
                ignore_unavailable="true",
            )  # fmt: skip
        except StoreError:
            self._unseen |= wanted
            raise
