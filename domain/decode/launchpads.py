"""Who launches: launchpads that share a program are told apart.

By the key that signs for them, or by the configuration of the program that is theirs.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import NamedTuple

from domain.posts import launchers
from schemas.fields import Address

AUTHORITIES: Mapping[Address, str] = MappingProxyType(
    {"BAGSB9TpGrZxQbEsrEznv5jXXdwyP6AXerN8aVRiAmcv": "bags", **launchers.AUTHORITIES}
)
"""Launchpad by authority; several keys may name one launchpad.

Source: the launchers' configuration; Bags' public documentation.
"""


PLATFORMS: Mapping[Address, str] = MappingProxyType(
    {
        "FfYek5vEz23cMkWsdJwG2oa6EphsvXSHrGpdALN4g6W1": "letsbonk",
        "BuM6KDpWiTcxvrpXywWFiw45R2RNH8WURdvqoTDV1BW4": "letsbonk",
    }
)
"""Launchpad by platform configuration of Raydium LaunchLab; several may name one launchpad.

Source: README of chainstacklabs/letsbonk-fun-bot; Raydium's own is 4Bu96XjU84XjPDSpveTVf6LYGCkfW5FK
7SNkREWcEfV4, as in the recorded launch mqSGNwKK.
"""


class Launchpad(NamedTuple):
    """Where a token was launched; ``signer`` is the launchpad's key, else who paid."""

    name: str
    signer: Address
    by_authority: bool


def launchpad_of(
    signers: Collection[Address], payer: Address, *, protocol: str, config: Address = ""
) -> Launchpad:
    """Return the launchpad by its key, else by its configuration, else the protocol itself."""
    key = authority(signers, payer)
    if key is None:
        return Launchpad(PLATFORMS.get(config, protocol), payer, by_authority=False)
    return Launchpad(AUTHORITIES[key], key, by_authority=True)


def authority(signers: Collection[Address], payer: Address) -> Address | None:
    """Return the launchpad's key that signed or paid for a launch, None where there is none.

    Launches through a multisig are paid by its vault, so the signers count as well as the payer.
    """
    return next((key for key in AUTHORITIES if key == payer or key in signers), None)
