"""Made-up blocks, as short as the test that needs them."""

from collections.abc import Sequence

from streams.sources.solana.blocks import Block, Ours


def block(slot: int, parent: int, signatures: Sequence[str] = ()) -> Block:
    """Return a block with some transactions, at every third place from the first on."""
    ours = tuple(Ours(name, 3 * place, name.encode()) for place, name in enumerate(signatures))
    return Block(slot, parent, 1_000 + slot, ours)
