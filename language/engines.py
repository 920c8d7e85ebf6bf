"""The BERT model behind one interface: ONNX Runtime by default, PyTorch where it is wanted."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from domain.errors import UsageError
from language.weights import FP32, INT8, TOKENS_MOST, VOCABULARY, File, find

Vectors = npt.NDArray[np.float32]
Choice = Literal["auto", "onnx", "torch", "keywords"]
SIZE = 384
PARTS_MOST = 8
"""A text is read in at most so many parts of 126 word pieces; posts of 25,000 characters exist."""


class Engine(Protocol):
    """A model that turns texts into vectors of length 1."""

    @property
    def name(self) -> str:
        """What outputs call it."""

    @property
    def version(self) -> str:
        """The beginning of its weights' hash."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a row of 384 per text. It depends on that text alone, not on its neighbours."""


def open_engine(choice: Choice) -> Engine | None:
    """Return the engine *choice*; ``auto``: ONNX Runtime where its weights are, else None.

    Raises:
        UsageError: what was chosen is not installed.
        BtrackerError: weights are not those that belong there.
    """
    if choice == "keywords":
        return None
    made = _torch() if choice == "torch" else _onnx()
    if made is None and choice != "auto":
        raise UsageError(
            f"The engine {choice} is not installed; "
            + ("make torch installs it." if choice == "torch" else "make setup installs it.")
        )
    return made


class Tokens:
    """Texts in the model's word pieces."""

    def __init__(self) -> None:
        # It asks a hub for what it does not find; nothing here is to be found there.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
        from transformers.models.bert import (  # noqa: PLC0415
            BertTokenizer,
        )

        self._tokenizer = BertTokenizer(vocab=str(find(VOCABULARY)), do_lower_case=True)

    def parts(self, text: str) -> list[npt.NDArray[np.int64]]:
        """Return the ids of *text* in parts that the model can read; at least one."""
        found = self._tokenizer(
            text, truncation=True, max_length=TOKENS_MOST, return_overflowing_tokens=True
        )
        return [np.array([ids], np.int64) for ids in found["input_ids"][:PARTS_MOST]]


class Pooled:
    """An engine around what gives the last hidden state (1 x n x 384) of one sequence (1 x n).

    Texts go through one by one: the int8 model scales its activations by the largest of a batch,
    so neighbours would change a vector, and batches are not faster on a CPU.
    """

    def __init__(self, name: str, file: File, hidden: Callable[[Any], Any]) -> None:
        self.name, self.version = name, file.sha256[:12]
        self._hidden, self._tokens = hidden, Tokens()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the mean over the word pieces, over parts by their length, at length 1."""
        return np.array([self._vector(text) for text in texts], np.float32).reshape(-1, SIZE)

    def _vector(self, text: str) -> Vectors:
        total = np.zeros(SIZE, np.float32)
        for ids in self._tokens.parts(text):
            total += self._hidden(ids)[0].sum(axis=0)
        return total / np.linalg.norm(total)


def _onnx() -> Engine | None:
    path = find(INT8)
    return None if path is None else Pooled("minilm-int8", INT8, _onnx_hidden(path))


def _onnx_hidden(path: Path) -> Callable[[Any], Any]:
    import onnxruntime as ort  # noqa: PLC0415

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # The arena keeps what the longest text took: 300 MB instead of 60.
    options.enable_cpu_mem_arena = False
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def hidden(ids: npt.NDArray[np.int64]) -> Any:
        inputs = {"attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return session.run(None, {"input_ids": ids, **inputs})[0]

    return hidden


def _torch() -> Engine | None:
    from importlib.util import find_spec  # noqa: PLC0415

    path = find(FP32)
    if path is None or find_spec("torch") is None:
        return None
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch  # noqa: PLC0415
    from transformers import AutoModel  # noqa: PLC0415

    torch.set_num_threads(1)
    model = AutoModel.from_pretrained(path.parent, local_files_only=True).eval()

    def hidden(ids: npt.NDArray[np.int64]) -> Any:
        with torch.inference_mode():
            return model(input_ids=torch.from_numpy(ids)).last_hidden_state.numpy()

    return Pooled("minilm-fp32", FP32, hidden)
