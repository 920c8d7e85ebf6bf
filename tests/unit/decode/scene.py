"""Transactions made up for a test in json encoding, from bytes that the IDL describes."""

import json
import random
from typing import Any

from solders.keypair import Keypair

from domain.decode import Decoded
from schemas.chain_events import Other
from tests.borsh import IDL, Values, base58_text, idl
from tests.shared import SHARED

DBC = "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN"
POOL_AUTHORITY = "FhVo3mqL8PW5pH5U2CN4XE33DokiyZnUwuGpH2hmHLuM"
BELIEVE = "5qWya6UjwWnGVhdSBL3hyZ7B45jbk6Byt1hwd7ohEGXE"
WSOL = "So11111111111111111111111111111111111111112"
SQUADS = "SQDS4ep65T869zMMBKyuUq6aD6EgTu8psMjkvj52pCf"
EVENT_AUTHORITY = "8Ks12pbrD6PXxfty1hVQiE9sc289zgU1zHkvXhrSdriF"


def newest() -> IDL:
    """Return the newest IDL of Meteora DBC."""
    return idl(SHARED / "idl", "0.2.1")


def discriminator(instruction: str) -> bytes:
    """Return the eight bytes that an instruction begins with."""
    return bytes(newest().instructions[instruction]["discriminator"])


def arguments(instruction: str, **values: Any) -> bytes:
    """Return the data of an instruction; arguments that are not given are made up."""
    known = newest()
    rng = random.Random(5)
    made = {
        each["name"]: known.value(each["type"], rng)
        for each in known.instructions[instruction]["args"]
    }
    made = {
        name: value | values if isinstance(value, dict) else value for name, value in made.items()
    }
    return known.instruction(instruction, made)


def fresh(rng: random.Random) -> str:
    """Return an address that nobody used before."""
    return base58_text(rng.randbytes(31).rjust(32, b"\1"))


def swap_accounts(rng: random.Random, **named: str) -> list[str]:
    """Return the accounts of a swap: pool 2, mints 7 and 8, trader 9; those not named are new."""
    places = {"config": 1, "pool": 2, "base_vault": 5, "mint": 7, "quote": 8, "trader": 9}
    accounts = [fresh(rng) for _ in range(15)]
    accounts[0], accounts[8] = POOL_AUTHORITY, WSOL
    for name, address in named.items():
        accounts[places[name]] = address
    return accounts


class Scene:
    """Instructions in execution order, and the balances they left."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = random.Random(seed)
        self.keys: list[str] = [fresh(self.rng)]
        self.outer: list[Values] = []
        self.inner: dict[int, list[Values]] = {}
        self.before: list[Values] = []
        self.after: list[Values] = []
        self.signers = 1
        self.error: Any = None

    def call(self, data: bytes, accounts: list[str], *, program: str = DBC) -> "Scene":
        """Add an instruction of the transaction itself."""
        self.outer.append(self._instruction(data, accounts, program))
        return self

    def inside(self, data: bytes, accounts: list[str], *, program: str = DBC) -> "Scene":
        """Add an instruction that a program made while executing the last outer one."""
        made = self.inner.setdefault(len(self.outer) - 1, [])
        made.append(self._instruction(data, accounts, program))
        return self

    def event(self, name: str, **values: Any) -> "Scene":
        """Let the program record an event: fields that are not given are made up."""
        known = newest()
        filled = known.made_up(name, self.rng) | values
        return self.inside(known.event(name, filled), [EVENT_AUTHORITY])

    def emit(
        self, known: IDL, program: str, name: str, /, *, cut: int | None = None, **values: Any
    ) -> "Scene":
        """Let *program* record an event of its IDL, of which *cut* bytes of body are there."""
        data = known.event(name, known.made_up(name, self.rng) | values)
        return self.inside(
            data if cut is None else data[: 16 + cut], [fresh(self.rng)], program=program
        )

    def balance(
        self, account: str, mint: str, owner: str, *, before: int | None, after: int | None
    ) -> "Scene":
        """State the balance of a token account on both sides, None where it is not listed."""
        for side, amount in ((self.before, before), (self.after, after)):
            if amount is not None:
                side.append(
                    {
                        "accountIndex": self._index(account),
                        "mint": mint,
                        "owner": owner,
                        "uiTokenAmount": {"amount": str(amount), "decimals": 6},
                    }
                )
        return self

    def json(self, **over: Any) -> bytes:
        """Return the transaction as getTransaction answers it."""
        signature = str(Keypair.from_seed(self.rng.randbytes(32)).sign_message(b""))
        meta = {
            "err": self.error,
            "innerInstructions": [{"index": n, "instructions": i} for n, i in self.inner.items()],
            "preTokenBalances": self.before,
            "postTokenBalances": self.after,
            "loadedAddresses": {"writable": [], "readonly": []},
        }
        message = {
            "accountKeys": self.keys,
            "header": {"numRequiredSignatures": self.signers},
            "instructions": self.outer,
        }
        transaction = {"signatures": [signature], "message": message}
        whole = {"slot": 7, "blockTime": 1_700_000_000, "meta": meta, "transaction": transaction}
        return json.dumps(whole | over).encode()

    def _instruction(self, data: bytes, accounts: list[str], program: str) -> Values:
        return {
            "programIdIndex": self._index(program),
            "accounts": [self._index(account) for account in accounts],
            "data": base58_text(data),
        }

    def _index(self, address: str) -> int:
        if address not in self.keys:
            self.keys.append(address)
        return self.keys.index(address)


def swap2_fields(*, buy: bool = True, **over: int) -> dict[str, Any]:
    """Return what an EvtSwap2 states of a swap with a fee of 30 in three parts."""
    result = {
        "included_fee_input_amount": 1_000,
        "excluded_fee_input_amount": 970,
        "amount_left": 4,
        "output_amount": 5_000,
        "next_sqrt_price": 3 << 90,
        "trading_fee": 24,
        "protocol_fee": 5,
        "referral_fee": 1,
    }
    return {"trade_direction": int(buy), "swap_result": result | over}


def swap_fields(*, buy: bool = True) -> dict[str, Any]:
    """Return what an EvtSwap states of the same swap."""
    names = ["output_amount", "next_sqrt_price", "trading_fee", "protocol_fee", "referral_fee"]
    newer = swap2_fields(buy=buy)["swap_result"]
    older = {name: newer[name] for name in names} | {"actual_input_amount": 970}
    return {"trade_direction": int(buy), "swap_result": older, "amount_in": 1_000}


def swap2(scene: Scene, accounts: list[str], *, buy: bool = True, **over: int) -> Scene:
    """Add a swap2 with its event."""
    scene.call(discriminator("swap2"), accounts)
    return scene.event("EvtSwap2", **swap2_fields(buy=buy, **over))


def init_accounts(scene: Scene, payer: int, /, **named: str) -> list[str]:
    """Return the accounts of an init instruction; those not named are new."""
    accounts = [fresh(scene.rng) for _ in range(16)]
    places = {"config": 0, "creator": 2, "mint": 3, "quote": 4, "pool": 5, "vault": 6}
    for name, address in named.items():
        accounts[payer if name == "payer" else places[name]] = address
    return accounts


def only(decoded: Decoded, kind: type) -> Any:
    """Return the one event of a kind."""
    (event,) = [event for _, _, event in decoded.events if isinstance(event, kind)]
    return event


def names(decoded: Decoded) -> list[str]:
    """Return the names of all events that change nothing we keep."""
    return [event.name for _, _, event in decoded.events if isinstance(event, Other)]
