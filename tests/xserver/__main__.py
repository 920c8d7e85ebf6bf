"""``python -m tests.xserver``: an X to collect from, by hand."""

from tests.xserver.command import main

if __name__ == "__main__":
    main()
