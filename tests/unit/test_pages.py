"""What is written about the project is true of it: tests listed, links not dead, samples fresh."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), TESTS / "README.md"]


def rule(module: Path) -> str:
    """Return the first line of a module's docstring, without its full stop."""
    docstring = ast.get_docstring(ast.parse(module.read_text())) or ""
    return docstring.splitlines()[0].removesuffix(".")


def test_every_test_module_is_in_the_table() -> None:
    """The table of tests has one row per module, with what the module says it proves."""
    modules = sorted(TESTS.rglob("test_*.py"))
    rows = re.findall(r"^\| `(.+?)` \| (.+) \|$", (TESTS / "README.md").read_text(), re.MULTILINE)

    assert {str(m.relative_to(TESTS)): rule(m) for m in modules} == dict(rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link names a file or folder of the repository."""
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())

    assert [] == [target for target in targets if not (page.parent / target).exists()]
