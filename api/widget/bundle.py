"""The widget's one file, put together from its parts whenever it is first asked for: nobody has to build anything.

The parts are ES modules, so that an editor and the tests can read each by itself. Here their imports and exports are
taken out, and they share the scope of one function, after the strings of every language and the style sheet.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files

PARTS = (
    *("dom", "text", "service", "conversation", "take"),
    *("below", "answer", "panel", "papers", "composer", "header", "frame", "sources", "chat", "footnote-chat"),
)
"""In an order in which each stands after those it needs at once."""
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const|class|function|async)", re.MULTILINE)
_COMMENT = re.compile(r"^\s*(?:/\*\*.*?\*/|//.*)\n|^[ \t]+", re.MULTILINE)
"""Comments that fill their lines, and indentation: a quarter of what would be sent."""
_HEAD = "/* The chat widget of Footnote. MIT licence. */"
_FOLDER = files("api") / "widget"


@lru_cache(maxsize=1)
def script() -> bytes:
    """The text of `/widget.js`: a classic script that defines the element and leaves no other name behind."""
    parts = [_COMMENT.sub("", _EXPORT.sub("", _IMPORT.sub("", _read(f"{name}.js")))) for name in PARTS]
    return "\n".join([_HEAD, "(() => {", '"use strict";', _data(), *parts, "})();", ""]).encode()


@lru_cache(maxsize=1)
def page() -> bytes:
    """The text of `/`."""
    return _read("index.html").encode()


def strings() -> dict[str, dict[str, object]]:
    """The strings of every language, by its BCP 47 tag: one file each in `strings/`."""
    found = sorted((_FOLDER / "strings").iterdir(), key=lambda file: file.name)
    read = {f.name.removesuffix(".json"): json.loads(f.read_text("utf-8")) for f in found if f.name.endswith(".json")}
    return {"en": read.pop("en"), **read}


def _data() -> str:
    style = re.sub(r"/\*.*?\*/|(?<=\n)\s+", "", _read("style.css"), flags=re.DOTALL)
    texts = json.dumps(strings(), ensure_ascii=False, separators=(",", ":"))
    return f"const STRINGS = {texts};\nconst STYLE = {json.dumps(style)};"


def _read(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")
