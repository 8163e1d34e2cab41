"""Web pages: the main content as headings, paragraphs, lists and tables. Scripts and hidden parts are never read."""

from __future__ import annotations

import re
from typing import Any

from index.errors import UnreadableFile
from index.loaders.limits import Tick, idle
from index.loaders.text import decode
from index.loaders.writer import Writer, folded, raised
from index.models import Loaded

_NEVER = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "iframe",
        "object",
        "embed",
        "head",
        "select",
        "option",
        "button",
        "input",
        "textarea",
        "canvas",
        "audio",
        "video",
        "map",
        "datalist",
        "dialog",
        "math",
    ]
)
_AROUND = frozenset({"nav", "footer", "aside", "header", "del", "s", "strike"})  # kept on record, not in the text
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "main",
        "ol",
        "p",
        "section",
        "summary",
        "ul",
        "li",
        "table",
        "caption",
    ]
)
_CHROME = re.compile(
    r"\b(breadcrumbs?|cookies?|skip-?link|social|share|pagination|navbar|site-(header|footer))\b", re.I
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_:.-]+)", re.I)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_META = {
    "author": "author",
    "dc.creator": "author",
    "dcterms.creator": "author",
    "dc.title": "title",
    "dcterms.title": "title",
    "article:published_time": "published",
    "dc.date": "created",
    "dcterms.date": "created",
    "dcterms.created": "created",
    "dc.date.issued": "published",
    "dcterms.issued": "published",
    "article:modified_time": "modified",
    "dcterms.modified": "modified",
}


def load(data: bytes, tick: Tick = idle) -> Loaded:
    """Read a web page.

    What stands around the content (navigation, banner, footer) and what is struck out is kept as furniture of
    page 0, since a web page has none.

    Raises:
        UnreadableFile: there is no text in it.
    """
    return read(_decoded(data))


def read(markup: str) -> Loaded:
    """Read a web page that is already decoded."""
    from lxml import etree, html  # type: ignore[import-untyped]

    parser = html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(_DECLARATION.sub("", markup.replace("\0", " ")), parser=parser)
    except etree.ParserError as error:
        raise UnreadableFile("The page holds no text.", "Save it again from the browser.") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" or "depth" in entry.message for entry in parser.error_log):
        raise UnreadableFile("The page is nested too deep to be read whole.", "Print it to PDF.")
    metadata = _metadata(root)
    main = _main(root)
    walk = _Walk()
    walk.around.extend(_outside(root, main))
    walk.over(main)
    if not walk.writer.text:
        raise UnreadableFile("The page holds no text.", "It may be filled in by a script; print it to PDF.")
    return Loaded(walk.writer.text, metadata=metadata, furniture=tuple((0, words) for words in walk.around))


def _decoded(data: bytes) -> str:
    """By its byte order mark or as UTF-8; else as the page itself says; else by its letters."""
    declared = _CHARSET.search(data[:4096])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        name = declared[1].decode("ascii").lower()
        try:
            return data.decode("cp1252" if name in ("iso-8859-1", "latin1", "ascii") else name, errors="replace")
        except LookupError:
            pass
    return decode(data)


def _metadata(root: Any) -> dict[str, str]:
    out: dict[str, str] = {}
    title = root.find(".//title")
    if title is not None and folded(title.text_content()):
        out["title"] = folded(title.text_content())
    for tag in root.iter("meta"):
        key = _META.get((tag.get("name") or tag.get("property") or "").lower())
        if key and (tag.get("content") or "").strip():
            out.setdefault(key, tag.get("content").strip())
    return out


def _main(root: Any) -> Any:
    """The element marked as the main content, where it holds a fair part of the words."""
    body = root.find("body")
    body = root if body is None else body
    words = len(body.text_content().split())
    for found in (*root.iter("main"), *root.xpath("//*[@role='main']"), *root.iter("article")):
        if len(found.text_content().split()) > 0.25 * words:
            return found
    return body


def _outside(root: Any, main: Any) -> list[str]:
    """The words of the parts around the main content, for the record."""
    within = {*main.iter(), *main.iterancestors()}
    parts = [part for part in root.iter("nav", "header", "footer", "aside") if part not in within]
    return [words for part in parts if (words := folded(part.text_content()).replace("\n", " "))]


