"""The dates that a paper's first lines state by name."""

from __future__ import annotations

from datetime import date

import pytest

from index.describe import describe
from index.loaders import text as text_loader
from index.models import Period
from index.papers import split
from index.stated import is_labelled, stated_covers, stated_publication
from tests.fixtures import reports

VISIT = Period(date(2024, 5, 20), date(2024, 5, 24))


@pytest.mark.parametrize(
    "lines",
    [
        ["Inspection dates: 20 to 24 May 2024", "Dates of previous inspection: 3 to 7 June 2019"],
        ["Dates of previous inspection: 3 to 7 June 2019", "Inspection dates: 20 May 2024 to 24 May 2024"],
        ["Inspection dates", "20 – 24 May 2024"],
        ["Date of inspection: 20-24 May 2024"],
        ["Title\nInspection dates: 20 to 24 May 2024\nDate of previous inspection: June 2019"],
    ],
)
def test_the_visit_is_told_from_the_one_before(lines: list[str]) -> None:
    assert stated_covers("report", lines) == VISIT


def test_two_weeks_of_a_visit_are_one_span() -> None:
    lines = ["Inspection dates: 6 to 10 May 2024 and 20 to 24 May 2024"]
    assert stated_covers("report", lines) == Period(date(2024, 5, 6), date(2024, 5, 24))


def test_a_date_of_publication_is_stated_by_name() -> None:
    lines = ["Inspection date: 3 June 2014 – 26 June 2014", "Report published: 9 August 2014"]
    assert stated_publication(lines) == Period(date(2014, 8, 9), date(2014, 8, 9))
    assert (
        stated_publication(["The letter was published by the council on 3 May 2020, after members had seen it."])
        is None
    )


def test_the_date_of_the_visit_is_none_of_the_paper() -> None:
    assert is_labelled("Inspection dates: 20 to 24 May 2024")
    assert is_labelled("Date of previous inspection: 3 June 2019")
    assert not is_labelled("12 November 2024")


def told(text: str, source: str, **metadata: str) -> tuple[str | None, str | None]:
    document, _ = describe(text, metadata, source, None, alone=True)
    return document.published, document.origins.get("published")


def test_each_value_is_kept_with_where_it_was_found() -> None:
    text = reports.area("Northam", "20 to 24 May 2024", "are good", "Jo Lead", 2024)
    document, _ = describe(text, {}, "80100_northam/area inspection - 2 july 2024.pdf", None, alone=True)
    assert (document.authority, document.covers, document.published) == ("Northam", VISIT, "2024-07-02")
    assert (document.title, document.publisher) == (
        "Area SEND inspection of Northam Local Area Partnership",
        "Childmark",
    )
    assert document.origins == {
        **dict.fromkeys(("title", "kind", "publisher", "authority", "voice", "covers"), "content"),
        "published": "name",
    }


def test_without_a_date_in_the_name_the_files_own_counts_where_it_follows_on_the_visit() -> None:
    text = reports.area("Northam", "20 to 24 May 2024", "are good", "Jo Lead", 2024)
    assert told(text, "a.pdf", created="2024-06-30T10:00:00+01:00") == ("2024-06-30", "metadata")
    assert told(text, "a.pdf", created="2029-06-30") == ("2024", "content")  # made anew: the copyright's year is left
    assert told(text, "2024-07-02/a.pdf", created="2029-06-30") == ("2024-07-02", "folder")
    early = reports.early("Northam", "3 June 2014 – 26 June 2014", "9 August 2014", "good", 2014)
    assert told(early, "report - 1 september 2014.pdf") == ("2014-08-09", "content")


def titled(text: str, title: str = "", source: str = "item 4.pdf") -> str:
    return describe(text, {"title": title}, source, None, alone=True)[0].title


def test_what_programs_call_a_paper_is_no_title() -> None:
    report = "Cycle lanes in the old town\n\nThe lanes were painted last year, and more will follow in spring.\n"
    for given in ("PowerPoint Presentation", "Agenda Template", "THE REPORT", "Microsoft Word - a.doc", "Document1"):
        assert titled(report, given) == "Cycle lanes in the old town"
    assert titled(report, "Cycling in Northam") == "Cycling in Northam"


def test_neither_an_address_nor_a_row_is_a_title() -> None:
    letter = "2 Harbour Street\nNortham\nNM1 2AB\n\n16 December 2024\n\nDear Leaders\n\nThe paper plans change.\n"
    assert titled(letter, source="Ministerial letter.pdf") == "Ministerial letter"
    assert titled("Total budget 10,289.7 -100.0 4,000.0\n\nRoads and bridges\n") == "Roads and bridges"


def test_an_appendix_is_called_by_what_it_holds() -> None:
    assert titled("Appendix K\n\nEconomic context\n\nPrices rose in every year since the bridge was built.\n") == (
        "Appendix K: Economic context"
    )
    assert titled("APPENDIX D - THREE YEAR PLAN\n\nThe plan is for three years.\n", "Appendix D").casefold() == (
        "appendix d - three year plan"
    )
    assert titled("APPENDIX G - BRIDGES AND ROADS\n\nThe bridges and roads.\n") == "Appendix G - bridges and roads"


