"""Reports that look alike, of several authorities and years: the right one answers, or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from index.build import index_folder
from index.embedders import Embedder
from index.engines import open_engine
from index.models import Filters
from rag.facts import fact_asked
from rag.models import Answer, Question, Turn
from rag.pipeline import Pipeline
from rag.rerankers import Reranker
from tests.fixtures import reports

FILES = {
    "80101_northam/children's services inspection - 3 may 2019.txt": reports.inspection(
        "Northam", "4 to 15 March 2019", "Ann Bell", "Inadequate", "Good", 2019, apart=True
    ),
    "80101_northam/children's services inspection - 2 may 2023.txt": reports.inspection(
        "Northam", "6 to 17 March 2023", "Tom Ash", None, "Outstanding", 2023
    ),
    "80101_northam/focused visit - 1 june 2021.txt": reports.visit(
        "Northam", "1 June 2021", "4 and 5 May 2021", "Una Fox and Ed Marsh"
    ),
    "80102_fenshire/children's services inspection - 9 july 2024.txt": reports.inspection(
        "Fenshire", "3 to 14 June 2024", "Ruth Lowe", "Outstanding", "Outstanding", 2024
    ),
    "80102_fenshire/children's services inspection - 9 august 2014.txt": reports.early(
        "Fenshire", "3 June 2014 – 26 June 2014", "9 August 2014", "inadequate", 2014
    ),
    "80103_ashford and dell/area send full inspection - 4 july 2022.txt": reports.area(
        "Ashford and Dell", "16 to 20 May 2022", "lead to inconsistent experiences", "Ian Poe", 2022
    ),
    "80103_ashford and dell/children's services inspection - 4 july 2019.txt": reports.inspection(
        "Ashford and Dell", "6 to 17 May 2019", "Sue Roe", "Good", "Good", 2019
    ),
}


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, reranker: Reranker) -> Iterator[Pipeline]:
    papers = tmp_path_factory.mktemp("alike")
    for name, text in FILES.items():
        (papers / name).parent.mkdir(exist_ok=True)
        (papers / name).write_text(text, encoding="utf-8")
    folder = tmp_path_factory.mktemp("alike-index")
    engine = open_engine("local", folder, embedder=embedder.name, dimension=embedder.dimension, create=True)
    index_folder(papers, engine, embedder)
    yield Pipeline(engine, embedder, reranker, today=lambda: date(2025, 3, 1))
    engine.close()


def sources(answer: Answer) -> set[str]:
    return {citation.document.source.split("/")[-1] for citation in answer.citations}


@pytest.mark.parametrize(
    ("question", "words", "source"),
    [
        ("What was the overall grade of Northam in 2019?", "Inadequate", "3 may 2019"),
        ("What grade did children in care get in Northam in 2019?", "Good", "3 may 2019"),
        ("Who led the inspection of Northam in 2019?", "Ann Bell", "3 may 2019"),
        ("Who led the latest inspection of Northam?", "Tom Ash", "2 may 2023"),
        ("Who led Northam Unitary Council's latest inspection?", "Tom Ash", "2 may 2023"),
        ("When was Northam inspected in 2019?", "4 to 15 March 2019", "3 may 2019"),
        ("What is the current grade for children in care in Northam?", "Outstanding", "2 may 2023"),
        ("Who carried out the focused visit to Northam?", "Una Fox and Ed Marsh", "1 june 2021"),
        ("When was the focused visit to Northam?", "4 and 5 May 2021", "1 june 2021"),
        ("What was the judgement on Fenshire in 2014?", "inadequate", "9 august 2014"),
        ("When was the Fenshire report of 2014 published?", "9 August 2014", "9 august 2014"),
        ("What is Fenshire Council's latest overall effectiveness grade?", "Outstanding", "9 july 2024"),
        ("What was the outcome of the SEND inspection of Ashford & Dell?", "inconsistent", "4 july 2022"),
        ("When is Ashford and Dell's next SEND inspection?", "three years", "4 july 2022"),
        ("Who were the inspectors in the SEND inspection of Ashford and Dell?", "Ian Poe", "4 july 2022"),
    ],
)
def test_a_fact_comes_from_the_report_that_is_meant(alike: Pipeline, question: str, words: str, source: str) -> None:
    answer = alike.ask(Question(question))
    assert words in answer.text, answer.refusal
    assert all(name.endswith(f"{source}.txt") for name in sources(answer))
    assert answer.citations


def test_the_newest_report_that_gives_no_overall_grade_says_what_it_gives(alike: Pipeline) -> None:
    answer = alike.ask(Question("What is Northam's latest overall effectiveness grade?"))
    assert sources(answer) == {"children's services inspection - 2 may 2023.txt"}
    assert "children in care Outstanding" in answer.text
    assert "Inadequate" not in answer.text


@pytest.mark.parametrize(
    ("question", "reason", "message"),
    [
        ("What grade did Northam get in 2016?", "outside_period", "There are papers about it of 2019, 2021 and 2023."),
        ("Who led the SEND inspection of Northam?", "not_found", "of that kind"),
        ("What did the focused visit to Fenshire find?", "not_found", "of that kind"),
        ("When was Eastport inspected?", "not_found", "No paper here is about Eastport."),
        ("What did Eastport Unitary Council do?", "not_found", "No paper here is about Eastport."),
    ],
)
def test_when_there_is_no_such_report_that_is_said(alike: Pipeline, question: str, reason: str, message: str) -> None:
    answer = alike.ask(Question(question))
    assert answer.refusal
    assert answer.refusal.reason == reason
    assert message in answer.refusal.message


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("What does the most recent report on Northam say about families?", "inspection - 2 may 2023.txt"),
        ("latest focused visit northam", "visit - 1 june 2021.txt"),
        ("How are children helped in Fenshire these days?", "inspection - 9 july 2024.txt"),
    ],
)
def test_the_latest_report_is_found_first(alike: Pipeline, question: str, source: str) -> None:
    _, hits = alike.search(Question(question))
    assert hits
    assert all(hit.document.source.endswith(source) for hit in hits)


def test_a_follow_up_names_another_authority(alike: Pipeline) -> None:
    turns = (Turn("Who led the latest inspection of Northam?"),)
    assert "Ruth Lowe" in alike.ask(Question("And Fenshire?", turns)).text
    moved = alike.ask(Question("What about Fenshire in 2014?", (Turn("What was Northam's overall grade in 2019?"),)))
    assert sources(moved) == {"children's services inspection - 9 august 2014.txt"}


def test_each_of_two_authorities_answers_for_itself(alike: Pipeline) -> None:
    led = alike.ask(Question("Who led the latest inspections of Northam and Fenshire?"))
    assert "Tom Ash" in led.text
    assert "Ruth Lowe" in led.text
    said = alike.ask(Question("How do Northam and Fenshire compare in how families are helped?"))
    assert {citation.document.authority for citation in said.citations} == {"Northam", "Fenshire"}


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("When was Northam inspected?", "visited"),
        ("And when did the inspectors come to visit?", "visited"),
        ("How many had a plan when the inspectors came to visit?", None),
        ("When was the inspection before that?", "previous"),
        ("When was the previous inspection of Northam?", "previous"),
        ("When is the next inspection?", "next"),
    ],
)
def test_what_is_asked_of_a_report_as_such(question: str, fact: str | None) -> None:
    assert fact_asked(question) == fact


def test_a_place_that_no_report_is_about_is_not_answered_for_by_others(alike: Pipeline) -> None:
    assert alike.ask(Question("How are families helped in Westmere?")).refusal


def test_a_filter_names_an_authority_as_people_do(alike: Pipeline) -> None:
    for name in ("Fenshire", "fenshire county council"):
        answer = alike.ask(Question("Who led the latest inspection?", filters=Filters(authorities=(name,))))
        assert answer.understood.authorities == ("Fenshire",)
        assert "Ruth Lowe" in answer.text
    nobody = alike.ask(Question("Who led the latest inspection?", filters=Filters(authorities=("Eastport",))))
    assert nobody.refusal
    assert "Eastport" in nobody.refusal.message
