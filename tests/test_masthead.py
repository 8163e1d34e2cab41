"""Whose paper it is and what it is called, from the lines at its head."""

from __future__ import annotations

import pytest

from index.loaders import text as text_loader
from index.masthead import masthead, titles
from index.papers import split

MASTHEADS = {
    "Ofsted\nAgora, 6 Cumberland Place": "Ofsted",
    "Ofsted          Care Quality Commission": "Ofsted",
    "AREA SEND INSPECTION OF NORTHAM\nOfsted and Care Quality Commission": "Ofsted",
    "Care Quality Commission\nLocal authority assessment report\nNORTHAM COUNCIL": "Care Quality Commission",
    "# Northam Council: local authority assessment\n**Care Quality Commission**": "Care Quality Commission",
    "LOCAL GOVERNMENT ASSOCIATION\nCorporate Peer Challenge": "Local Government Association",
    "HM Inspectorate of Probation\nAn inspection of youth offending services": "HM Inspectorate of Probation",
    "Ministry of Housing, Communities and Local Government": "Ministry of Housing, Communities and Local Government",
    "NORTHAM AND WYRE FIRE AND RESCUE AUTHORITY\nBudget 2021/22": "Northam and Wyre Fire and Rescue Authority",
    "TARRANT WELBY LLP\nPublic Sector Assurance": "Tarrant Welby LLP",
    "London Borough of Northam\nReport of: Councillor Jane Doe": "London Borough of Northam",
    "Ofsted: Inspection of Northam School\nScar Lane, Northam": "Ofsted",
    "Overview and Scrutiny Commission\n3 May 2022": None,
    "The Council\nCouncil Tax Setting Authority": None,
    "Ms Jane Doe\nChief Executive\nNortham Council": None,
    "3 May 2022\nNortham Council": None,
}

LETTER = """NORTHAM COUNCIL

SCHOOLS COMMITTEE

Date: 12 July 2022
Time: 6.00pm

AGENDA

1. Apologies
2. Letter from Ofsted (attached)

ITEM 2

{letterhead}20 May 2022

Ms Jane Doe
Director of Children's Services
Northam Council

Dear Ms Doe

Focused visit to Northam children's services

Ofsted visited on 27 and 28 April 2022. Leaders know their services well.

Yours sincerely

John Roe
Her Majesty's Inspector
"""

HEADS = {
    "minutes under the council's name": (
        "NORTHAM COUNCIL\nMINUTES of the SCHOOLS AND LEARNING COMMITTEE\nheld in the Town Hall on 3 May 2022\n\n"
        "Present: Councillors Doe and Roe.\n\n1. MINUTES\n\nThe minutes of 1 March 2022 were agreed.",
        ("Minutes of the Schools and Learning Committee", "minutes", "2022-05-03", "Northam Council"),
    ),
    "a report among labels": (
        "NORTHAM COUNCIL\nReport to: Cabinet\nDate of meeting: 8 February 2023\nReport of: Jane Doe, Director of "
        "Roads\nTitle: Fees for skips 2023 to 2026\nKey decision: Yes\n\n1. Purpose\n\n1.1 This report asks to agree.",
        ("Fees for skips 2023 to 2026", "report", "2023-02-08", "Northam Council"),
    ),
    "whose report it is, without a colon": (
        "COUNCIL: 22 February 2024\n\nREPORT OF THE PORTFOLIO HOLDER FOR ROADS\n\nCouncillor Jane Doe\n\n"
        "1 Introduction\n\n1.1 This is my third annual report to Council.",
        ("Report of the portfolio holder for roads", "report", "2024-02-22", "portfolio holder"),
    ),
    "published at the end": (
        "Ofsted\n\nNortham Council\n\nInspection of children's social care services\n\n"
        "Inspection dates: 3 June 2019 to 14 June 2019\n\nLeaders know their services well.\n\n"
        "Report published: 22 July 2019",
        ("Inspection of children's social care services", "report", "2019-07-22", "Ofsted"),
    ),
}


@pytest.mark.parametrize("head", MASTHEADS)
def test_the_organisation_at_the_head_is_read(head: str) -> None:
    assert masthead([head]) == MASTHEADS[head]


def test_a_title_says_neither_who_met_nor_when_nor_where() -> None:
    lines = ["Northam Council", "Cabinet, 16 September 2025", "Time: 6pm", "4 High Street", "1. Apologies", "Summary"]
    assert titles([*lines, "Cllr Jane Doe", "School places 2025 to 2030"]) == ["School places 2025 to 2030"]


def test_whose_report_it_is_gives_way_to_the_title_right_after_it() -> None:
    assert titles(["Report of the Director of Roads", "Gritting in winter"])[0] == "Gritting in winter"
    assert titles(["Report of the Director of Roads", "1. Summary", "Gritting"])[0] == "Report of the Director of Roads"


@pytest.mark.parametrize("letterhead", ["Ofsted\nPiccadilly Gate\n\n", ""])
def test_a_letter_in_a_pack_is_the_inspectorate_s(letterhead: str) -> None:
    loaded = text_loader.load(LETTER.format(letterhead=letterhead).encode())
    cover, letter = (paper.document for paper in split(loaded, "pack.txt", "0"))
    assert (cover.kind, cover.title, cover.publisher) == ("agenda", "Schools Committee: agenda", "Northam Council")
    assert (letter.kind, letter.published, letter.publisher) == ("letter", "2022-05-20", "Ofsted")


@pytest.mark.parametrize("head", HEADS)
def test_the_head_of_a_paper_is_read(head: str) -> None:
    text, expected = HEADS[head]
    (paper,) = split(text_loader.load(text.encode()), "a.txt", "0")
    document = paper.document
    assert (document.title, document.kind, document.published, document.publisher or document.voice) == expected
