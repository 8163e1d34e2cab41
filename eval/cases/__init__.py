"""Sets of cases: JSON Lines files, one case a line. The format is described in `docs/evaluation.md`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.models import REASONS, Case, Evidence, Paper
from index.errors import FootnoteError

FOLDER = Path(__file__).parent
_FIELDS = {
    "id": str,
    "kind": str,
    "question": str,
    "history": list,
    "answerable": bool,
    "evidence": list,
    "facts": list,
    "must_not_cite": list,
    "refusal_reasons": list,
}
_OPTIONAL = {"draft": bool, "note": str}


class CasesError(FootnoteError):
    """A set of cases cannot be read or holds mistakes."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a set: in which case (or line), what is wrong and what to do."""

    where: str
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.todo}"


def resolve(name: str) -> Path:
    """The file of a set: a path, or the name of a set that comes with the product (`medway`).

    Raises:
        CasesError: there is no such file.
    """
    for path in (Path(name), FOLDER / f"{name}.jsonl"):
        if path.is_file():
            return path
    known = ", ".join(sorted(p.stem for p in FOLDER.glob("*.jsonl")))
    raise CasesError(f"There is no set of cases {name!r}.", f"Give the path of a .jsonl file, or one of: {known}.")


def load(path: Path) -> tuple[Case, ...]:
    """Read a set.

    Raises:
        CasesError: naming every line that is not a case.
    """
    cases, problems = read(path)
    if problems:
        raise CasesError(f"{path} holds {len(problems)} mistakes:\n" + "\n".join(map(str, problems)))
    if not cases:
        raise CasesError(f"{path} holds no cases.", "Write one case a line; docs/evaluation.md shows how.")
    return cases


def read(path: Path) -> tuple[tuple[Case, ...], list[Problem]]:
    """The cases that can be read, and a problem for every line that cannot."""
    cases: list[Case] = []
    problems: list[Problem] = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CasesError(f"{path} cannot be read: {error}.", "Save it as UTF-8 text.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            raw = json.loads(line)
        except json.JSONDecodeError as error:
            problems.append(Problem(where, f"This is not JSON ({error}).", "Look for a missing quote mark or comma."))
            continue
        shape = list(_shape(where, raw))
        problems += shape
        if not shape:
            cases.append(parse(raw))
    return tuple(cases), problems


def parse(raw: Mapping[str, Any]) -> Case:
    """One case from its JSON object, whose shape has been looked at."""
    return Case(
        id=raw["id"],
        kind=raw["kind"],
        question=raw["question"],
        answerable=raw["answerable"],
        history=tuple((turn["question"], turn.get("answer", "")) for turn in raw["history"]),
        evidence=tuple(Evidence(e["source"], e["text"], e.get("alternative", False)) for e in raw["evidence"]),
        facts=tuple(tuple(variants) for variants in raw["facts"]),
        must_not_cite=tuple(Paper(p["source"], p.get("title")) for p in raw["must_not_cite"]),
        refusal_reasons=tuple(raw["refusal_reasons"]),
        draft=raw.get("draft", False),
    )


def dump(case: Case, note: str = "") -> str:
    """One case as a line of JSON."""
    raw: dict[str, Any] = {
        "id": case.id,
        "kind": case.kind,
        "question": case.question,
        "history": [{"question": q, "answer": a} for q, a in case.history],
        "answerable": case.answerable,
        "evidence": [
            {"source": e.source, "text": e.text} | ({"alternative": True} if e.alternative else {})
            for e in case.evidence
        ],
        "facts": [list(variants) for variants in case.facts],
        "must_not_cite": [{"source": p.source} | ({"title": p.title} if p.title else {}) for p in case.must_not_cite],
        "refusal_reasons": list(case.refusal_reasons),
    }
    raw |= ({"draft": True} if case.draft else {}) | ({"note": note} if note else {})
    return json.dumps(raw, ensure_ascii=False)


def _shape(where: str, raw: Any) -> Iterator[Problem]:
    """What keeps a JSON value from being a case."""
    if not isinstance(raw, dict):
        yield Problem(where, "This is not an object.", 'A case begins with {"id": ...')
        return
    if isinstance(raw.get("id"), str):
        where += f" ({raw['id']})"
    for name, kind in _FIELDS.items():
        if name not in raw:
            yield Problem(where, f"{name!r} is missing.", "Every case has it; docs/evaluation.md shows an example.")
        elif not isinstance(raw[name], kind):
            words_ = {str: "text in quote marks", list: "a list in [ ]", bool: "true or false"}[kind]
            yield Problem(where, f"{name!r} is of the wrong kind.", f"It must be {words_}.")
    for name in raw.keys() - _FIELDS.keys() - _OPTIONAL.keys():
        yield Problem(where, f"{name!r} is no field of a case.", "Look for a misspelling, or take it out.")
    for name, kind in _OPTIONAL.items():
        if name in raw and not isinstance(raw[name], kind):
            yield Problem(where, f"{name!r} is of the wrong kind.", f"It must be a {kind.__name__}.")
    items: dict[str, Callable[[Any], bool]] = {
        "history": lambda x: isinstance(x, dict) and isinstance(x.get("question"), str),
        "evidence": lambda x: (
            isinstance(x, dict) and all(isinstance(x.get(k), str) and x[k].strip() for k in ("source", "text"))
        ),
        "facts": lambda x: isinstance(x, list) and bool(x) and all(isinstance(v, str) and v.strip() for v in x),
        "must_not_cite": lambda x: isinstance(x, dict) and isinstance(x.get("source"), str),
        "refusal_reasons": lambda x: x in REASONS,
    }
    forms = {
        "history": '{"question": "...", "answer": "..."}',
        "evidence": '{"source": "file name", "text": "words of the file"}',
        "facts": '["a variant", "another variant"]',
        "must_not_cite": '{"source": "file name"}',
        "refusal_reasons": "one of " + ", ".join(REASONS),
    }
    for name, good in items.items():
        value = raw.get(name)
        if isinstance(value, list) and not all(good(item) for item in value):
            yield Problem(where, f"Something in {name!r} has the wrong form.", f"Each is {forms[name]}.")
