"""How peers spell launchpads and protocols, as the fact sheet of conventions lists it."""

import pytest

from domain.decode.launchpads import AUTHORITIES, PLATFORMS
from domain.spellings import launchpad_called, protocol_called


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("Believe", "believe"), ("launchACoin", "believe"), ("believe", "believe"),
        ("met-dbc", "meteora-dbc"), ("Pump.fun", "pump.fun"), ("pumpfun", "pump.fun"),
        ("pump_fun", "pump.fun"), ("LetsBonk.fun", "letsbonk"), ("bonk", "letsbonk"),
        ("Raydium LaunchLab", "raydium-launchlab"), ("Moonshot", "moonshot"), ("bags", "bags"),
    ],
)  # fmt: skip
def test_launchpads(spelling: str, name: str) -> None:
    """Case and signs do not matter; other names are in the table."""
    assert name == launchpad_called(spelling)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("met-dbc", "meteora-dbc"), ("virtualCurve", "meteora-dbc"),
        ("meteora_virtual_curve", "meteora-dbc"), ("meteora-dbc", "meteora-dbc"),
        ("pump", "pump.fun"), ("raydium_launchpad", "raydium-launchlab"),
    ],
)  # fmt: skip
def test_protocols(spelling: str, name: str) -> None:
    """The program's side of the same table."""
    assert name == protocol_called(spelling)


def test_the_axes_are_two() -> None:
    """A launchpad is no protocol: asked for as one, it is nobody's name."""
    assert "launchACoin" == protocol_called("launchACoin")


def test_what_decoders_say_is_its_own_name() -> None:
    """Every launchpad that a decoder can name is found by that name, and unknown ones pass."""
    for name in {*AUTHORITIES.values(), *PLATFORMS.values()}:
        assert name == launchpad_called(name)
    assert "Somebody's" == launchpad_called("Somebody's")
