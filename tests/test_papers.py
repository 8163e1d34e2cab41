"""One file is several papers, each with what it says of itself: the sample packs, and packs of invented bodies."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.loaders.text import load
from index.models import Loaded, Period
from index.papers import Paper, split

AUGUST = "2021-08-05-cyp-committee-supplementary-agenda-ofsted-focused-visit.txt"
MARCH = "2023-03-02-cyp-committee-supplementary-agenda-portfolio-holder.txt"

COVER = """\
Health Scrutiny Board – Supplementary agenda no. 2

A meeting of the Health Scrutiny Board will be held on:

Date: 14 October 2024

Time: 2.00pm

Items

7 Discharge from hospital

(Pages 3 - 6)

For further information contact Ann Other on Telephone: 01999 555010 or Email: democracy@northmoor.gov.uk

Date: 7 October 2024
"""

LETTER = """\
Carewatch Harbour House Quay Street Eastport EP1 4ZZ

T 0300 555 1234 enquiries@carewatch.org.uk www.carewatch.org.uk



2 September 2024

Mr J Bloggs
Chief Executive
Northmoor County Council

Dear Mr Bloggs

Audit of discharge from Northmoor's hospitals

This letter sets out the findings of our audit of discharge from Northmoor's hospitals on 8 and 9 July 2024.

Most patients go home on the day they are ready to. Carewatch expects the others to wait no longer than two days.

Yours sincerely

Pat Doe
Senior Auditor
"""

CABINET = """\
CABINET

12 NOVEMBER 2024

STATE OF THE BRIDGES AND RCA SURVEYS

Cabinet Member\tCouncillor Jo Roe, Highways
Report from\tSam Poe, Director of Highways

Summary

This report covers the period from October 2023 to September 2024. All bridges of Northmoor County Council were
surveyed, and the RCA surveys of the harbour were paid for.

1 Background

1.1 The county has 412 bridges.
"""

FORM = """\
Equality impact assessment

TITLE: Winter gritting routes

DATE: 3 January 2025

Lead officer: Sam Poe

1 Summary of the proposed change

Gritting begins at hospitals and schools.



Equality impact assessment

2 Who is affected

Everyone who travels before seven in the morning.
"""

APPENDIX = """\
Appendix B

Bridges closed in 2023/24

Harbour bridge, for nine days.
"""

MINUTES = """\
Minutes of the Roads Committee

9 December 2024

Present: Councillors Roe and Doe

Officers advised that the harbour bridge would open again in March.

