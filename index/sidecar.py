"""What a person says of the files of a folder in a `footnote.yaml`: it goes before what the files say of themselves.

    minutes-v2.pdf:
      title: Minutes of the Cabinet
      published: 2024-05-07
    "*.pdf":
      authority: Northam

A file's name or a pattern, then what to set. It counts for the folder and those below it; of two patterns that fit, the
later one, and of two files, the one nearer to the paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from index.dates import parse_iso
from index.errors import SettingsError
from index.files import File
from index.models import Document, Period

NAME = "footnote.yaml"
KEYS = ("title", "kind", "publisher", "authority", "voice", "published", "covers")
"""What may be set."""

Corrections = tuple[tuple[str, str], ...]
"""What is set for one file: key and value, in order of the keys; `covers` as `2024-05-01/2024-05-31`."""


def take_sidecars(files: dict[str, File], path: Path) -> dict[str, dict[str, dict[str, str]]]:
    """Take the sidecars out of the files of a folder, or find the one beside a single file; by folder, "" for the top.

    Raises:
        SettingsError: one of them says what cannot be.
    """
    names = [source for source in files if PurePosixPath(source).name == NAME]
    found = {source: files.pop(source).path for source in names}
    if path.is_file() and (beside := path.with_name(NAME)).is_file():
        found[NAME] = beside
    folders = {source: PurePosixPath(source).parent.as_posix() for source in found}
    return {folders[source].removeprefix("."): read_sidecar(file, source) for source, file in found.items()}


def corrections_for(source: str, sidecars: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Corrections:
    """What the sidecars (by folder, "" for the top) set for a file."""
    path = PurePosixPath(source)
    found: dict[str, str] = {}
    for folder in reversed([parent.as_posix() for parent in path.parents]):
        for pattern, values in sidecars.get(folder.removeprefix("."), {}).items():
            if path.name == pattern or path.match(pattern):
                found |= values
    return tuple(sorted(found.items()))


def corrected(document: Document, corrections: Corrections, *, alone: bool) -> Document:
    """A document with what a person set. A title is of a whole file: of several papers in it, none gets it."""
    values: dict[str, Any] = {key: value for key, value in corrections if alone or key != "title"}
    origins = {**document.origins, **dict.fromkeys(values, NAME)}
    if "covers" in values:
        start, end = (parse_iso(part) for part in values["covers"].split("/"))
        values["covers"] = Period(start.start if start else None, end.end if end else None)
    return replace(document, **values, origins=origins) if values else document


def read_sidecar(path: Path, source: str) -> dict[str, dict[str, str]]:
    """The patterns of a sidecar, in order, and what each sets.

    Args:
        path: the file.
        source: what to call it in a message.

    Raises:
        SettingsError: it is no such file, or says what cannot be.
    """
    import yaml

    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError, ValueError, RecursionError) as error:
        first = str(error).partition("\n")[0]
        raise SettingsError(f"{source} cannot be read: {first}.", "Mend it, or remove it.") from error
    if told is None:
        return {}
    if not isinstance(told, dict) or not all(isinstance(values, dict) for values in told.values()):
        raise SettingsError(
            f"{source} must hold file names, and below each what to set.", f"For example: `{_EXAMPLE}`."
        )
    return {
        str(pattern): {str(key): _value(source, str(pattern), str(key), value) for key, value in values.items()}
        for pattern, values in told.items()
    }


_EXAMPLE = "minutes.pdf: {published: 2024-05-07}"


def _value(source: str, pattern: str, key: str, value: Any) -> str:
    place = f"{source}, {pattern!r}: {key!r}"
    if key not in KEYS:
        raise SettingsError(f"{place} cannot be set.", f"Known: {', '.join(KEYS)}.")
    if key == "covers":
        ends = [_day(value.get(end)) for end in ("from", "to")] if isinstance(value, dict) else [_day(value)] * 2
        first, last = (parse_iso(end or "") for end in ends)
        in_order = first and last and first.start and last.end and first.start <= last.end
        if not in_order or (isinstance(value, dict) and value.keys() - {"from", "to"}):
            raise SettingsError(
                f"{place} is no span of days.", "Write `{from: 2024-05-01, to: 2024-05-31}`, or `2024`."
            )
        return "/".join(str(end) for end in ends)
    if key == "published":
        if (day := _day(value)) is None:
            raise SettingsError(f"{place} is no date.", "Write it like 2024-05-07, 2024-05 or 2024.")
        return day
    if not isinstance(value, str) or not value.strip() or len(value) > 300 or not value.isprintable():
        raise SettingsError(
            f"{place} is no text.", "Write a name of 1 to 300 characters, in quotes where YAML needs them."
        )
    return " ".join(value.split())


def _day(value: Any) -> str | None:
    """A date in ISO 8601 of any precision, from what YAML makes of one."""
    words = value.isoformat()[:10] if isinstance(value, date) else str(value)
    return words if parse_iso(words) else None
