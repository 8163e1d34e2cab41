"""A file becomes text: one loader a format, chosen by what the file contains.

`load` reads one plain file; `expand` opens the containers (ZIP, mail) first, and gives a plain file back as it is.
"""

from __future__ import annotations

from index.errors import FileTooLarge
from index.loaders.containers import expand
from index.loaders.detect import detect
from index.loaders.formats import LOADERS, Loader
from index.loaders.limits import Limits
from index.loaders.workers import Workers
from index.models import Loaded

__all__ = ["LOADERS", "Limits", "Loader", "Workers", "detect", "expand", "load"]


def load(name: str, data: bytes, workers: Workers | None = None) -> Loaded:
    """Read one file that is no container.

    Everything but plain text is read in a separate process with bounds on memory and time: one of `workers`,
    which is worth its while for more than one file (threads may share it), or one started for this file alone.

    Raises:
        UnsupportedFormat: no loader reads this kind of content.
        UnreadableFile: it is empty, damaged, encrypted, or took too long or too much memory.
        FileTooLarge: it is larger than the limit.
    """
    if workers is None:
        with Workers(1) as alone:
            return load(name, data, alone)
    if len(data) > workers.limits.file_bytes:
        megabytes = workers.limits.file_bytes // 1024**2
        raise FileTooLarge(f"The file is larger than {megabytes} MB.", "Split it.")
    return workers.read(detect(name, data), data)
