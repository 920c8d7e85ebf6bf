"""The model: its published similarities, whatever it is read beside, and weights that are known."""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from domain.errors import BtrackerError, UsageError
from language import weights
from language.engines import open_engine
from language.reader import Reader
from tests.shared import SHARED

PUBLISHED = {
    "That is a happy dog": 0.6946,
    "That is a very happy person": 0.9429,
    "Today is a sunny day": 0.2569,
}
"""Cosines to "That is a happy person" in single precision. Source: the model's own page."""
BYTE_WEIGHTS = 0.006
"""What weights of a byte may change in a cosine of short sentences: 0.004 was seen."""
ENGINES_AGREE = 0.998
"""Least cosine between the engines. 0.9989 was the least of 254 texts, 0.9995 the mean."""


def test_the_model_is_the_published_one(reader: Reader) -> None:
    """Its similarities of sentences are those on its page, as near as weights of a byte come."""
    engine = reader.model
    person, *others = engine.embed(["That is a happy person", *PUBLISHED])

    np.testing.assert_allclose(
        [person @ other for other in others], list(PUBLISHED.values()), atol=BYTE_WEIGHTS
    )


def test_a_vector_depends_on_its_text_alone(reader: Reader) -> None:
    """Beside long neighbours a text has the same vector, bit for bit, and length 1."""
    engine = reader.model
    alone = engine.embed(["a prediction market for startup outcomes"])
    beside = engine.embed(["x " * 400, "a prediction market for startup outcomes", "gm"])

    assert np.array_equal(alone[0], beside[1])
    np.testing.assert_allclose(np.linalg.norm(beside, axis=1), 1, rtol=1e-5)


def test_a_long_text_is_read_to_its_end(reader: Reader) -> None:
    """What stands behind the model's 128 word pieces counts too."""
    engine = reader.model
    filler = "the weather is fine today and nothing happens at all. " * 20
    end = "a decentralized exchange with liquidity pools"
    plain, ended = engine.embed([filler, filler + end])

    assert not np.allclose(plain, ended)


@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed: make torch")
def test_both_engines_give_the_same_vectors(reader: Reader) -> None:
    """PyTorch in single precision and ONNX Runtime with weights of a byte agree."""
    lines = (SHARED / "nlp" / "posts.dev.jsonl").read_text().splitlines()[::25]
    texts = [json.loads(line)["text"] for line in lines]
    torch = open_engine("torch")

    assert torch is not None
    both = zip(torch.embed(texts), reader.model.embed(texts), strict=True)
    assert ENGINES_AGREE <= min(float(one @ other) for one, other in both)


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without weights ``auto`` reads words alone; who asked for the model is told the remedy."""
    monkeypatch.setattr("language.engines.find", lambda _: None)

    assert open_engine("auto") is None
    with pytest.raises(UsageError, match="make setup"):
        open_engine("onnx")
    with pytest.raises(UsageError, match="make torch"):
        open_engine("torch")


def test_other_bytes_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file that is not what its hash says is not loaded."""
    file = weights.VOCABULARY._replace(sha256="0" * 64)

    with pytest.raises(BtrackerError, match="not the file it should be"):
        weights.find(file)
