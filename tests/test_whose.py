"""Whose papers a question asks for."""

from __future__ import annotations

import pytest

from rag.whose import Roll, blanked, make_roll

COUNTS = {
    "Northam": 3, "North Fenshire": 3, "Fenshire": 3, "Kingsbridge upon Tarn": 2, "Milbourne, Crossfield and Lund": 2,
    "Ashford and Dell": 2, "Reading": 2, "Stokeley-on-Wye": 2,
}  # fmt: skip
SPOKEN = {"caseloads", "plan", "health", "social", "workers"}


def roll(counts: dict[str, int] | None = None, known: set[str] = SPOKEN) -> Roll:
    return make_roll(
        COUNTS if counts is None else counts,
        {"NFC": ("North Fenshire Council",)},
        common=lambda word: word in SPOKEN,
        known=lambda word: word in known,
    )


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("When was Northam inspected?", ("Northam",)),
        ("when was northam inspected?", ("Northam",)),
        ("When will northam be inspected next?", ("Northam",)),
        ("What did Northam County Council's report say?", ("Northam",)),
        ("How is Northam’s front door?", ("Northam",)),
        ("What about the London Borough of Ashford & Dell?", ("Ashford and Dell",)),
        ("Latest report on Milbourne, Crossfield and Lund", ("Milbourne, Crossfield and Lund",)),
        ("What grade did MCL get?", ("Milbourne, Crossfield and Lund",)),
        ("Who led the visit to NFC?", ("North Fenshire",)),
        ("Who inspected North Fenshire?", ("North Fenshire",)),
        ("Who inspected Fenshire?", ("Fenshire",)),
        ("Compare Northam and Fenshire", ("Northam", "Fenshire")),
        ("How good is Kingsbridge?", ("Kingsbridge upon Tarn",)),
        ("Who inspected Stokeley on Wye?", ("Stokeley-on-Wye",)),
        ("What was said about Reading?", ("Reading",)),
        ("How good is the reading of pupils?", ()),
        ("What did Councillor Northam ask?", ()),
        ("What happened at Northam House?", ()),
        ("Who inspected South Fenshire?", ()),
        ("What do social workers say of caseloads?", ()),
    ],
)
def test_an_authority_of_the_index_is_read_by_its_names(question: str, names: tuple[str, ...]) -> None:
    assert roll().read(question).authorities == names


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What did Eastport City Council spend?", "Eastport"),
        ("When was the London Borough of Eastport inspected?", "Eastport"),
        ("What was the outcome of the inspection of Eastport in 2024?", "Eastport"),
        ("When is Eastport’s next inspection?", "Eastport"),
        ("When was Eastport inspected?", "Eastport"),
        ("And Eastport?", "Eastport"),
        ("what is eastport's latest inspection outcome", "Eastport"),
        ("what are social workers' next plan", None),
        ("How does Eastport Council work with Northam?", None),
        ("What do Social Workers say?", None),
        ("What does the Council plan?", None),
    ],
)
def test_an_authority_without_papers_is_told(question: str, name: str | None) -> None:
    assert roll().read(question).elsewhere == name


def test_the_houses_own_name_restricts_nothing() -> None:
    for counts in ({"Northam": 5}, {"Northam": 9, "Fenshire": 1}):
        read = roll(counts).read("What does Northam Council say?")
        assert (read.authorities, read.elsewhere, read.spans) == ((), None, ())
    assert roll({"Northam": 9, "Fenshire": 1}).read("What is said of Fenshire?").authorities == ("Fenshire",)
    assert roll({}).read("What did Eastport Council do?").elsewhere is None


def test_in_one_councils_papers_another_is_missed_only_when_they_never_name_it() -> None:
    question = "What did Eastport City Council spend?"
    assert roll({"Northam": 5}).read(question).elsewhere == "Eastport"
    assert roll({"Northam": 5}, {"eastport"}).read(question).elsewhere is None


def test_two_names_of_one_authority_are_one() -> None:
    both = roll({"Kingsbridge": 1, "Kingsbridge upon Tarn": 1, "Northam": 1})
    assert set(both.read("What of Kingsbridge?").authorities) == {"Kingsbridge", "Kingsbridge upon Tarn"}
    assert set(both.resolve("Kingsbridge upon Tarn Council")) == {"Kingsbridge", "Kingsbridge upon Tarn"}


def test_a_question_without_its_authority() -> None:
    text = "What did the letter to the London Borough of Northam say about caseloads?"
    spans = roll().read(text).spans
    assert blanked(text, spans) == "What did the letter say about caseloads?"


def test_the_whole_of_an_official_name_is_where_it_stands() -> None:
    for text in ("Northam City Council", "the London Borough of Northam", "Eastport County Council"):
        ((start, end),) = roll().read(f"What did {text} do?").spans
        assert f"What did {text} do?"[start:end] == text.removeprefix("the ")


def test_the_neighbour_of_an_authority_is_another_though_the_papers_have_all_its_words() -> None:
    spoken = make_roll(COUNTS, {}, common=lambda word: True, known=lambda word: True)
    found = spoken.read("What was the outcome of the inspection of South Fenshire in 2024?")
    assert (found.authorities, found.elsewhere) == ((), "South Fenshire")


def test_places_that_no_paper_is_about_are_strangers() -> None:
    assert roll().strangers("How good are plans in Westmere?") == ("Westmere",)
    assert roll().strangers("How good are plans in Northam?") == ()
    assert roll().strangers("What happened in July?") == ()
    one = roll({"Northam": 9}, known={"westmere"})
    assert one.strangers("How big is Westmere Council's deficit?") == ("Westmere",)
    assert one.strangers("How good are plans in Westmere?") == ()
    assert one.strangers("How big is Northam Council's deficit?") == ()
