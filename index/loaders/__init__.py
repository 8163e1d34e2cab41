"""A file becomes text: one loader a format, chosen by what the file contains.

`load` reads one plain file; `expand` opens the containers (ZIP, mail) first, and gives a plain file back as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from index.errors import LoadError
from index.loaders import text
from index.models import Loaded

Loader = Callable[[bytes], Loaded]

LOADERS: Mapping[str, Loader] = {
    "text": text.load,
}


def load(name: str, data: bytes) -> Loaded:
    """Read one file that is no container.

    Raises:
        UnsupportedFormat: no loader reads this kind of content.
        UnreadableFile: it is empty, damaged, encrypted, or took too long or too much memory.
        FileTooLarge: it is larger than the limit.
    """
    return LOADERS["text"](data)


def expand(name: str, data: bytes) -> Iterator[tuple[str, bytes | LoadError]]:
    """The plain files in `data`, which may be a ZIP or a mail: names are paths, `pack.zip/annex/a.pdf`.

    A plain file yields itself; a mail yields itself (its body is what `load` reads) and then its attachments.
    A member that cannot be had yields its error in place of its bytes, so that the caller reports it and goes on.
    """
    yield name, data
