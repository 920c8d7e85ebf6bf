"""Who launches: launchpads that share a program are told apart by the key that signs for them."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from schemas.fields import Address

AUTHORITIES: Mapping[Address, str] = MappingProxyType(
    {
        "5qWya6UjwWnGVhdSBL3hyZ7B45jbk6Byt1hwd7ohEGXE": "believe",
        "BAGSB9TpGrZxQbEsrEznv5jXXdwyP6AXerN8aVRiAmcv": "bags",
    }
)
"""Launchpad by authority; several keys may name one launchpad.

Source: Believe's launch 3tGnaX8DroXpbxPhhm67qwbtdJR6b9yoCbsEbgKKpoYjue2yc5WQ8HZcYLx9WzeMZLxMA4fT1mt
e7Rvm9vJeLqzv; Bags' public documentation.
"""


def authority(signers: Collection[Address], payer: Address) -> Address | None:
    """Return the launchpad's key that signed or paid for a launch, None where there is none.

    Launches through a multisig are paid by its vault, so the signers count as well as the payer.
    """
    return next((key for key in AUTHORITIES if key == payer or key in signers), None)
