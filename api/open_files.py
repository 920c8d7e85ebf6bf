"""How many files, and so connections, this process may have open."""

import resource
from contextlib import suppress

ENOUGH = 1 << 20


def open_as_many_as_may_be() -> int:
    """Raise this process's limit of open files as far as it may itself; return what it is then.

    Systems begin a process with some 1,024, for the sake of programs that are older than poll, and
    let it have many more.
    """
    given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if most == resource.RLIM_INFINITY else min(most, ENOUGH)
    if given == resource.RLIM_INFINITY or given >= wanted:
        return ENOUGH if given == resource.RLIM_INFINITY else given
    # Some systems name a limit that the kernel does not give.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
