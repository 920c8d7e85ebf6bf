"""Every instruction and event of every published IDL is known by name."""

import json
from collections.abc import Mapping
from types import ModuleType

import pytest

from domain.decode import (
    cpmm_names,
    damm_names,
    damm_v1_names,
    dbc_names,
    launchlab_names,
    pump_names,
    pumpswap_names,
)
from domain.decode.decoding import PROGRAMS
from domain.decode.program_ids import OURS
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared

NAMES: Mapping[str, ModuleType] = {
    "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN": dbc_names,
    "cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG": damm_names,
    "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P": pump_names,
    "pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA": pumpswap_names,
    "LanMV9sAd7wArD4vJFi2qDdfnVhFxYSUg6eADduJ3uj": launchlab_names,
    "Eo7WjKq67rjJQSZxS6z3YkapzY3eMj6Xy8X5EQVn5UaB": damm_v1_names,
    "CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C": cpmm_names,
}
BETWEEN_IDLS = {
    "EvtSwap", "EvtAddLiquidity", "zap_protocol_fee", "move_locked_lp", "collect_creator_fee",
    "create_permission_pda", "close_permission_pda", "initialize_with_permission",
}  # fmt: skip
"""What versions of DAMM and DBC between the IDLs had, found by the hash of their names, and what
the sources of DAMM v1 and CPMM have since."""
FILES = sorted((SHARED / "idl").glob("*.json")) if SHARED.exists() else []
IDLS = [json.loads(file.read_text()) for file in FILES]


@pytest.mark.parametrize("idl", IDLS, ids=[file.stem for file in FILES])
def test_every_name_is_listed_under_its_discriminator(idl: dict) -> None:
    """What is not decoded is at least Other by name; anything else shows as unknown."""
    known = NAMES[idl["address"]]
    instructions, events = (
        {bytes(each["discriminator"]): each["name"] for each in idl[kind]}
        for kind in ("instructions", "events")
    )

    assert instructions == {key: known.INSTRUCTIONS.get(key) for key in instructions}
    assert events == {key: known.EVENTS.get(key) for key in events}


@pytest.mark.parametrize("address", sorted({idl["address"] for idl in IDLS}))
def test_no_name_is_made_up(address: str) -> None:
    """Each is in an IDL of its program."""
    published = {
        each["name"]
        for idl in IDLS
        if idl["address"] == address
        for each in (*idl["instructions"], *idl["events"])
    }
    known = NAMES[address]
    listed = {*known.INSTRUCTIONS.values(), *known.EVENTS.values()}

    assert listed - BETWEEN_IDLS <= published


def test_the_instructions_of_every_decoder_are_kept() -> None:
    """A program whose id is not among ours would be given nothing to decode."""
    assert OURS == {program.program for program in PROGRAMS}


def test_every_program_with_an_idl_is_decoded() -> None:
    """The list of decoders has one for each."""
    assert set(NAMES) <= {program.program for program in PROGRAMS}
