"""Loading a model in torch, for the adapters that open any model by hub id or folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from index.errors import ModelError

Model = TypeVar("Model")


def loaded(role: str, name: str, threads: int, load: Callable[[], Model]) -> Model:
    """What `load` gives, in so many threads (0: as many as torch takes).

    Raises:
        ModelError: there is no such model, or it cannot be read.
    """
    import torch

    if threads:
        torch.set_num_threads(threads)
    try:
        return load()
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise ModelError(
            f"The {role} {name!r} cannot be loaded: {error}.",
            f"Name a packaged {role}, the hub id of a model that can be reached, or its folder.",
        ) from error
