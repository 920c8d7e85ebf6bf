"""One reader for all tests: a model takes seconds to open."""

import pytest

from language.reader import Reader


@pytest.fixture(scope="session")
def reader() -> Reader:
    """Give a reader with the model."""
    return Reader("onnx")


@pytest.fixture(scope="session")
def words() -> Reader:
    """Give a reader that has words alone."""
    return Reader("keywords")
