"""Every metric against values computed by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eval.match import covered, holds, rank, states
from eval.metrics import METRICS
from eval.metrics.contract import violations
from eval.metrics.grounding import ungrounded
from eval.models import Case, Evidence, Outcome, Paper, Part
from eval.stage import STAGES, stage

LETTER = "letter.txt"
A = "The council recruited thirty-five more social workers in 2020."
B = "Caseloads fell to an average of 16 children for each worker."
C = "A new system for recording visits was introduced in May."


def case(**changes: Any) -> Case:
    fields: dict[str, Any] = {
        "id": "a-case",
        "kind": "fact",
        "question": "How many?",
        "answerable": True,
        "evidence": (Evidence(LETTER, A), Evidence(LETTER, B)),
        "facts": (("thirty-five", "35"), ("average of 16",)),
        "must_not_cite": (Paper("other.txt"),),
    }
    return Case(**(fields | changes))


def unanswerable() -> Case:
    return case(
        kind="refusal", answerable=False, evidence=(), facts=(), must_not_cite=(), refusal_reasons=("not_found",)
    )


def citation(number: int, quote: str, source: str = LETTER, title: str = "A letter") -> dict[str, Any]:
    return {
        "number": number,
        "document_id": source,
        "source": source,
        "title": title,
        "voice": None,
        "published": None,
        "quote": quote,
        "start": 0,
        "end": len(quote),
    }


def hit(text: str, source: str = LETTER) -> dict[str, Any]:
    return {"document_id": source, "source": source, "text": text, "title": "", "published": None, "scores": {}}


def answered(*quotes: str, source: str = LETTER, hits: tuple[dict[str, Any], ...] = ()) -> Outcome:
    citations = [citation(i, quote, source) for i, quote in enumerate(quotes, 1)]
    answer = {
        "status": "answered",
        "answer": " ".join(f"{quote} [{i}]" for i, quote in enumerate(quotes, 1)),
        "statements": [{"text": quote, "citations": [i]} for i, quote in enumerate(quotes, 1)],
        "citations": citations,
        "refusal": None,
        "understood": {"question": "", "period": None, "voice": None},
        "timings_ms": {"total": 5},
        "versions": {"answerer": "extractive"},
    }
    papers = ((LETTER,), (LETTER,))
    return Outcome("a-case", answer, hits, tuple(("", q, "") for q in quotes), papers, None, 0.25)


def refused(reason: str = "not_found") -> Outcome:
    answer = {
        "status": "refused",
        "answer": "",
        "statements": [],
        "citations": [],
        "refusal": {"reason": reason, "message": "The papers do not say.", "nearest": []},
        "understood": {"question": "", "period": None, "voice": None},
        "timings_ms": {"total": 5},
        "versions": {},
    }
    return Outcome("a-case", answer, (), (), (), None, 0.25)


FAILED = Outcome("a-case", None, error="boom", seconds=2.0)


def value(metric: str, case: Case, outcome: Outcome) -> float | None:
    part = METRICS[metric].measure(case, outcome)
    return None if part is None or part.of == 0 else part.got / part.of


@pytest.mark.parametrize(
    ("metric", "outcome", "expected"),
    [
        ("facts", answered(A, B), 1.0),
        ("facts", answered(B), 0.5),
        ("facts", refused(), 0.0),
        ("citation_precision", answered(A, C), 0.5),
        ("citation_precision", answered(A, B), 1.0),
        ("citation_precision", answered(A, source="other.txt"), 0.0),
        ("citation_precision", refused(), 0.0),
        ("citation_recall", answered(A, C), 0.5),
        ("citation_recall", answered(A + " " + B), 1.0),
        ("evidence_quoted", answered(A, C), 0.0),
        ("evidence_quoted", answered(B, A), 1.0),
        ("no_wrong_period", answered(A), 1.0),
        ("no_wrong_period", answered(A, source="other.txt"), 0.0),
        ("no_wrong_period", refused(), 1.0),
        ("right", answered(A, B), 1.0),
        ("right", answered(A), 0.0),
        ("words", answered(A), 10),
        ("words", refused(), None),
        ("brevity", answered(A), 1.0),
        ("brevity", answered(*[C] * 12), 60 / 120),
        ("brevity", refused(), 0.0),
        ("refusal_precision", refused(), 0.0),
        ("refusal_precision", answered(A), None),
        ("latency_p50", answered(A), 250.0),
        ("contract", answered(A), 1.0),
        ("grounding", answered(A), 1.0),
    ],
)
def test_value(metric: str, outcome: Outcome, expected: float | None) -> None:
    assert value(metric, case(), outcome) == (None if expected is None else pytest.approx(expected))


def test_voice_and_period_are_told_apart() -> None:
    wrong = answered(A, source="other.txt")
    assert value("no_wrong_voice", case(), wrong) is None
    assert value("no_wrong_voice", case(kind="voice"), wrong) == 0.0
    assert value("no_wrong_period", case(kind="voice"), wrong) is None


def test_a_paper_inside_a_pack_is_named_by_its_title() -> None:
    assert value("no_wrong_period", case(must_not_cite=(Paper(LETTER, "cover"),)), answered(A)) == 1.0
    assert value("no_wrong_period", case(must_not_cite=(Paper(LETTER, "a LETTER"),)), answered(A)) == 0.0


@pytest.mark.parametrize(
    ("metric", "outcome", "expected"),
    [
        ("right", refused("unsafe"), 1.0),
        ("right", answered(A), 0.0),
        ("refusal_recall", refused(), 1.0),
        ("refusal_recall", answered(A), 0.0),
        ("refusal_precision", refused(), 1.0),
        ("refusal_reason", refused(), 1.0),
        ("refusal_reason", refused("unsafe"), 0.0),
        ("facts", answered(A), None),
        ("mrr", answered(A), None),
    ],
)
def test_value_when_the_papers_do_not_say(metric: str, outcome: Outcome, expected: float | None) -> None:
    assert value(metric, unanswerable(), outcome) == expected


@pytest.mark.parametrize("metric", [m for m in METRICS if m != "words" and not m.startswith("latency")])
@pytest.mark.parametrize("of", [case(), case(kind="voice"), unanswerable()], ids=["fact", "voice", "refusal"])
def test_a_failed_case_scores_zero_and_stays_in_the_mean(metric: str, of: Case) -> None:
    part = METRICS[metric].measure(of, FAILED)
    speaks = METRICS[metric].measure(of, answered(A)) is not None
    assert (part is not None) == speaks
    if part is not None:
        assert part.got == 0.0
        assert part.of >= 1.0


def test_f1_is_the_harmonic_mean() -> None:
    # 1 right refusal, 1 wrong one, 1 missed: precision 1/2, recall 1/2, F1 1/2; then one more right one: 2/3 each.
    parts = [METRICS["refusal_f1"].measure(c, o) for c, o in ((unanswerable(), refused()), (case(), refused()))]
    parts.append(METRICS["refusal_f1"].measure(unanswerable(), answered(A)))
    assert _ratio(parts) == pytest.approx(0.5)
    parts.append(METRICS["refusal_f1"].measure(unanswerable(), refused()))
    assert _ratio(parts) == pytest.approx(2 / 3)


def _ratio(parts: list[Part | None]) -> float:
    kept = [p for p in parts if p is not None]
    return sum(p.got for p in kept) / sum(p.of for p in kept)


def test_ranking() -> None:
    noise = hit("Something else was said about another matter.")
    ranked = answered(A, hits=(noise, hit(B), noise, noise, hit("Before. " + A)))
    assert value("mrr", case(), ranked) == pytest.approx(1 / 2)
    assert [value(f"evidence_recall@{k}", case(), ranked) for k in (1, 3, 5, 10)] == [0.0, 0.5, 1.0, 1.0]
    # Gains 1 at ranks 2 and 5: (1/log2(3) + 1/log2(6)) / (1 + 1/log2(3))
    assert value("ndcg@10", case(), ranked) == pytest.approx((0.63093 + 0.38685) / 1.63093, abs=1e-4)
    assert value("right_paper@1", case(), ranked) == 1.0
    elsewhere = answered(A, hits=(hit(A, "other.txt"),))
    assert value("right_paper@1", case(), elsewhere) == 0.0
    assert value("mrr", case(), elsewhere) == 0.0


def test_an_evidence_that_is_not_found_counts_against_ndcg() -> None:
    found_one = answered(A, hits=(hit(A),))
    assert value("ndcg@10", case(), found_one) == pytest.approx(1 / 1.63093, abs=1e-4)
    both_in_one = answered(A, hits=(hit(A + " " + B),))
    assert value("ndcg@10", case(), both_in_one) == pytest.approx(1.0)


def test_an_alternative_stands_for_the_evidence_before_it() -> None:
    either = case(evidence=(Evidence(LETTER, A), Evidence(LETTER, C, alternative=True), Evidence(LETTER, B)))
    assert [len(group) for group in either.needed] == [2, 1]
    assert value("citation_recall", either, answered(C)) == 0.5
    assert value("evidence_quoted", either, answered(C, B)) == 1.0
    assert value("citation_precision", either, answered(A, C)) == 1.0


def test_evidence_cut_between_two_passages_is_found_at_the_second() -> None:
    first, second = "The council recruited thirty-five", "more social workers in 2020."
    assert rank([Evidence(LETTER, A)], [hit(first), hit("x"), hit(second)]) == 3
    assert rank([Evidence(LETTER, A)], [hit("x"), hit(A)]) == 2
    assert rank([Evidence(LETTER, A)], [hit("x")]) is None


def test_words_match_across_spaces_quotes_dashes_and_page_breaks() -> None:
    assert covered("the child’s plan – a “good” one", ['The child\'s\n plan - a "good" one.']) == 1.0
    assert (
        covered("one two three four five six seven eight", ["one two three four (page 7) five six seven eight"]) == 1.0
    )
    assert covered("one two three four five six", ["six five four three two one"]) == 0.0
    assert not holds(citation(1, "in 2020"), Evidence(LETTER, A))
    assert holds(citation(1, "recruited thirty-five more social"), Evidence(LETTER, A))


@pytest.mark.parametrize(
    ("text", "variant", "expected"),
    [
        ("It was 2014.", "14", False),
        ("On 14 May", "14", True),
        ("rose by 12%", "12%", True),
        ("the Council’s  offer", "council's offer", True),
        ("forty", "fort", False),
        ("sixty", "six", False),
        ("staff recruitment", "recruit", True),
        ("staff recruitment", "cruitment", False),
        ("it cost 12%", "12%", True),
    ],
)
def test_states(text: str, variant: str, expected: bool) -> None:
    assert states(text, variant) is expected


def test_ungrounded() -> None:
    assert ungrounded("In 2021 it was £1,200 for Anna Jones.", "In 2021 Anna Jones paid £1200") == []
    assert ungrounded("It rose to 17 in Leeds.", "It rose to 16 in York") == ["17", "Leeds"]
    assert ungrounded("There were 3 visits.", "There were three visits") == []


def _changed(**changes: Any) -> Outcome:
    good = answered(A, B)
    assert good.answer is not None
    return Outcome("a-case", {**good.answer, **changes}, (), good.context, good.papers)


def test_contract_violations() -> None:
    good = answered(A, B)
    assert violations(good) == []
    shifted = Outcome("a-case", good.answer, (), (("", A[1:] + " ", ""), ("", B, "")), good.papers)
    assert "is not the quote" in violations(shifted)[0]
    assert any("order of first use" in v for v in violations(_changed(statements=[{"text": A, "citations": [2]}])))
    assert any("nothing is cited" in v for v in violations(_changed(statements=[{"text": A, "citations": []}])))
    assert any("are not those used" in v for v in violations(_changed(citations=[citation(1, A)] * 2)))
    assert any("followed by its markers" in v for v in violations(_changed(answer=A)))
    assert any("white space folded" in v for v in violations(_changed(statements=[{"text": B, "citations": [1]}])))
    assert any("literal marker" in v for v in violations(_changed(statements=[{"text": "x [3]", "citations": [1]}])))
    assert any("neither" in v for v in violations(_changed(refusal={"reason": "unclear"})))
    assert violations(refused("because"))


def test_an_extractive_statement_may_lose_its_bullet_or_number() -> None:
    outcome = answered("7.4. The  plan was\nagreed [2].")
    assert outcome.answer is not None
    text = "The plan was agreed (2)."
    answer = {**outcome.answer, "statements": [{"text": text, "citations": [1]}], "answer": text + " [1]"}
    assert violations(Outcome("a-case", answer, (), outcome.context)) == []


@pytest.mark.parametrize(
    ("of", "outcome", "expected"),
    [
        (case(), FAILED, "failed"),
        (case(), answered(A, B), "right"),
        (case(), answered(C), "not retrieved"),
        (case(), answered(C, hits=(*[hit("x")] * 10, hit(A + B))), "lost in reranking"),
        (case(), Outcome("a-case", refused().answer, (hit(A), hit(B))), "wrongly refused"),
        (case(), answered(C, hits=(hit(A), hit(B))), "not selected"),
        (case(), answered(A, source="other.txt", hits=(hit(A), hit(B))), "wrong paper"),
        (case(facts=(("forty",),)), answered(A, B), "facts missing"),
        (unanswerable(), answered(A), "wrongly answered"),
        (unanswerable(), refused("unsafe"), "wrong reason"),
        (unanswerable(), refused(), "right"),
    ],
)
def test_stage(of: Case, outcome: Outcome, expected: str) -> None:
    assert stage(of, outcome) == expected
    assert expected in STAGES


def test_every_metric_says_what_it_is() -> None:
    for name, metric in METRICS.items():
        assert metric.definition.endswith("."), name
        assert metric.range, name
        assert metric.source.endswith("."), name


def test_what_was_left_out_is_counted() -> None:
    outcome = answered(A)
    assert outcome.answer is not None
    left_out = {"text": B, "reason": "its words are not supported"}
    writer = {"answerer": "extractive", "asked": "openai", "reason": "the endpoint cannot be reached"}
    spoiled = replace(outcome, answer={**outcome.answer, "removed": [left_out], "writer": writer})
    for given, parts in (outcome, (Part(1), Part(1))), (spoiled, (Part(1, 2), Part(0))):
        assert (METRICS["kept"].measure(case(), given), METRICS["as_asked"].measure(case(), given)) == parts
