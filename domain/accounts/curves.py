"""The curve accounts of the launchpads' programs: who made a token, and how far its curve is.

Layouts are those of the IDLs; offsets count behind the eight bytes of the discriminator.
"""

from collections.abc import Callable, Mapping
from struct import Struct
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from domain.curve import reserve_price
from domain.decode.dbc import PROTOCOL as DBC_PROTOCOL
from domain.decode.launchlab import PROTOCOL as LAUNCHLAB_PROTOCOL
from domain.decode.launchpads import PLATFORMS
from domain.decode.layout import KEY, address_of
from domain.decode.program import discriminator
from domain.decode.program_ids import DBC, LAUNCHLAB, PUMP
from domain.decode.pump import PROTOCOL as PUMP_PROTOCOL
from domain.decode.pump import STANDARD_FOR_SALE, STANDARD_PRICE
from domain.decode.pump_layout import NATIVE, WSOL
from domain.errors import UnreadableError
from schemas.accounts import Standing
from schemas.fields import Address, SqrtPrice

_VIRTUAL_POOL = Struct("<64x32s32s32s64xQQ32xQQ9xB2xB")
"""``VirtualPool`` and ``TransferHookPool``: config, creator, base mint, both reserves, square root
of the price (two halves), whether it is migrated, migration progress."""
_POOL_CONFIG = Struct("<32s195xB28xQ120xQQ")
"""``PoolConfig``: quote mint, decimals, threshold, square root of the start price (two halves)."""
_BONDING_CURVE = Struct("<QQQQQ?32s")
"""``BondingCurve``: virtual and real reserves (token, quote each), supply, complete, creator."""
_CURVE_QUOTE = 75
_POOL_STATE = Struct("<9xBB2xQQQQQQQ96x32s32s32s64x32s")
"""``PoolState`` of LaunchLab: status, base decimals, supply, base for sale, virtual and real
reserves (base, quote each), what is to be raised; platform configuration, base and quote mint,
creator."""
_FUNDING, _MIGRATING = 0, 1
"""Statuses of a LaunchLab pool; a higher one: its liquidity is in an ordinary pool."""


def read_curve(standing: Standing, address: Address, owner: Address, data: bytes) -> Standing:
    """Return what is known of a token with what its curve says.

    Raises:
        UnreadableError: it is no curve of a program that we know, or that of another token.
    """
    read = _CURVES.get((owner, data[:8]))
    if read is None:
        raise UnreadableError(f"{address} is no curve: {data[:8].hex()} of {owner}")
    found = read(standing, data[8:])
    return replace(found, pool=address, program=owner)


def read_config(standing: Standing, address: Address, owner: Address, data: bytes) -> Standing:
    """Return what is known of a token with what its configuration says (Meteora DBC).

    Raises:
        UnreadableError: it is no configuration.
    """
    if owner != DBC or data[:8] not in _CONFIGS:
        raise UnreadableError(f"{address} is no configuration: {data[:8].hex()} of {owner}")
    quote, decimals, threshold, low, high = _unpacked(_POOL_CONFIG, data[8:])
    return replace(
        standing,
        quote_mint=address_of(quote),
        base_decimals=decimals if standing.base_decimals is None else standing.base_decimals,
        threshold=threshold,
        start_price=_squared(low | high << 64),
    )


def _dbc(standing: Standing, body: bytes) -> Standing:
    config, creator, mint, base, quote, low, high, migrated, progress = _unpacked(
        _VIRTUAL_POOL, body
    )
    _check_mint(standing, mint)
    return replace(
        standing,
        protocol=DBC_PROTOCOL,
        # By whom it was launched only the launch's signers tell.
        config=address_of(config),
        creator=address_of(creator),
        base_reserve=base,
        quote_reserve=quote,
        price=_squared(low | high << 64),
        is_complete=progress > 0,
        is_migrated=bool(migrated),
    )


def _pump(standing: Standing, body: bytes) -> Standing:
    virtual_base, virtual_quote, real_base, real_quote, supply, complete, creator = _unpacked(
        _BONDING_CURVE, body
    )
    is_standard = (virtual_quote - real_quote, virtual_base - real_base) == (
        STANDARD_PRICE[0], STANDARD_PRICE[1] - STANDARD_FOR_SALE,
    )  # fmt: skip
    return replace(
        standing,
        protocol=PUMP_PROTOCOL,
        launchpad=PUMP_PROTOCOL,
        creator=address_of(creator),
        quote_mint=_pump_quote(body),
        supply=supply,
        start_price=STANDARD_PRICE if is_standard else None,
        for_sale=STANDARD_FOR_SALE if is_standard else None,
        price=reserve_price(virtual_quote, virtual_base),
        base_reserve=real_base,
        quote_reserve=real_quote,
        is_complete=complete,
    )


def _pump_quote(body: bytes) -> Address:
    """Return the quote token; curves from before there was a choice are in SOL, and do not say."""
    stated = body[_CURVE_QUOTE : _CURVE_QUOTE + KEY]
    return WSOL if len(stated) < KEY or stated == NATIVE else address_of(stated)


def _launchlab(standing: Standing, body: bytes) -> Standing:
    (
        status, decimals, supply, for_sale, virtual_base, virtual_quote, real_base, real_quote,
        threshold, platform, mint, quote, creator,
    ) = _unpacked(_POOL_STATE, body)  # fmt: skip
    _check_mint(standing, mint)
    config = address_of(platform)
    return replace(
        standing,
        protocol=LAUNCHLAB_PROTOCOL,
        launchpad=PLATFORMS.get(config, LAUNCHLAB_PROTOCOL),
        config=config,
        creator=address_of(creator),
        quote_mint=address_of(quote),
        base_decimals=decimals,
        supply=supply,
        start_price=reserve_price(virtual_quote, virtual_base),
        for_sale=for_sale,
        threshold=threshold,
        price=reserve_price(virtual_quote + real_quote, virtual_base - real_base),
        base_reserve=for_sale - real_base,
        quote_reserve=real_quote,
        is_complete=status > _FUNDING,
        is_migrated=status > _MIGRATING,
    )


def _check_mint(standing: Standing, mint: bytes) -> None:
    if address_of(mint) != standing.mint:
        raise UnreadableError(f"the curve is that of {address_of(mint)}")


def _unpacked(layout: Struct, body: bytes) -> tuple[Any, ...]:
    if len(body) < layout.size:
        raise UnreadableError(f"an account of {len(body) + 8} bytes is too short")
    return layout.unpack_from(body)


def _squared(root: SqrtPrice) -> tuple[int, int] | None:
    return (root * root, 1 << 128) if root else None


_CONFIGS = frozenset(discriminator("account", n) for n in ("PoolConfig", "ConfigWithTransferHook"))
_CURVES: Mapping[tuple[Address, bytes], Callable[[Standing, bytes], Standing]] = MappingProxyType(
    {
        (DBC, discriminator("account", "VirtualPool")): _dbc,
        (DBC, discriminator("account", "TransferHookPool")): _dbc,
        (PUMP, discriminator("account", "BondingCurve")): _pump,
        (LAUNCHLAB, discriminator("account", "PoolState")): _launchlab,
    }
)