Members asked what the repairs had cost.
"""

BREAK = "\n\n\n\n"
WHOLE_PACK = BREAK.join((COVER, LETTER, CABINET, FORM, APPENDIX))


def papers_of(text: str, source: str = "pack.txt", pages: tuple[int, ...] = ()) -> list[Paper]:
    return split(Loaded(text, pages), source, "0" * 64)


def sample(corpus: Path, name: str) -> list[Paper]:
    return split(load((corpus / name).read_bytes()), name, "0" * 64)


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


def test_the_letter_inside_the_agenda_of_august_is_a_paper_of_its_own(corpus: Path) -> None:
    cover, letter = (paper.document for paper in sample(corpus, AUGUST))
    assert (cover.kind, cover.published, cover.publisher) == ("agenda", "2021-08-03", "Medway Council")
    assert cover.part_of is None
    assert cover.covers == days("2021-08-05", "2021-08-05"), "the day of the meeting"
    assert cover.title == "Children and Young People Overview and Scrutiny Committee – Supplementary agenda no. 1"
    assert (letter.kind, letter.published, letter.publisher, letter.voice) == (
        "letter", "2021-07-08", "Ofsted", "Ofsted",
    )  # fmt: skip
    assert letter.covers == days("2021-05-25", "2021-05-26")
    assert letter.title == "Focused visit to Medway children's services"
    assert letter.part_of == cover.id


def test_the_letter_of_august_begins_at_its_letterhead(corpus: Path) -> None:
    cover, letter = sample(corpus, AUGUST)
    assert letter.text.startswith("Ofsted Piccadilly Gate")
    assert "Lietuviškai" in cover.text
    assert letter.aliases == {"inspector": "Ofsted", "inspectors": "Ofsted"}


def test_the_pack_of_march_holds_four_papers(corpus: Path) -> None:
    documents = [paper.document for paper in sample(corpus, MARCH)]
    assert [(d.kind, d.published, d.voice, d.title) for d in documents] == [
        (
            "agenda", "2023-02-24", "Medway Council",
            "Children and Young People Overview and Scrutiny Committee – Supplementary agenda No.1",
        ),
        (
            "report", "2023-03-02", "portfolio holder",
            "Attendance of the Portfolio Holder for Children's Services (Lead Member)",
        ),
        (
            "assessment", "2023-02-14", "officers",
            "Diversity impact assessment: Medway Sufficiency Strategy 2023-25",
        ),
        ("report", "2023-03-02", "officers", "Work Programme – addendum report"),
    ]  # fmt: skip
    assert documents[0].covers == days("2023-03-02", "2023-03-02")
    assert documents[1].covers == days("2022-04-01", "2023-03-31")
    assert {d.publisher for d in documents} == {"Medway Council"}
    assert {d.part_of for d in documents[1:]} == {documents[0].id}


@pytest.mark.parametrize(
    ("start_of_name", "kind", "published", "publisher", "title"),
    [
        (
            "2013", "report", "2013-12-17", "Medway Council",
            "Update on Ofsted inspection of looked after children services",
        ),
        ("2020-09", "letter", "2020-09-15", "Ofsted", "Monitoring visit of Medway children’s services"),
        ("2020-minutes", "minutes", "2020", None, "Report on Ofsted Monitoring Visit"),
    ],
)  # fmt: skip
def test_the_other_samples_are_one_paper_each(
    corpus: Path, start_of_name: str, kind: str, published: str, publisher: str | None, title: str
) -> None:
    (path,) = corpus.glob(f"{start_of_name}*")
    (paper,) = sample(corpus, path.name)
    found = paper.document
    assert (found.kind, found.published, found.publisher, found.title) == (kind, published, publisher, title)


def test_every_character_is_in_exactly_one_paper(corpus: Path) -> None:
    for path in corpus.glob("*.txt"):
        loaded = load(path.read_bytes())
        assert "".join(paper.text for paper in split(loaded, path.name, "0")) == loaded.text


@given(st.lists(st.sampled_from([COVER, LETTER, CABINET, FORM, APPENDIX, MINUTES, "\f", "\n\n\n", "Dear all\n"])))
def test_papers_put_together_are_the_file_whatever_it_holds(parts: list[str]) -> None:
    text = "".join(parts)
    papers = papers_of(text)
    assert "".join(paper.text for paper in papers) == text
    assert all(paper.text for paper in papers) or not text
    assert len({paper.document.id for paper in papers}) == len(papers)


def test_a_letter_of_another_inspectorate_in_a_pack_is_its_own_paper() -> None:
    cover, letter = papers_of(COVER + BREAK + LETTER)
    assert cover.document.title == "Health Scrutiny Board – Supplementary agenda no. 2"
    assert cover.document.published == "2024-10-07"
    assert cover.document.covers == days("2024-10-14", "2024-10-14")
    found = letter.document
    assert letter.text.startswith("Carewatch Harbour House")
    assert (found.kind, found.publisher, found.voice, found.published) == (
        "letter", "Carewatch", "Carewatch", "2024-09-02",
    )  # fmt: skip
    assert found.title == "Audit of discharge from Northmoor's hospitals"
    assert found.covers == days("2024-07-08", "2024-07-09")
    assert found.part_of == cover.document.id
    assert letter.aliases == {"auditor": "Carewatch", "auditors": "Carewatch"}


def test_a_cabinet_report_is_known_by_its_head() -> None:
    (paper,) = papers_of(CABINET)
    found = paper.document
    assert (found.kind, found.published, found.voice) == ("report", "2024-11-12", "officers")
    assert found.publisher == "Northmoor County Council"
    assert found.covers == days("2023-10-01", "2024-09-30")
    assert found.title == "State of the bridges and RCA surveys", "as the paper writes these words"


def test_a_form_goes_on_over_the_page_under_its_name() -> None:
    (paper,) = papers_of(FORM)
    found = paper.document
    assert (found.kind, found.published, found.voice) == ("assessment", "2025-01-03", "officers")
    assert found.title == "Equality impact assessment: Winter gritting routes"


def test_minutes_are_known_by_their_head() -> None:
    (paper,) = papers_of(MINUTES)
    found = paper.document
    assert (found.kind, found.published, found.title) == ("minutes", "2024-12-09", "Minutes of the Roads Committee")
    assert found.voice is None


def test_a_pack_is_split_in_all_its_papers() -> None:
    papers = papers_of(WHOLE_PACK)
    assert [paper.document.kind for paper in papers] == ["agenda", "letter", "report", "assessment", "appendix"]
    starts = [paper.text.split(maxsplit=1)[0] for paper in papers]
    assert starts == ["Health", "Carewatch", "CABINET", "Equality", "Appendix"]


def test_a_head_that_no_page_begins_with_opens_no_paper() -> None:
    inside = CABINET + "\nAppendix B shows the bridges.\n\nCABINET\n\n12 NOVEMBER 2024\n\nWAS THE LAST MEETING\n"
    assert len(papers_of(inside)) == 1


def test_pages_are_those_of_the_file() -> None:
    text = "\n".join((COVER, LETTER, CABINET))
    letter, middle, cabinet = (text.index(words) for words in ("Carewatch Harbour", "Most patients", "CABINET"))
    papers = papers_of(text, pages=(0, letter, middle, cabinet))
    assert [paper.pages for paper in papers] == [((0, 1),), ((0, 2), (middle - letter, 3)), ((0, 4),)]


def test_a_paper_that_begins_amid_a_page_begins_on_that_page() -> None:
    text = COVER + BREAK + LETTER
    papers = papers_of(text, pages=(0, len(text) - 20))
    assert [paper.pages for paper in papers] == [((0, 1),), ((0, 1), (len(papers[1].text) - 20, 2))]


@pytest.mark.parametrize(
    ("source", "published"),
    [("2024-05-06 notes.txt", "2024-05-06"), ("2019/notes.txt", "2019"), ("May 2020/notes.txt", "2020-05")],
)
def test_an_undated_file_is_dated_by_its_name(source: str, published: str) -> None:
    (paper,) = papers_of("The bridge is closed to all lorries until it has been mended.\n", source)
    assert paper.document.published == published


@pytest.mark.parametrize(("name", "published"), [("2024-05-06 pack.txt", None), ("2024-11-05 pack.txt", "2024-11-05")])
def test_the_name_of_a_pack_dates_what_has_no_date_unless_its_other_papers_differ(
    name: str, published: str | None
) -> None:
    papers = papers_of(CABINET + BREAK + "Appendix C\n\nBridges by their length\n", name)
    assert [paper.document.published for paper in papers] == ["2024-11-12", published]


def test_ids_are_stable_and_differ_between_files() -> None:
    ids = [paper.document.id for paper in papers_of(WHOLE_PACK)]
    assert ids == [paper.document.id for paper in papers_of(WHOLE_PACK)]
    assert not set(ids) & {paper.document.id for paper in papers_of(WHOLE_PACK, "other.txt")}


def test_a_file_without_a_title_takes_its_metadata_then_its_name() -> None:
    (titled,) = split(Loaded("word\n", metadata={"title": "Bridges of the county"}), "a.txt", "0")
    (named,) = split(Loaded("word\n"), "x/bridges.txt", "0")
    assert (titled.document.title, named.document.title) == ("Bridges of the county", "bridges")


@given(st.lists(st.integers(0, len(WHOLE_PACK)), max_size=6))
def test_page_starts_lie_inside_their_paper_in_order(offsets: list[int]) -> None:
    for paper in papers_of(WHOLE_PACK, pages=(0, *sorted(set(offsets) - {0}))):
        assert paper.pages
        assert paper.pages[0][0] == 0
        assert all(a < b and m + 1 == n for (a, m), (b, n) in pairwise(paper.pages))
        assert all(0 <= offset <= len(paper.text) for offset, _ in paper.pages)
