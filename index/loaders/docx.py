"""Word documents (Office Open XML): tracked changes as accepted, lists with the numbers that Word prints."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from index.errors import FileTooLarge, UnreadableFile
from index.loaders.docx_numbers import Numbers
from index.loaders.limits import Tick, idle
from index.loaders.writer import Writer, folded, raised
from index.models import Loaded

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MOST_UNPACKED = 500 * 1024**2
_OLD = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # for old versions of Word
_GONE = frozenset({_OLD, *(f"{_W}{name}" for name in ["del", "moveFrom", "rPr", "pPr", "txbxContent"])})
_LITERAL = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}softHyphen": ""}


def load(data: bytes, tick: Tick = idle) -> Loaded:
    """Read a DOCX.

    Insertions are text and deletions are not. Footnotes and endnotes stand at the end, each after its mark;
    headers and footers are furniture of page 0, since where a page ends is not known before Word lays it out.

    Raises:
        UnreadableFile: it is damaged, or holds no text.
        FileTooLarge: it unpacks to more than is read.
    """
    import docx

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED:
            raise FileTooLarge("Unpacked, the document is too large.", "Split it, or leave out its pictures.")
    try:
        document = docx.Document(io.BytesIO(data))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableFile(
            "The Word document is damaged or of an unusual kind.", "Open it in Word and save it again, or as PDF."
        ) from error
    reading = _Reading(document)
    reading.blocks(document.element.body)
    reading.notes()
    if not reading.writer.text:
        raise UnreadableFile("The Word document holds no text.", "Check that it was saved whole.")
    return Loaded(reading.writer.text, metadata=_metadata(document), furniture=tuple(_furniture(document)))


class _Reading:
    def __init__(self, document: Any) -> None:
        self.writer = Writer()
        self.numbers = Numbers(document)
        self._notes = {kind: _notes(document, kind) for kind in ("footnote", "endnote")}
        self._marks: list[tuple[str, str]] = []  # kind and id of the notes in order of their marks

    def blocks(self, container: Any) -> None:
        """Write the paragraphs and tables in `container`, through content controls and text boxes."""
        for child in container.iterchildren():
            if child.tag == f"{_W}p":
                self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                self._table(child)
            elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}moveTo", f"{_W}smartTag"):
                self.blocks(child)

    def _paragraph(self, paragraph: Any) -> None:
        text = self.text(paragraph)
        marker = self.numbers.marker(paragraph) if text.strip() else ""
        if marker == "-":
            self.writer.item(text)
        else:
            self.writer.block(f"{marker} {text}")
        for box in _boxes(paragraph):
            self.blocks(box)

    def _table(self, table: Any) -> None:
        rows = [row for row in table.iterchildren() if row.tag == f"{_W}tr" and not _is_deleted(row)]
        cells = [list(self._cells(row)) for row in rows]
        if all(len(row) == 1 for row in cells):  # a box around text
            for row in rows:
                for cell in row.iterchildren(f"{_W}tc"):
                    self.blocks(cell)
            return
        for index, texts in enumerate(cells):
            self.writer.row(texts, first=index == 0)

    def _cells(self, row: Any) -> Iterator[str]:
        for cell in row.iter(f"{_W}tc"):
            if next(cell.iterancestors(f"{_W}tr")) is not row:
                continue  # of a table within this one, read with its cell
            parts = []
            for paragraph in cell.iter(f"{_W}p"):
                text = folded(self.text(paragraph))
                marker = self.numbers.marker(paragraph) if text else ""
                parts.append(f"{marker} {text}".strip())
            yield " ".join(part for part in parts if part)
            span = cell.find(f"{_W}tcPr/{_W}gridSpan")
            for _ in range(min(int(span.get(f"{_W}val") or 1) if span is not None else 1, 60) - 1):
                yield ""

    def text(self, paragraph: Any) -> str:
        """The words of a paragraph, without what was deleted, hidden or stands in a text box."""
        out: list[str] = []
        waiting = list(reversed(paragraph))
        while waiting:
            node = waiting.pop()
            if node.tag in _GONE:
                continue
            if node.tag == f"{_W}r" and _is_hidden(node):
                continue
            if node.tag == f"{_W}t":
                mark = node.getparent().find(f"{_W}rPr/{_W}vertAlign")
                text = node.text or ""
                out.append(raised(text) if mark is not None and mark.get(f"{_W}val") == "superscript" else text)
            elif node.tag in _LITERAL:
                out.append(_LITERAL[node.tag])
            elif node.tag in (f"{_W}footnoteReference", f"{_W}endnoteReference"):
                kind = "footnote" if "foot" in node.tag else "endnote"
                self._marks.append((kind, node.get(f"{_W}id")))
                out.append(raised(str(len(self._marks))))
            waiting.extend(reversed(node))
        return "".join(out)

    def notes(self) -> None:
        """Write the notes in the order of their marks."""
        for number, (kind, key) in enumerate(self._marks, 1):
            note = self._notes[kind].get(key)
            if note is not None:
                words = " ".join(folded(self.text(paragraph)) for paragraph in note.iter(f"{_W}p"))
                self.writer.block(f"{raised(str(number))} {words}")


def _notes(document: Any, kind: str) -> dict[str, Any]:
    from lxml import etree  # type: ignore[import-untyped]

    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(f"/{kind}s"):
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            root = etree.fromstring(relation.target_part.blob, parser)
            return {note.get(f"{_W}id"): note for note in root.iter(f"{_W}{kind}")}
    return {}


def _boxes(paragraph: Any) -> Iterator[Any]:
    """Text boxes anchored in a paragraph, each once though it is stored for old and new versions of Word."""
    for box in paragraph.iter(f"{_W}txbxContent"):
        if next(box.iterancestors(_OLD), None) is None and next(box.iterancestors(f"{_W}p")) is paragraph:
            yield box


def _is_deleted(row: Any) -> bool:
    return row.find(f"{_W}trPr/{_W}del") is not None


def _is_hidden(run: Any) -> bool:
    hidden = run.find(f"{_W}rPr/{_W}vanish")
    return hidden is not None and hidden.get(f"{_W}val") not in ("0", "false")


def _furniture(document: Any) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for section in document.sections:
        for part in (section.header, section.first_page_header, section.footer, section.first_page_footer):
            words = " ".join(folded(paragraph.text) for paragraph in part.paragraphs).strip()
            if words and words not in seen:
                seen.add(words)
                yield 0, words


def _metadata(document: Any) -> dict[str, str]:
    core = document.core_properties
    values = {
        "title": core.title,
        "author": core.author,
        "created": core.created.isoformat() if core.created else "",
        "modified": core.modified.isoformat() if core.modified else "",
    }
    return {key: value for key, value in values.items() if value}
