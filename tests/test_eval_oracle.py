"""A client whose every answer is known: it answers each case with its own evidence, unless told to fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.models import Case, Evidence
from eval.run import run
from eval.score import Scores, score

PAPERS = {
    "2019.txt": "Waste collected in the old district fell to 410 kg in the year. "
    "Recycling rates (RR) reached 31% across the whole of the district. "
    "Street lights were mended within 9 days of a report on average. "
    "The panel thanked Anna Jones for her work on the waste strategy.",
    "2023.txt": "Waste collected in the new district rose to 505 kg in the year. "
    "Fly tipping cost £120,000 to clear away. "
    "Street lights were mended within 4 days of a report on average. "
    "A new depot for the waste vehicles was opened by the mayor in June.",
}


def make_case(number: int, **changes: Any) -> Case:
    source, text, fact = [
        ("2019.txt", "Waste collected in the old district fell to 410 kg in the year.", "410"),
        ("2023.txt", "Fly tipping cost £120,000 to clear away.", "£120,000"),
    ][number % 2]
    fields: dict[str, Any] = {
        "id": f"case-{number}",
        "kind": ("fact", "time")[number % 2],
        "question": f"What about it, number {number}?",
        "answerable": True,
        "evidence": (Evidence(source, text),),
        "facts": ((fact,),),
    }
    return Case(**(fields | changes))


def unanswerable(number: int) -> Case:
    return Case(f"case-{number}", "refusal", f"Who, number {number}?", False, refusal_reasons=("not_found",))


CASES = (*(make_case(n) for n in range(6)), unanswerable(6), unanswerable(7))


class Oracle:
    """Answers every case with its own evidence; `spoil` changes the answer to some of them."""

    def __init__(self, workers: int = 1, spoil: Mapping[str, Any] | None = None) -> None:
        self.workers = workers
        self.spoil = dict(spoil or {})
        self.asked: list[str] = []

    def configuration(self) -> dict[str, Any]:
        return {"oracle": 1}

    def documents(self) -> Sequence[Mapping[str, Any]]:
        return [
            {"id": name, "source": name, "title": f"Report of {name[:4]}", "published": name[:4], "publisher": name[:4]}
            for name in PAPERS
        ]

    def text(self, document_id: str) -> str:
        return PAPERS[document_id]

    def ask(self, case: Case) -> dict[str, Any]:
        self.asked.append(case.id)
        spoiled = self.spoil.get(case.id)
        if callable(spoiled):
            spoiled()
        if not case.answerable or spoiled == "refuse":
            refusal = {"reason": "not_found", "message": "The papers do not say.", "nearest": []}
            return _body(case, status="refused", answer="", statements=[], citations=[], refusal=refusal)
        cited = [self._place(group[0], number) for number, group in enumerate(case.needed, 1)]
        statements = [{"text": c["quote"], "citations": [c["number"]]} for c in cited]
        text = " ".join(f"{s['text']} [{s['citations'][0]}]" for s in statements)
        confidence = spoiled if isinstance(spoiled, float) else 0.9
        return _body(case, answer=text, statements=statements, citations=cited, confidence=confidence)

    def search(self, case: Case, answer: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        return [{**self._place(e, 1), "text": e.text, "scores": {"dense": 0.5}} for e in case.evidence][:limit]

    def _place(self, evidence: Evidence, number: int) -> dict[str, Any]:
        start = PAPERS[evidence.source].index(evidence.text)
        return {
            "number": number,
            "document_id": evidence.source,
            "source": evidence.source,
            "title": f"Report of {evidence.source[:4]}",
            "voice": None,
            "published": evidence.source[:4],
            "quote": evidence.text,
            "start": start,
            "end": start + len(evidence.text),
        }


def _body(case: Case, **fields: Any) -> dict[str, Any]:
    return {
        "id": "ans_1",
        "status": "answered",
        "refusal": None,
        "understood": {"question": case.question, "period": {"from": "2019-01-01", "to": None}, "voice": None},
        "timings_ms": {"rerank": 3, "total": 4},
        "versions": {"answerer": "extractive"},
    } | fields


def scored(tmp_path: Path, **spoil: Any) -> Scores:
    client = Oracle(spoil={name.replace("_", "-"): how for name, how in spoil.items()})
    return score(CASES, run(CASES, client, tmp_path / "answers.jsonl"), client.configuration())


def fail() -> None:
    raise ValueError("the index is gone")


def test_the_oracle_is_right_about_everything(tmp_path: Path) -> None:
    scores = scored(tmp_path)
    assert {s.stage for s in scores.cases.values()} == {"right"}
    for metric in ("right", "facts", "citation_precision", "contract", "grounding", "refusal_f1", "mrr"):
        assert scores.estimate(metric).value == 1.0, metric
