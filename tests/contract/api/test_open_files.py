"""The limit of open files: a process takes what the system lets it have."""

import resource
import subprocess
import sys

import pytest

ASK = (
    "import resource; from api.open_files import open_as_many_as_may_be as ask;"
    "resource.setrlimit(resource.RLIMIT_NOFILE, {limits});"
    "print(ask(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
)


@pytest.mark.parametrize("limits", [(256, 4096), (4096, 4096)])
def test_the_limit_of_open_files_is_raised_to_what_the_system_allows(
    limits: tuple[int, int],
) -> None:
    """Whatever a process begins with, it ends at the hard limit, which stays as it is."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert most == resource.RLIM_INFINITY or most >= 4096
    argv = [sys.executable, "-c", ASK.format(limits=limits)]
    told = subprocess.run(argv, capture_output=True, check=True, text=True).stdout

    assert "4096 4096 4096" == told.strip()
