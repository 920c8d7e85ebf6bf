"""Order keys and addresses as whole numbers of 64 bits, which order like them but for ties; pure.

A greater text never has a smaller number. An order key's number is even if no other key has it,
and odd where figures were left out; a number that is unknown has one of its own.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]

UNKNOWN = -2
_LETTERS = 19
"""Sign, magnitude and 15 digits: with one bit more, these fit into 63."""
_POWERS = 10 ** np.arange(_LETTERS - 1, -1, -1, dtype=np.int64)
_ADDRESS_BYTES = 8


def codes_of_keys(keys: Sequence[str | None]) -> Codes:
    """Return the numbers of order keys; of None it is negative, others are not."""
    told = np.array([key or "" for key in keys], f"S{_LETTERS + 1}")
    letters = told.view(np.uint8).reshape(len(keys), _LETTERS + 1)
    is_negative = letters[:, 0] == ord("0")
    digits = letters[:, :_LETTERS].astype(np.int64) - ord("0")
    # Behind the end of a key; negative ones end with a letter that is greater than any digit.
    beyond = (digits < 0) | (digits > 9)
    digits = np.where(beyond, np.where(is_negative, 9, 0)[:, None], digits)
    is_cut = is_negative | (letters[:, _LETTERS] != 0)
    return np.where(letters[:, 0] == 0, UNKNOWN, digits @ _POWERS * 2 + is_cut)


def codes_of_addresses(addresses: Sequence[str]) -> npt.NDArray[np.uint64]:
    """Return the numbers of texts: what their first bytes make up."""
    told = np.array([address.encode() for address in addresses], f"S{_ADDRESS_BYTES}")
    return told.view(">u8").astype(np.uint64)


def is_exact(code: int) -> bool:
    """Return whether a number stands for one key alone."""
    return code % 2 == 0
