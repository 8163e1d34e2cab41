"""Who speaks in a paper, and which organisation it comes from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.voices import ROLES, WIDER, names, normalise_role, organisation_of, role_of, speaker_of


@pytest.mark.parametrize(
    ("words", "role"),
    [
        ("Sam Poe, Director of Highways", "officers"),
        ("Jo Roe, Assistant Director, Roads", "officers"),
        ("Councillor Jo Roe, Portfolio Holder for Roads", "portfolio holder"),
        ("Councillor Jo Roe, Lead Member", "portfolio holder"),
        ("Councillor Jo Roe", "members"),
        ("The Scrutiny Panel", "committee"),
        ("Eastport   Harbour\nTrust", "Eastport Harbour Trust"),
        ("Boardman and Sons", "Boardman and Sons"),
        ("Trust " * 40, ("Trust " * 40)[:80]),
    ],
)
def test_a_description_names_a_role(words: str, role: str) -> None:
    assert normalise_role(words) == role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("councillors", "members"),
        ("The Committee", "committee"),
        ("the  chief   executive", "officers"),
        ("officers", "officers"),
        ("bridges", None),
        ("councillors of the town", None),
    ],
)
def test_a_bare_name_of_a_role(name: str, role: str | None) -> None:
    assert role_of(name) == role


def test_every_role_knows_its_own_names() -> None:
    assert WIDER.keys() == ROLES.keys()
    for role, words in ROLES.items():
        assert role in WIDER[role]
        assert role_of(role) == role
        assert {role_of(word) for word in words} == {role}


@pytest.mark.parametrize(
    ("sentence", "role"),
    [
        ("Officers advised that the bridge would open.", "officers"),
        ("In reply, officers also confirmed that it was open.", "officers"),
        ("Members asked what it had cost.", "members"),
        ("Members then raised the matter of its lamps.", "members"),
        ("The Committee noted the report.", "committee"),
        ("The Chair thanked everyone.", "chair"),
        ("The Assistant Director had explained the delay.", "officers"),
        ("The bridge said nothing.", None),
        ("The Director of Parks and Roads said that it was shut.", "officers"),
        ("The port's chief executive described it as open.", "officers"),
        ("The Bridge Engineer replied that it was open.", "officers"),
        ("The report was read by officers.", None),
        ("", None),
        ("Councillor Jo Roe, the Cabinet Member for Roads, told us that it was shut.", "portfolio holder"),
        ("Sam Poe, Director of Highways, said that it was open.", "officers"),
        ('Councillor Jo Roe, leader of the opposition group, said: "It is shut."', "members"),
    ],
)
def test_who_is_reported_as_speaking(sentence: str, role: str | None) -> None:
    assert speaker_of(sentence) == role


def test_the_first_who_speaks_is_the_speaker() -> None:
    assert speaker_of("The bell rang. Members asked why, and officers confirmed that it was noon.") == "members"


@pytest.mark.parametrize(
    "letterhead",
    [
        "Harbour House, Eastport. enquiries@carewatch.org.uk",
        "Harbour House, Eastport. www.carewatch.org.uk",
        "Harbour House, Eastport. https://www.gov.uk/government/organisations/carewatch",
        "Harbour House, Eastport. www.gov.uk/carewatch",
        "Carewatch letter 2 September 2024",
    ],
)
def test_a_letterhead_names_its_organisation(letterhead: str) -> None:
    body = "Carewatch looked at the hospitals of Northmoor County Council. Carewatch thanks it."
    text = f"{letterhead}\n\nDear all\n\n{body}"
    assert organisation_of(letterhead, names_in=text) == "Carewatch"


def test_a_file_comes_from_the_council_whose_address_it_gives() -> None:
    others = "Eastport City Council and Westport Borough Council and Eastport City Council agreed. "
    assert organisation_of(others) == "Eastport City Council"
    assert organisation_of(others + "Write to roads@westport.gov.uk.") == "Westport Borough Council"


def test_a_file_comes_from_the_council_it_names_most() -> None:
    assert organisation_of("The Stow on the Wold Town Council met.") == "Stow on the Wold Town Council"
    assert organisation_of("The council met. See www.northmoor.gov.uk for Northmoor news.") == "Northmoor Council"


def test_a_link_in_a_file_does_not_name_its_publisher() -> None:
    assert organisation_of("Guidance on bridges: www.gov.uk/guidance and https://northmoor.gov.uk/guidance") is None


@pytest.mark.parametrize("text", ["", "The bridge is closed.", "See www.gov.uk for more.", "x@example.org"])
def test_an_organisation_may_be_unknown(text: str) -> None:
    assert organisation_of(text) is None
    assert organisation_of(text, names_in=text) is None


@pytest.mark.parametrize(
    ("voice", "text", "named"),
    [
        ("Carewatch", "What did carewatch say?", True),
        ("Carewatch", "Carewatching", False),
        ("CQW", "What did the CQW say?", True),
        ("CQW", "the cqw", False),
        ("A+B", "by A+B.", True),
    ],
)
def test_a_voice_is_named_as_a_whole_word(voice: str, text: str, named: bool) -> None:
    assert names(voice, text) is named


@given(st.text())
def test_any_text_can_be_asked_who_speaks(text: str) -> None:
    speaker_of(text)
    organisation_of(text)
    organisation_of(text[:20], names_in=text)
    assert len(normalise_role(text)) <= 80


def test_what_stands_before_council_may_be_no_name() -> None:
    words = "The budget is set in February. The budget is large, and a shortfall of the budget is likely."
    for said in (
        "Budget County Council met",
        "All Members of the County Council",
        "Shortfall on Council Tax",
        "Membership of the Mayoral Data Council",
        "Full Council",
    ):
        assert organisation_of(f"{said}. {words}") is None
    assert organisation_of("Reading Council runs schools. Reading Council teaches reading.") == "Reading Council"


def test_a_partner_is_not_the_publisher() -> None:
    report = "Fenshire and Northam work together. " * 9 + "We asked Northam Council to join us."
    assert organisation_of(report) is None
    assert organisation_of(f"FENSHIRE COUNTY COUNCIL\n\n{report}") == "Fenshire County Council"
    assert organisation_of("Roads were mended. " * 900 + "Northam Council was told.") is None
