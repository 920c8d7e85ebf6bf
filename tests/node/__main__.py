"""``python -m tests.node``: nodes to collect from, by hand."""

from tests.node.command import main

if __name__ == "__main__":
    main()
