"""Becomes a program that does not outlive the supervisor. Run by path, with the bare interpreter.

usage: python -I -S child.py SUPERVISOR_PID PROGRAM ARGUMENT…
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""Source: prctl(2), ``linux/prctl.h``; it survives execve."""


def main(supervisor: int, program: list[str]) -> None:
    """Ask the kernel to kill this process with its parent (on Linux), then become *program*."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:
        sys.exit("The supervisor has gone.")
    os.execvp(program[0], program)  # noqa: S606  # Becoming it, without a shell, is the purpose.


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
