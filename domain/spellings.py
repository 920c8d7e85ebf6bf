"""How peers spell launchpads and protocols: two axes, one name of ours for each.

A launchpad is who launches, a protocol the program it launches on; where nobody else is known,
the launchpad is the protocol.
"""

from collections.abc import Mapping


def _plain(text: str) -> str:
    """Return the letters and digits of *text*, small."""
    return "".join(filter(str.isalnum, text.casefold()))


def _table(spellings: Mapping[str, str]) -> Mapping[str, str]:
    """Return our names by each plain spelling, our own among them."""
    return {
        _plain(spelling): name
        for name, others in spellings.items()
        for spelling in (name, *others.split())
    }


_PROGRAMS = {
    "meteora-dbc": "met-dbc virtualCurve meteora_virtual_curve dbc dynamic_bonding_curve",
    "pump.fun": "pump",
    "raydium-launchlab": "launchlab raydium_launchpad",
    "moonshot": "",
}
_PROTOCOLS = _table(_PROGRAMS)
_LAUNCHPADS = _table(
    _PROGRAMS
    | {
        "believe": "launchACoin believe.app",
        "bags": "bags.fm",
        "letsbonk": "letsbonk.fun bonk bonk.fun",
    }
)
"""Source: Jupiter (``Believe``, ``met-dbc``), Axiom (``launchACoin``, ``virtualCurve``), GMGN
(``believe``, ``meteora_virtual_curve``), PumpPortal (``pump``, ``meteora-dbc``); names of IDLs and
sites."""


def launchpad_called(text: str) -> str:
    """Return our name of a launchpad in a peer's spelling; *text* itself where it is none.

    >>> launchpad_called("launchACoin"), launchpad_called("Pump.fun"), launchpad_called("mine")
    ('believe', 'pump.fun', 'mine')
    """
    return _LAUNCHPADS.get(_plain(text), text)


def protocol_called(text: str) -> str:
    """Return our name of a protocol in a peer's spelling; *text* itself where it is none.

    >>> protocol_called("meteora_virtual_curve"), protocol_called("mine")
    ('meteora-dbc', 'mine')
    """
    return _PROTOCOLS.get(_plain(text), text)
