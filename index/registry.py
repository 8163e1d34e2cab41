"""Parts that are chosen by name. A visible dict says where each is opened; naming one costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from index.errors import UnknownName


def opener(role: str, name: str, known: Mapping[str, str], otherwise: str | None = None) -> Callable[..., Any]:
    """The function that opens `name`; its module is imported now and not before.

    Args:
        role: what kind of part it is, for the error.
        name: as the settings have it.
        known: each name and where it is opened, as `module:function`.
        otherwise: where a name that is not known is opened; None where there is no such thing.

    Raises:
        UnknownName: it is not known and cannot be opened otherwise.
    """
    where = known.get(name, otherwise)
    if where is None:
        raise UnknownName(role, name, known)
    module, _, function = where.partition(":")
    return cast(Callable[..., Any], getattr(import_module(module), function))
