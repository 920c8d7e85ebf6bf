"""The contracts that are committed: what the code says, valid by their own rules, kept."""

import copy
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from btracker.cli import main
from btracker.contracts.documents import NOUNS, documents, rendered
from btracker.contracts.folder import broken, stale
from tests.contract.contracts.files import FOLDER, ROOT, asyncapi_meta, committed

PRINT_HASHES = (
    "from hashlib import sha256; from btracker.contracts.documents import documents, rendered; "
    "print({name: sha256(rendered(one)).hexdigest() for name, one in documents().items()})"
)


def outcome(*arguments: str) -> int:
    """Run a command and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_what_is_committed_is_what_the_code_says() -> None:
    """``btracker contracts write contracts`` would change nothing."""
    assert [] == stale(FOLDER)


def test_what_is_committed_is_kept() -> None:
    """Nothing that the folder, or a release in it, promises is removed, renamed or changed."""
    assert [] == broken(FOLDER)


def test_every_release_left_its_contracts() -> None:
    """Each version that the change log has as released is in ``contracts/released``."""
    log = (ROOT / "CHANGELOG.md").read_text()
    released = set(re.findall(r"^## \[(\d[^\]]*)\]", log, re.MULTILINE))

    assert released == {path.name for path in (FOLDER / "released").glob("*")}


@pytest.mark.slow
def test_the_same_bytes_come_each_time() -> None:
    """Whatever the order of hashes is, the files are the same."""
    seeds = [
        subprocess.run(
            [sys.executable, "-c", PRINT_HASHES],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]

    assert seeds[0] == seeds[1]


def test_openapi_is_valid() -> None:
    """The REST contract is OpenAPI 3.1 by the OpenAPI initiative's own schema."""
    assert [] == list(OpenAPIV31SpecValidator(committed()["openapi.json"]).iter_errors())


def test_asyncapi_is_valid() -> None:
    """The live contract is AsyncAPI 3.0 by the AsyncAPI initiative's own schema."""
    validator, document = Draft7Validator(asyncapi_meta()), committed()["asyncapi.json"]
    wrong = copy.deepcopy(document)
    wrong["operations"]["tell"]["action"] = "shout"

    assert [] == list(validator.iter_errors(document))
    assert not validator.is_valid(wrong)


def test_references_of_asyncapi_lead_somewhere() -> None:
    """Every $ref names a part of the document."""
    document = committed()["asyncapi.json"]
    targets = set(re.findall(r'"\$ref": "#/([^"]+)"', rendered(document).decode()))
    for target in targets:
        found = document
        for step in target.split("/"):
            found = found[step]

        assert found, target


@pytest.mark.parametrize("noun", NOUNS)
def test_schemas_are_valid(noun: str) -> None:
    """Each noun's schema is JSON Schema 2020-12 by its own meta schema, and has its name."""
    schema = committed()[f"schemas/{noun}.json"]
    Draft202012Validator.check_schema(schema)

    assert schema["$id"].endswith(f":{noun}")


def test_the_command_tells_what_differs(tmp_path: Path, capsys) -> None:
    """``check`` is 0 where all is well, 1 and names the file where it is not; ``write`` mends."""
    folder = tmp_path / "contracts"
    shutil.copytree(FOLDER, folder)
    (folder / "schemas" / "token.json").unlink()
    (folder / "schemas" / "made-up.json").write_text("{}")
    found = outcome("contracts", "check", str(folder))
    told = capsys.readouterr().out
    refused = outcome("contracts", "write", str(folder))
    mended = outcome("contracts", "write", "--break", str(folder))

    assert (1, 2, 0, 0) == (found, refused, mended, outcome("contracts", "check", str(folder)))
    assert "breaks: schemas/made-up.json: removed" in told
    assert "differs: schemas/token.json" in told


def test_a_release_is_held_for_ever(tmp_path: Path, capsys) -> None:
    """What only an old release promised is held as well: of records that is transitive."""
    folder, old = tmp_path / "contracts", tmp_path / "contracts/released/0.0.1"
    shutil.copytree(FOLDER, folder)
    document = documents()["schemas/trade.json"]
    document["$defs"]["TradeRecord"]["properties"]["slotTime"] = {"type": "string"}
    (old / "schemas").mkdir(parents=True)
    (old / "schemas" / "trade.json").write_bytes(rendered(document))
    found = outcome("contracts", "check", str(folder))

    assert 1 == found
    assert "breaks: schemas/trade.json: value.slotTime: removed\n" == capsys.readouterr().out
