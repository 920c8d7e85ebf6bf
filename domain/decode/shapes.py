"""The JSON that nodes and webhooks send, as far as we read it; other fields are skipped."""

from typing import Annotated, ClassVar

import msgspec

from schemas.fields import ChainTime, Decimals, Slot

Index = Annotated[int, msgspec.Meta(ge=0)]
PlaceInBlock = Annotated[int, msgspec.Meta(ge=0, lt=10**9)]
"""The index of a transaction in its block, as headers may say it."""
BoundedSlot = Annotated[Slot, msgspec.Meta(le=2**63 - 1)]
LATEST_TIME: ChainTime = 253_402_300_799
"""The end of the year 9999, beyond which there is no RFC 3339."""
BoundedTime = Annotated[ChainTime, msgspec.Meta(ge=0, le=LATEST_TIME)]
NULL = b"null"
NO_ERROR = msgspec.Raw(NULL)


class Shape(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A JSON object of somebody else's making."""


class InstructionShape(Shape, frozen=True, gc=False, rename="camel"):
    """An instruction: accounts by index or by address; no data where a node parsed it for us."""

    program_id_index: Index | None = None
    program_id: str | None = None
    accounts: list[Index | str] | None = None
    data: str | None = None


class InnerShape(Shape, frozen=True, gc=False, rename="camel"):
    """The instructions that programs made while executing outer instruction ``index``."""

    index: Index
    instructions: list[InstructionShape]


class AmountShape(Shape, frozen=True, gc=False, rename="camel"):
    """A token amount in smallest units."""

    amount: str
    decimals: Decimals


class BalanceShape(Shape, frozen=True, gc=False, rename="camel"):
    """A token account's balance before or after a transaction."""

    account: Index = msgspec.field(name="accountIndex")
    mint: str
    ui_token_amount: AmountShape
    owner: str | None = None

    @property
    def decimals(self) -> Decimals:
        """The decimals of the mint."""
        return self.ui_token_amount.decimals

    @property
    def raw_amount(self) -> str:
        """The amount, as it came."""
        return self.ui_token_amount.amount


class LoadedShape(Shape, frozen=True, gc=False, rename="camel"):
    """The accounts that came from lookup tables."""

    writable: list[str]
    readonly: list[str]


class MetaShape(Shape, frozen=True, gc=False, rename="camel"):
    """What a transaction did."""

    err: msgspec.Raw = NO_ERROR
    inner_instructions: list[InnerShape] | None = None
    loaded_addresses: LoadedShape | None = None
    pre_token_balances: list[BalanceShape] | None = None
    post_token_balances: list[BalanceShape] | None = None
    log_messages: msgspec.Raw = NO_ERROR


class KeyShape(Shape, frozen=True, gc=False, rename="camel"):
    """An account of a message in jsonParsed encoding; those of lookup tables are among them."""

    pubkey: str
    signer: bool


class HeaderShape(Shape, frozen=True, gc=False, rename="camel"):
    """How many of a message's first accounts signed."""

    num_required_signatures: Index


class MessageShape(Shape, frozen=True, gc=False, rename="camel"):
    """A message in json encoding (addresses, header) or jsonParsed (objects)."""

    account_keys: list[str | KeyShape]
    instructions: list[InstructionShape]
    header: HeaderShape | None = None


class TransactionShape(Shape, frozen=True, gc=False, rename="camel"):
    """A transaction in json or jsonParsed encoding."""

    signatures: list[str]
    message: MessageShape


class WebhookInstructionShape(Shape, frozen=True, gc=False, rename="camel"):
    """An outer instruction of an enhanced webhook, with the inner ones in it."""

    program_id_index: ClassVar[None] = None
    program_id: str
    accounts: list[Index | str]
    data: str
    inner_instructions: list[InstructionShape] = []


class RawAmountShape(Shape, frozen=True, gc=False, rename="camel"):
    """A signed change of a token balance in smallest units."""

    token_amount: str
    decimals: Decimals


class ChangeShape(Shape, frozen=True, gc=False, rename="camel"):
    """The change of one token account."""

    mint: str
    raw_token_amount: RawAmountShape
    account: str = msgspec.field(name="tokenAccount")
    owner: str | None = msgspec.field(name="userAccount", default=None)

    @property
    def decimals(self) -> Decimals:
        """The decimals of the mint."""
        return self.raw_token_amount.decimals

    @property
    def raw_amount(self) -> str:
        """The change, as it came."""
        return self.raw_token_amount.token_amount


class AccountShape(Shape, frozen=True, gc=False, rename="camel"):
    """What an enhanced webhook says of one account."""

    token_balance_changes: list[ChangeShape] = []


class Envelope(Shape, frozen=True, gc=False, rename="camel"):
    """Any of the shapes, told apart by what is there.

    What getTransaction returns (bare, or in ``result``), an entry of a block, or the object of an
    enhanced webhook, which has ``instructions`` instead of ``transaction``.

    Source: docs of getTransaction and getBlock; recorded transactions.
    """

    result: "Envelope | None" = None
    slot: BoundedSlot | None = None
    block_time: BoundedTime | None = None
    transaction_index: Index | None = None
    index_within_block: Index | None = None
    transaction: list[str] | str | TransactionShape | None = None
    meta: MetaShape | None = None
    signature: str | None = None
    timestamp: BoundedTime | None = None
    fee_payer: str | None = None
    transaction_error: msgspec.Raw = NO_ERROR
    instructions: list[WebhookInstructionShape] | None = None
    account_data: list[AccountShape] = []

    @property
    def index(self) -> int | None:
        """The transaction's index in its block; webhooks have a name of their own for it."""
        return self.index_within_block if self.transaction_index is None else self.transaction_index


_DECODER = msgspec.json.Decoder(Envelope)


def read_envelope(raw: bytes) -> Envelope:
    """Return the object in *raw*, out of its JSON-RPC wrapper.

    Raises:
        msgspec.MsgspecError, UnicodeDecodeError, RecursionError: *raw* is none of the shapes.
    """
    envelope = _DECODER.decode(raw)
    return envelope.result or envelope
