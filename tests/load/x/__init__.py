"""An X that goes wrong for as long as you like, and a collector that is killed meanwhile.

``python -m tests.load.x --help``. The test in ``e2e/test_x_collect.py`` does a few seconds of it.
"""
