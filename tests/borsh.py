"""Bytes as the published IDLs describe them, written by nothing of ours."""

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "u128": 16, "i64": 8, "i128": 16}
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CPI_EVENT = bytes.fromhex("e445a52e51cb9a1d")

Values = dict[str, Any]


def base58_text(raw: bytes) -> str:
    """Return *raw* in base58, by long division."""
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


class IDL:
    """An Anchor IDL that writes instructions and events, and makes up values for them."""

    def __init__(self, path: Path) -> None:
        idl = json.loads(path.read_text())
        self.types = {each["name"]: each["type"] for each in idl["types"]}
        self.instructions = {each["name"]: each for each in idl["instructions"]}
        self.accounts = {each["name"]: bytes(each["discriminator"]) for each in idl["accounts"]}
        self.events = {each["name"]: bytes(each["discriminator"]) for each in idl["events"]}

    def event(self, name: str, values: Values) -> bytes:
        """Return the data of the instruction that records an event."""
        return CPI_EVENT + self.events[name] + self.write({"defined": {"name": name}}, values)

    def account(self, name: str, values: Values) -> bytes:
        """Return the data of an account; where an IDL says C layout, it states all padding."""
        return self.accounts[name] + self.write({"defined": {"name": name}}, values)

    def instruction(self, name: str, values: Values) -> bytes:
        """Return the data of an instruction."""
        known = self.instructions[name]
        arguments = (self.write(each["type"], values[each["name"]]) for each in known["args"])
        return bytes(known["discriminator"]) + b"".join(arguments)

    def write(self, kind: Any, value: Any) -> bytes:
        """Return *value* in Borsh."""
        if isinstance(kind, str):
            return self._write_plain(kind, value)
        if "option" in kind:
            return b"\0" if value is None else b"\1" + self.write(kind["option"], value)
        if "vec" in kind:
            items = b"".join(self.write(kind["vec"], each) for each in value)
            return len(value).to_bytes(4, "little") + items
        if "array" in kind:
            return b"".join(self.write(kind["array"][0], each) for each in value)
        known = self.types[kind["defined"]["name"]]
        if known["kind"] == "enum":
            number, payload = value
            return bytes([number]) + self._write_fields(known["variants"][number], payload)
        return self._write_fields(known, value)

    def _write_fields(self, known: Any, value: Any) -> bytes:
        """Return the fields of a struct or of a variant; those of a tuple have no names."""
        return b"".join(
            self.write(field["type"], value[field["name"]])
            if isinstance(field, dict) and "name" in field
            else self.write(field, value[place])
            for place, field in enumerate(known.get("fields", []))
        )

    def _write_plain(self, kind: str, value: Any) -> bytes:
        if kind == "string":
            return len(value.encode()).to_bytes(4, "little") + value.encode()
        if kind == "pubkey":
            return value
        return int(value).to_bytes(SIZES.get(kind, 1), "little")

    def made_up(self, name: str, rng: random.Random) -> Values:
        """Return random values for all fields of a type."""
        return self.value({"defined": {"name": name}}, rng)

    def value(self, kind: Any, rng: random.Random) -> Any:
        """Return a random value of a type as IDLs write it."""
        if isinstance(kind, str):
            return self._plain_value(kind, rng)
        if "option" in kind:
            return self.value(kind["option"], rng) if rng.random() < 0.5 else None
        if "vec" in kind:
            return [self.value(kind["vec"], rng) for _ in range(rng.randint(0, 3))]
        if "array" in kind:
            return [self.value(kind["array"][0], rng) for _ in range(kind["array"][1])]
        known = self.types[kind["defined"]["name"]]
        if known["kind"] == "enum":
            number = rng.randrange(len(known["variants"]))
            return number, self._value_of_fields(known["variants"][number], rng)
        return self._value_of_fields(known, rng)

    def _value_of_fields(self, known: Any, rng: random.Random) -> Any:
        fields = known.get("fields", [])
        if all(isinstance(field, dict) and "name" in field for field in fields):
            return {field["name"]: self.value(field["type"], rng) for field in fields}
        return [self.value(field, rng) for field in fields]

    def _plain_value(self, kind: str, rng: random.Random) -> Any:
        if kind == "string":
            return "".join(rng.choices("abc ÄЖ中🚀", k=rng.randint(0, 12)))
        if kind == "pubkey":
            return rng.randbytes(32)
        if kind == "bool":
            return rng.random() < 0.5
        return rng.randrange(256 ** SIZES[kind])


@cache
def idl(folder: Path, version: str) -> IDL:
    """Return the IDL of Meteora DBC of *version*."""
    return named_idl(folder, f"dynamic_bonding_curve-{version}")


@cache
def named_idl(folder: Path, name: str) -> IDL:
    """Return the IDL in the file *name*."""
    return IDL(folder / f"{name}.json")
