"""Whatever a client asks the test node for, it answers or says what is wrong, as real nodes do."""

from functools import cache
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.node.answers import ANSWERS
from tests.node.chain import Chain, chain_of
from tests.node.loading import placed
from tests.node.rpc import answered
from tests.node.subscriptions import KINDS, subscribed
from tests.node.view import Traits, View
from tests.shared import market_lines

DBC = "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN"
CODES = {-32602, -32001, -32004, -32007, -32015, -32016}
NAMES = [
    *("commitment", "encoding", "transactionDetails", "rewards", "limit", "before", "until"),
    *("minContextSlot", "maxSupportedTransactionVersion", "mentions", "mentionsAccountOrProgram"),
    *("accountInclude", "accountExclude", "accountRequired", "failed", "vote", "signature"),
]


@cache
def chain() -> Chain:
    """Return a short chain."""
    return chain_of(placed(market_lines()[:6]), empty_share=0.05)


def values() -> st.SearchStrategy[Any]:
    """Return what may stand in parameters: things that make sense, and any other."""
    names = list(chain().located)[:2]
    known = [*names, DBC, "all", "base64", "confirmed", "jsonParsed", "accounts", "", "0"]
    simple = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-1, 3),
        st.sampled_from(chain().slots),
        st.floats(allow_nan=False),
        st.sampled_from(known),
    )
    listed = simple | st.lists(simple, max_size=3)
    return listed | st.dictionaries(st.sampled_from(NAMES), listed, max_size=4)


def parameters() -> st.SearchStrategy[list[Any]]:
    """Return lists of them; one in two begins with what the method needs."""
    name, slot = next(iter(chain().located)), st.sampled_from(chain().slots)
    needed = st.sampled_from([DBC, name, "all", [name], [DBC], {"mentions": [DBC]}]) | slot
    rest = st.lists(values(), max_size=2)
    return st.lists(values(), max_size=3) | st.builds(lambda one, more: [one, *more], needed, rest)


@settings(max_examples=150, deadline=None)
@given(method=st.sampled_from([*ANSWERS, *KINDS]), data=st.data())
def test_any_parameters(method: str, data: st.DataObject) -> None:
    """There is an answer in JSON, or an error of JSON-RPC; nothing else escapes."""
    params = data.draw(parameters())
    view = View(chain(), len(chain().seen) - 1)

    def call(name: str, given: list[Any]) -> Any:
        answer = ANSWERS.get(name)
        return answer(view, given) if answer else subscribed(name, given, Traits()).kind

    answer = answered({"id": 1, "method": method, "params": params}, call)

    assert msgspec.json.encode(answer)
    assert answer is not None
    assert answer.get("error", {"code": None})["code"] in {None, *CODES}


@settings(max_examples=50, deadline=None)
@given(found=st.recursive(values(), lambda inner: st.lists(inner, max_size=2)))
def test_any_body(found: Any) -> None:
    """Whatever is no call has the error that says so."""
    answer = answered(found, lambda *_: 1)

    assert answer is not None
    assert {"code": -32600, "message": "Invalid request"} == answer["error"]