class _Walk:
    """One pass over the tree, without recursion: a hostile page may nest thousands deep."""

    def __init__(self) -> None:
        self.writer = Writer()
        self.around: list[str] = []
        self._text: list[str] = []
        self._lists: list[list[Any]] = []  # kind and next number
        self._marker: str | None = None
        self._cells: list[str] | None = None
        self._first_row = True
        self._spans = self._rows = 1  # columns and rows that the cell being read lies over
        self._held: dict[int, int] = {}  # columns into which a cell from above reaches, and for how many rows

    def over(self, root: Any) -> None:
        from lxml import etree

        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                if element is not root and self._skipped(element, tag):
                    walk.skip_subtree()
                    element.clear(keep_tail=True)
                    element.tag = "skipped"
                    continue
                self._start(element, tag)
                self._text.append(_inline(element.text, tag))
            else:
                self._end(element, tag)
                if element is not root:
                    self._text.append(element.tail or "")
        self._flush()

    def _skipped(self, element: Any, tag: str) -> bool:
        if tag in _NEVER or not tag:
            return True
        if element.get("hidden") is not None or element.get("aria-hidden") == "true":
            return True
        if _HIDDEN.search(element.get("style") or ""):
            return True
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        header = tag == "header" and next(element.iterancestors("main", "article"), None) is not None
        if (tag in _AROUND and not header) or _CHROME.search(names):
            words = folded(element.text_content()).replace("\n", " ")
            if words:
                self.around.append(words)
            return True
        return False

    def _start(self, element: Any, tag: str) -> None:
        if tag == "table" and _is_data(element):
            self._flush()
            self._first_row = True
            self._held = {}
        elif tag == "tr" and _is_data(_table(element)):
            self._flush()
            self._cells = []
        elif tag in ("td", "th") and self._cells is not None:
            self._text = []
            self._spans, self._rows = _number(element.get("colspan"), 1), _number(element.get("rowspan"), 1)
            while len(self._cells) in self._held:
                self._cells.append("")
        elif self._cells is not None:
            self._text.append("\n" if tag in _BLOCKS or tag == "br" else "")
        elif tag == "br":
            self._text.append("\n")
        elif tag in _BLOCKS or tag in ("tr", "td", "th", "pre"):
            self._flush()
            if tag in ("ul", "ol", "menu"):
                self._lists.append([tag, _number(element.get("start"), 1)])
            elif tag == "li":
                self._marker = self._next_marker()

    def _next_marker(self) -> str:
        if not self._lists or self._lists[-1][0] != "ol":
            return "-"
        self._lists[-1][1] += 1
        return f"{self._lists[-1][1] - 1}."

    def _end(self, element: Any, tag: str) -> None:
        if tag in ("td", "th") and self._cells is not None:
            column = len(self._cells)
            self._cells.extend(["".join(self._text), *[""] * (min(self._spans, 50) - 1)])
            if self._rows > 1:
                self._held |= dict.fromkeys(range(column, len(self._cells)), self._rows)
            self._text = []
        elif tag == "tr" and self._cells is not None:
            self.writer.row(self._cells, self._first_row)
            self._cells, self._text, self._first_row = None, [], False
            self._held = {column: rows - 1 for column, rows in self._held.items() if rows > 1}
        elif self._cells is None and tag == "pre":
            self.writer.verbatim("".join(self._text))
            self._text = []
        elif self._cells is None and (tag in _BLOCKS or tag in ("tr", "td", "th")):
            self._flush()
            if tag in ("ul", "ol", "menu") and self._lists:
                self._lists.pop()
            elif tag == "li":
                self._marker = None

    def _flush(self) -> None:
        text, self._text = "".join(self._text), []
        if not text.strip():
            return
        if self._marker:
            self.writer.item(text, self._marker)
            self._marker = None
        else:
            self.writer.block(text)


def _inline(text: str | None, tag: str) -> str:
    if not text:
        return ""
    if tag == "pre":
        return text
    text = re.sub(r"\s+", " ", text)
    return raised(text) if tag == "sup" else text


def _table(row: Any) -> Any:
    return next(row.iterancestors("table"), None)


def _is_data(table: Any) -> bool:
    """Whether a table holds data, not the layout of a page: no table, heading or list of paragraphs within it."""
    if table is None or table.get("role") in ("presentation", "none"):
        return False
    if next(table.iterdescendants("table", "h1", "h2", "h3", "main", "article"), None) is not None:
        return False
    rows = list(table.iterdescendants("tr"))
    return len(rows) > 1 or any(len(row) > 1 for row in rows)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() and len(text) < 6 else default
