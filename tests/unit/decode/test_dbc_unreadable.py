"""What should be ours and cannot be read is named; what is new is only counted."""

import pytest

from domain.decode import decode
from schemas.chain_events import Trade
from schemas.place import OUTER
from tests.borsh import CPI_EVENT
from tests.shared import needs_shared
from tests.unit.decode.scene import (
    POOL_AUTHORITY,
    SQUADS,
    Scene,
    arguments,
    discriminator,
    init_accounts,
    names,
    newest,
    only,
    swap2,
    swap2_fields,
    swap_accounts,
)

pytestmark = needs_shared


def test_a_short_event_is_named_and_hides_nothing_else() -> None:
    """The reason gives name, discriminator and length; other instructions are read."""
    event = newest().event("EvtSwap2", newest().made_up("EvtSwap2", Scene().rng))
    scene = Scene().call(discriminator("swap2"), swap_accounts(Scene(1).rng))
    scene.inside(event[:-1], [POOL_AUTHORITY])
    decoded = decode(swap2(scene, swap_accounts(Scene(2).rng)).json())
    (part,) = decoded.unreadable

    assert (0, OUTER) == part[:2]
    assert "EvtSwap2 (bd4233a826507599) has 178 bytes instead of 179" == part.reason
    assert f"{discriminator('swap2').hex()} {event[:-1].hex()}" == part.data
    assert only(decoded, Trade)


def test_a_swap_without_its_event() -> None:
    """A node that keeps no inner instructions cannot tell what was traded."""
    scene = Scene().call(discriminator("swap"), swap_accounts(Scene().rng))
    (part,) = decode(scene.json()).unreadable

    assert "swap came without its event" == part.reason


def test_a_direction_that_is_neither() -> None:
    """A third direction is no trade that anybody can count."""
    scene = Scene().call(discriminator("swap2"), swap_accounts(Scene().rng))
    scene.event("EvtSwap2", **(swap2_fields() | {"trade_direction": 2}))
    decoded = decode(scene.json())

    assert () == decoded.events
    assert "direction is 2" in decoded.unreadable[0].reason


def test_too_few_accounts() -> None:
    """Without the tenth account there is no trader."""
    scene = Scene().call(discriminator("swap2"), swap_accounts(Scene().rng)[:9])
    decoded = decode(scene.event("EvtSwap2", **swap2_fields()).json())

    assert "account 9 is needed but there are 9" == decoded.unreadable[0].reason


@pytest.mark.parametrize("cut", [9, 12, 20])
def test_a_launch_whose_texts_end_early(cut: int) -> None:
    """Arguments that end inside a length or a text."""
    data = arguments("initialize_virtual_pool_with_spl_token", name="n" * 9, symbol="", uri="")
    scene = Scene()
    scene.call(data[:cut], init_accounts(scene, 10))
    decoded = decode(scene.json())

    assert () == decoded.events
    assert 1 == len(decoded.unreadable)


def test_an_unknown_instruction_and_event_are_counted() -> None:
    """New discriminators of a known program are events by their hex, and never fatal."""
    scene = Scene().call(b"\x01" * 8, []).call(b"\x02" * 8, [])
    scene.inside(CPI_EVENT + b"\x03" * 8 + b"body", [POOL_AUTHORITY])
    decoded = decode(scene.json())

    assert ["unknown:" + "01" * 8, "unknown:" + "03" * 8] == names(decoded)
    assert () == decoded.unreadable


def test_a_trade_by_an_unknown_instruction_is_not_lost_in_silence() -> None:
    """Its accounts are not known, so neither is the mint: somebody has to look."""
    scene = Scene().call(b"\x01" * 8, swap_accounts(Scene().rng))
    (part,) = decode(scene.event("EvtSwap2", **swap2_fields()).json()).unreadable

    assert "EvtSwap2 came with instruction unknown:0101010101010101" == part.reason


def test_a_failed_transaction_did_nothing() -> None:
    """Not even unreadable parts; but it is known as ours."""
    scene = swap2(Scene(), swap_accounts(Scene().rng))
    scene.error = {"InstructionError": [0, {"Custom": 6002}]}
    decoded = decode(scene.json())

    assert (decoded.failed, decoded.ours, decoded.events) == (True, True, ())


def test_another_program_with_equal_discriminators() -> None:
    """Programs are told apart by id first: a stranger's are not ours, DAMM v2's are its own."""
    pools = "cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG"
    data = newest().event("EvtSwap2", newest().made_up("EvtSwap2", Scene().rng))
    strange, own = (
        decode(
            Scene()
            .call(discriminator("swap2"), swap_accounts(Scene().rng), program=program)
            .inside(data, [POOL_AUTHORITY], program=program)
            .json()
        )
        for program in (SQUADS, pools)
    )

    assert (strange.ours, strange.events, strange.unreadable) == (False, (), ())
    # DBC's event has 179 bytes, one fewer than the other of the same name.
    assert "EvtSwap2 (bd4233a826507599) has 179 bytes instead of 180" == own.unreadable[0].reason
