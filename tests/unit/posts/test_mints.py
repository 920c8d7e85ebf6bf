"""Token addresses in texts."""

import pytest

from domain.posts.mints import mints

MINT = "C2wH9jTV5m7QVGe2pBo4CzUWcZ4wFz326bHAHBfZ2sHt"


@pytest.mark.parametrize(
    "text",
    [MINT, f"CA:{MINT}.", f"https://pump.fun/coin/{MINT}?x=1", f"dexscreener.com/solana/{MINT}"],
)
def test_found_in_texts_and_addresses(text: str) -> None:
    """An address is found wherever it stands by itself."""
    assert (MINT,) == mints(text)


@pytest.mark.parametrize(
    "text",
    [
        "4aXPN1yMHUyaMsJh1hn1NRa4aswyeUHBfTbRXfWVztmyPc9XT3ydaM1rCBkXx8D9G9Y1vkJx85ET6ez12pAvQ6oW",
        "0x4ed4E862860beD51a9570b96d89aF5E1B0Efefed",
        "DufyCKU5zkyazRT75eWw0OIlioX8jaqARAb1oPs8M68N",
        "z" * 44,
        "1" * 33,
    ],
)
def test_what_only_looks_like_one(text: str) -> None:
    """Signatures, EVM addresses, other alphabets and other lengths in bytes are no addresses."""
    assert () == mints(text)
