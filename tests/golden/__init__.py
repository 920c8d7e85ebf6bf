"""Golden samples: what each release wrote, byte for byte, and what it meant by it.

``python -m tests.golden`` writes those of the version in ``pyproject.toml``, once per release.
"""