def test_a_period_that_a_long_line_speaks_of_is_not_what_the_paper_covers() -> None:
    told = "an index of debt was kept by the ministry for the period 1 April 2018 to 31 March 2020 and dropped since"
    assert stated_covers("appendix", [f"Debt rose, and {told}."]) is None
    assert stated_covers("appendix", [f"This report says how {told}."]) is not None


def test_minutes_are_called_after_their_meeting() -> None:
    minutes = "NORTHAM COUNTY COUNCIL\n\nCABINET\n\nMINUTES of a meeting of the Cabinet held on 9 May 2024.\n"
    document, _ = describe(minutes, {}, "minutes.pdf", None, alone=True)
    assert (document.title, document.published) == ("Minutes of a meeting of the Cabinet", "2024-05-09")


def test_days_and_months_keep_their_capitals() -> None:
    assert (
        titled("LIBRARIES ON THURSDAY, 30 JANUARY 2025\n\nThey are open.\n") == "Libraries on Thursday, 30 January 2025"
    )


def test_the_date_in_a_sentence_is_not_the_papers() -> None:
    text = "Investment strategy\n\nThis follows the guidance that was issued by the ministry in January 2018.\n"
    document, _ = describe(text, {}, "30th-Jan-2025 strategy.pdf", None, alone=True)
    assert document.published == "2025-01-30"
    table = "Investment strategy\n\nPlans\t2018\t2019\nRoads\t12\t14\n"
    document, _ = describe(table, {}, "30th-Jan-2025 strategy.pdf", None, alone=True)
    assert document.published == "2025-01-30"


HEADS = {
    "a policy": (
        "CARE AT HOME POLICY\nPublished by Northam County Council, Adult Services\nDate: 1 April 2019\n"
        "To be reviewed by: 31 March 2022\n\n1. Purpose\n1.1 This policy sets out what people can expect of us.",
        ("Care at home policy", "2019-04-01", "Northam County Council", "report"),
    ),
    "a team's": (
        "PRESS NOTICE: NEW BINS FROM JUNE\nPublished by: Press Team, Northam County Council\nDate: 3 March 2022\n\n"
        "Every household will get a new bin, and a new day on which it is emptied, from Monday 13 June 2022.",
        ("Press notice: new bins from June", "2022-03-03", "Northam County Council", "report"),
    ),
    "minutes": (
        "NORTHAM COUNTY COUNCIL\nAudit Committee\nMinutes of the meeting held on 4 December 2019\n"
        "Published by Democratic Services, Northam County Council\n\nHeld in Room 2 at 2.00pm.",
        ("Audit Committee: minutes", "2019-12-04", "Northam County Council", "minutes"),
    ),
    "minutes by their title": (
        "PARENTING BOARD: MINUTES\nPublished by Northam County Council\nDate of meeting: 14 March 2018\n\n"
        "Apologies: Councillor Jo Roe, who was away.",
        ("Parenting Board: minutes", "2018-03-14", "Northam County Council", "minutes"),
    ),
    "a letter": (
        "FOCUSED VISIT TO NORTHAM\nPublished by Carewatch; placed on the council's site with its answer\n"
        "8 November 2021\n\nTo: Jo Roe, Northam County Council\n\nDear Ms Roe\n\nWe visited Northam on 3 May 2021.",
        ("Focused visit to Northam", "2021-11-08", "Carewatch", "letter"),
    ),
    "a borough": (
        "Home Education\n\nLondon Borough of Fenham: Report to Cabinet\n\n13 July 2017\n\nWhy\n\nIt grew.",
        ("Home Education", "2017-07-13", "London Borough of Fenham", "paper"),
    ),
}


@pytest.mark.parametrize("head", HEADS)
def test_a_stack_of_lines_at_the_head_is_read_line_by_line(head: str) -> None:
    text, expected = HEADS[head]
    loaded = text_loader.load(text.encode())
    (paper,) = split(loaded, "a.txt", "0")
    document = paper.document
    assert (document.title, document.published, document.publisher, document.kind) == expected


@pytest.mark.parametrize(
    ("title", "covers"),
    [
        ("Complaints: Annual Report 2022-23", Period(date(2022, 4, 1), date(2023, 3, 31))),
        ("Budget 2018/19 and plan to 2021/22", Period(date(2018, 4, 1), date(2019, 3, 31))),
        ("Charges from April 2025", Period(date(2025, 4, 1), date(2025, 4, 30))),
        ("Housing Strategy 2020 to 2025", None),
        ("Cabinet, Thursday 30 January 2025", None),
    ],
)
def test_a_title_names_the_year_that_a_paper_is_of(title: str, covers: Period | None) -> None:
    text = f"{title}\n\n1. Summary\n\n1.1 There were more of them than in the year before, and fewer were upheld."
    document, _ = describe(text, {}, "a.txt", None, alone=True)
    assert document.covers == covers


def test_inspectors_are_those_who_publish_the_inspection() -> None:
    text = "INSPECTION OF NORTHAM\nPublished by Carewatch\n3 May 2021\nLead inspector: Jo Roe\n\nWe saw thirty files."
    _, aliases = describe(text, {}, "a.txt", None, alone=True)
    assert aliases == {"inspectors": "Carewatch", "inspector": "Carewatch"}
