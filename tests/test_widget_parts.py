"""The widget's parts, without a browser: one scope, one place for strings, every language whole."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from api.widget import bundle

FOLDER = Path(bundle.__file__).parent
SOURCES = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.js")}
STRINGS = bundle.strings()


def test_every_part_is_in_the_bundle_once_and_after_what_it_extends() -> None:
    assert sorted(SOURCES) == sorted(f"{name}.js" for name in bundle.PARTS)
    script = bundle.script().decode()
    assert not re.search(r"^\s*(?:import|export)\b", script, re.MULTILINE)
    assert script.count("customElements.define(") == 1


def test_the_parts_do_not_overwrite_each_others_names() -> None:
    declared = [
        name
        for source in SOURCES.values()
        for name in re.findall(r"^(?:export )?(?:async )?(?:const|let|class|function\*?) (\w+)", source, re.MULTILINE)
    ]
    assert [name for name, times in Counter(declared).items() if times > 1] == []
    imported = {
        name.strip()
        for source in SOURCES.values()
        for names in re.findall(r"^import \{([^}]*)\}", source, re.MULTILINE)
        for name in names.split(",")
        if name.strip()
    }
    assert imported <= {*declared, "STRINGS", "STYLE"}  # none is renamed on the way in


def test_a_part_imports_from_where_the_name_is() -> None:
    for source in SOURCES.values():
        for names, file in re.findall(r'^import \{([^}]*)\} from "\./([\w.-]+)";', source, re.MULTILINE):
            if file == "bundle.js":
                continue
            for name in filter(None, map(str.strip, names.split(","))):
                assert re.search(rf"^export (?:async )?(?:const|class|function) {name}\b", SOURCES[file], re.MULTILINE)


@pytest.mark.parametrize("lang", sorted(set(STRINGS) - {"en"}))
def test_a_language_has_every_string_with_its_gaps(lang: str) -> None:
    assert STRINGS[lang].keys() == STRINGS["en"].keys()
    for key, english in STRINGS["en"].items():
        assert _gaps(STRINGS[lang][key]) == _gaps(english), key
        assert STRINGS[lang][key] != english or key == "quote", f"{key} is not translated"
    months = STRINGS[lang]["months"]
    assert isinstance(months, list)
    assert len(set(months)) == 12


def test_every_string_is_used_and_every_used_string_is_there() -> None:
    code = "\n".join(SOURCES.values())
    kinds = set(re.findall(r'Fault\(\s*"(\w+)"', code)) | {"slow", "lost"}
    for key in set(STRINGS["en"]) - {"language"}:
        assert f'"{key}"' in code or key.removeprefix("fault_") in kinds, f"{key} is not used"
    for key in re.findall(r'\b(?:t|inPapersLang)\(\s*"(\w+)"', code):
        assert key in STRINGS["en"], key
    for kind in kinds - {"key", "told"}:
        assert f"fault_{kind}" in STRINGS["en"], kind


def test_strings_of_the_page_are_in_one_place() -> None:
    quoted = re.findall(r'"([^"\n]*)"', "\n".join(SOURCES.values()))
    sentences = [text for text in quoted if re.match(r"[A-Z][a-z]+ [a-z]+ ", text)]
    assert sentences == []
    assert json.dumps(STRINGS["cy"]["greeting"], ensure_ascii=False) in bundle.script().decode()


def _gaps(string: object) -> set[str]:
    return set(re.findall(r"\{\w+\}", json.dumps(string)))
