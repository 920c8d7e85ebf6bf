"""``btracker keys``: made, shown once, listed, revoked; every action is in the audit log first."""

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from api.access.key_file import KeyFile, Keyring, read_keys
from api.access.keys import Rate, digest, is_secret_of, new_key, parsed, written
from btracker.key_actions import when
from domain.errors import UsageError
from tests.unit.commands.test_cli import outcome

AT = 1_790_093_255
KEY = re.compile(r"bt_([0-9a-f]{12})_([0-9a-f]{64})\n")


@pytest.fixture
def keys(capsys, tmp_path: Path) -> Any:
    """Run ``btracker keys`` on a data folder of its own."""
    return lambda *arguments: outcome(capsys, "keys", *arguments, "--data", str(tmp_path))


def audited(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of the audit log."""
    path = folder / "audit.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def names(folder: Path) -> set[str]:
    """Return what is in a folder."""
    return {path.name for path in folder.iterdir()}


def created(keys: Any, *arguments: str) -> tuple[str, str]:
    """Return id and secret of a new key."""
    code, out, _ = keys("create", "--name", "mine", *arguments)
    found = KEY.fullmatch(out)

    assert found
    assert 0 == code
    return found[1], found[2]


def test_a_secret_is_shown_once_and_kept_as_a_hash(keys, tmp_path: Path) -> None:
    """The key alone is on stdout; no file and no later command has more of it than its hash."""
    key_id, secret = created(keys)
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    _, listed, _ = keys("list")
    _, as_json, _ = keys("list", "--json")

    assert digest(secret).encode() in files
    assert secret.encode() not in files
    for text in (listed, as_json):
        assert key_id in text
        assert secret not in text
        assert digest(secret) not in text
    assert 0o600 == (tmp_path / "keys.json").stat().st_mode & 0o777


def test_what_a_key_may_is_listed(keys) -> None:
    """Scopes, limits and the end are those that were asked for."""
    created(
        keys, "--scope", "read:tokens", "--scope", "operate", "--per-minute", "60", "--burst", "7",
        "--per-day", "1000", "--connections", "3", "--expires", "2099-01-31T00:00:00Z",
    )  # fmt: skip
    row = json.loads(keys("list", "--json")[1])

    assert {
        "name": "mine", "state": "active", "scopes": ["read:tokens", "operate"], "perMinute": 60,
        "burst": 7, "perDay": 1000, "connections": 3, "expires": "2099-01-31T00:00:00Z",
        "revoked": None,
    }.items() <= row.items()  # fmt: skip


def test_a_revoked_key_stays_revoked(keys) -> None:
    """It is listed as such, and may be revoked again; one that is not there is wrong use."""
    key_id, _ = created(keys)
    codes = [keys("revoke", key_id)[0] for _ in range(2)]
    rows = [json.loads(line) for line in keys("list", "--json")[1].splitlines()]
    code, _, err = keys("revoke", "0" * 12)

    assert [0, 0] == codes
    assert ["revoked"] == [row["state"] for row in rows]
    assert 2 == code
    assert "btracker keys list" in err


def test_every_action_is_written_down_with_who_did_it(keys, tmp_path: Path) -> None:
    """Creating, revoking and rotating each leave a line; listing does not."""
    key_id, _ = created(keys, "--scope", "read")
    keys("list")
    keys("revoke", key_id)
    keys("rotate")
    lines = audited(tmp_path)

    assert ["key.created", "key.revoked", "signingKey.rotated"] == [line["event"] for line in lines]
    assert {("done", f"uid:{os.getuid()}")} == {(line["outcome"], line["who"]) for line in lines}
    assert [key_id, key_id] == [line["key"] for line in lines[:2]]
    assert "mine: read" == lines[0]["detail"]
    assert {f"{lines[2]['key']}.pem"} == names(tmp_path / "signing")


def test_what_cannot_be_written_down_is_not_done(keys, tmp_path: Path) -> None:
    """Without an audit log there is no new key, and none is revoked."""
    key_id, _ = created(keys)
    (tmp_path / "audit.jsonl").unlink()
    (tmp_path / "audit.jsonl").mkdir()
    for arguments in (("create", "--name", "x"), ("revoke", key_id), ("rotate",)):
        code, out, err = keys(*arguments)

        assert (2, "", 1) == (code, out, len(err.splitlines()))
        assert "BTRACKER_AUDIT" in err
    assert [("mine", None)] == [(k.name, k.revoked) for k in read_keys(tmp_path / "keys.json")]


def test_what_failed_says_so(keys, tmp_path: Path) -> None:
    """An action that was written down and could not be done has a second line."""
    (tmp_path / "signing").write_text("in the way")
    code, _, _ = keys("rotate")

    assert 2 == code
    assert ["done", "failed"] == [line["outcome"] for line in audited(tmp_path)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create",), "--name"),
        (("create", "--name", "x", "--scope", "write"), "read:tokens"),
        (("create", "--name", "x", "--scope", "read:"), "read:tokens"),
        (("create", "--name", "x", "--per-day", "0"), "--help"),
        (("create", "--name", "x", "--expires", "soon"), "90d"),
        (("create", "--name", "x", "--expires", "2001-01-01"), "over"),
        (("rotate", "--algorithm", "HS256"), "--help"),
    ],
)
def test_wrong_use_makes_nothing(
    keys, arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    """What makes no sense is one sentence, and leaves no key."""
    code, out, err = keys(*arguments)

    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert said in err
    assert set() == names(tmp_path)


def test_the_environment_names_other_places(keys, tmp_path: Path, monkeypatch) -> None:
    """The file that the API is told of is the one that is written."""
    monkeypatch.setenv("BTRACKER_KEYS", str(tmp_path / "elsewhere" / "k.json"))
    monkeypatch.setenv("BTRACKER_AUDIT", str(tmp_path / "log" / "a.jsonl"))
    created(keys)

    assert 1 == len(read_keys(tmp_path / "elsewhere" / "k.json"))
    assert (tmp_path / "log" / "a.jsonl").exists()
    assert not (tmp_path / "keys.json").exists()


def test_no_key_is_lost_when_many_are_made_at_once(tmp_path: Path) -> None:
    """Whoever writes the file waits for whoever is writing it."""
    made = [new_key(str(n), scopes=("read",), rate=Rate(1, 1), created=AT)[0] for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(KeyFile(tmp_path / "keys.json").add, made))

    assert {key.id for key in made} == {key.id for key in read_keys(tmp_path / "keys.json")}
    assert {"keys.json", "keys.json.lock"} == names(tmp_path)


def test_a_damaged_file_changes_nothing_for_who_runs(tmp_path: Path, caplog) -> None:
    """A process goes on with the keys it knew and says so; one that starts refuses to."""
    path = tmp_path / "keys.json"
    key, _ = new_key("a", scopes=("read",), rate=Rate(1, 1), created=AT)
    KeyFile(path).add(key)
    ring = Keyring(path)
    path.write_text("{")

    assert key == ring.get(key.id, now=10.0)
    assert "stays in force" in caplog.text
    with pytest.raises(UsageError, match="BTRACKER_KEYS"):
        Keyring(path)

    path.unlink()

    assert ring.get(key.id, now=20.0) is None


def test_changes_are_seen_within_a_second(tmp_path: Path) -> None:
    """The file is looked at once a second, and read only when it has changed."""
    path = tmp_path / "keys.json"
    ring = Keyring(path)
    key, _ = new_key("a", scopes=("read",), rate=Rate(1, 1), created=AT)

    assert ring.get(key.id, now=0.0) is None
    KeyFile(path).add(key)
    assert ring.get(key.id, now=0.9) is None
    assert key == ring.get(key.id, now=1.0)


def test_only_the_whole_secret_is_the_secret() -> None:
    """What is written is read again; a key is nobody's without its secret."""
    key, shown = new_key("a", scopes=("read",), rate=Rate(1, 1), created=AT)

    assert shown == parsed(written(shown))
    assert is_secret_of(key, shown.secret)
    assert not is_secret_of(key, shown.secret[:-1])
    assert not is_secret_of(None, shown.secret)
    assert not is_secret_of(None, "")
    assert parsed(written(shown) + "\n") is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("12h", AT + 43_200), ("90d", AT + 7_776_000), ("2099-01-01", 4_070_908_800)],
)
def test_an_end_is_a_span_or_a_time(text: str, seconds: int) -> None:
    """A span counts from now; a time is as it is written."""
    assert seconds == when(text, at=AT)
