"""The vocabulary: what a field means, once, with its unit."""

from typing import Annotated, Literal

from msgspec import Meta

U64 = 2**64 - 1
U128 = 2**128 - 1

Address = Annotated[str, Meta(description="A Solana address: 32 bytes in base58.")]
Mint = Annotated[str, Meta(description="The address that defines a token, in base58.")]
Signature = Annotated[str, Meta(description="The first signature of a transaction, in base58.")]
Slot = Annotated[int, Meta(description="Solana's time slice, about 0.4 s.", ge=0)]
ChainTime = Annotated[int, Meta(description="Block time, in whole seconds since 1970 UTC.")]
BaseUnits = Annotated[int, Meta(description="The launched token in its smallest unit.")]
QuoteUnits = Annotated[int, Meta(description="The quote token in its smallest unit.")]
SqrtPrice = Annotated[
    int,
    Meta(description="floor(sqrt(quote per base, both in smallest units) x 2^64).", ge=0),
]
Ratio = Annotated[
    tuple[int, int],
    Meta(description="An exact price: quote units over base units, both in smallest units, > 0."),
]
Decimals = Annotated[int, Meta(description="Decimal places of the smallest unit.", ge=0, le=255)]
Amount = Annotated[str, Meta(description="An exact decimal in whole tokens of its currency.")]
Price = Annotated[str, Meta(description="Quote tokens per whole base token, an exact decimal.")]
Timestamp = Annotated[str, Meta(description="RFC 3339 in UTC, from chain time.")]
Vector = Annotated[tuple[float, ...], Meta(description="A vector, of 384 numbers.")]
Share = Annotated[float, Meta(description="A part of the whole, 0 to 1.")]

Side = Literal["buy", "sell"]
Origin = Literal["launch", "accounts", "unknown"]
Stage = Literal["bonding", "completed", "migrated"]
WINDOWS = ("5m", "1h", "6h", "24h")
