"""Servers from their Maven artefacts, fetched once into ``.cache/``."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".cache"


def lacking(
    name: str, pom: Path, home: Path, lay_out: Callable[[Path], None], *defines: str
) -> str | None:
    """Return why the server *name* cannot be had here, None when it stands at *home*.

    *lay_out* is given the folder with all jars of *pom*, with some properties of it defined, in
    ``lib``. Of several processes that fetch
    at the same time the first one counts.
    """
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            return f"{name} needs {program}, which is not installed"
    if home.exists():
        return None
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        made = Path(folder) / "home"
        fetched = subprocess.run(
            [
                "mvn", "--quiet", "--batch-mode", "--file", str(pom),
                "dependency:copy-dependencies", "-DincludeScope=runtime",
                f"-DoutputDirectory={made / 'lib'}", *(f"-D{define}" for define in defines),
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if fetched.returncode:
            return f"{name} could not be fetched: {fetched.stdout[-500:]}"
        lay_out(made)
        with suppress(OSError):  # It is there by now.
            made.rename(home)
    return None
