"""Whose services a paper is about, told by the words around a name."""

from __future__ import annotations

import pytest

from index.authorities import authority_of, fold, named_in, plain_name


@pytest.mark.parametrize(
    ("official", "plain"),
    [
        ("Northam County Council", "Northam"),
        ("London Borough of Northam", "Northam"),
        ("the Royal Borough of Northam and Dell", "Northam and Dell"),
        ("Northam & Dell Metropolitan Borough Council", "Northam and Dell"),
        ("Northam Borough local area partnership", "Northam"),
        ("Isle of Northam Council", "Isle of Northam"),
        ("Northam-on-Sea City Council’s children’s services", "Northam-on-Sea"),
        ("County Northam", "Northam"),
        ("The Council", None),
    ],
)
def test_an_official_name_has_an_everyday_one(official: str, plain: str | None) -> None:
    assert plain_name(official) == plain


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Inspection of Northam local authority children’s services", "Northam"),
        ("Northam City Council Inspection of services for children in need of help and protection", "Northam"),
        ("NORTHAM COUNTY COUNCIL", "NORTHAM"),
        ("Monitoring visit of Northam, Crossfield and Lund Council", "Northam, Crossfield and Lund"),
        ("Re-inspection of services for children in need of help and protection in County Northam", "Northam"),
        ("Mr Joe Bloggs, Director of Children’s Services, Northam Borough Council", "Northam"),
        ("Focused Visit To Northam Children’s Services", "Northam"),
        ("Joint targeted area inspection of Isle of Northam", "Isle of Northam"),
        ("Assistant Director Children’s Services", None),
        ("Inspection of children’s social care services", None),
        ("Childmark Monitoring Visit of Children’s Services", None),
        ("A report to the Arts Council", None),
    ],
)
def test_a_line_names_whom_it_is_about(line: str, name: str | None) -> None:
    councils, others = named_in(line)
    assert next(iter([*councils, *others]), None) == name


def test_what_the_first_lines_say_goes_before_the_folder_and_the_folder_before_the_most_named() -> None:
    head = ["Area inspection of Northam Local Area Partnership"]
    text = f"{head[0]}\n\nNortham Council works with Westmere Council. Northam is a county."
    assert authority_of(text, head, "80100_westmere/report.pdf") == ("Northam", "content")
    assert authority_of(text, ["Report"], "80100_westmere/report.pdf") == ("Westmere", "folder")
    both = "Northam Council met Westmere Council. Northam, Westmere; Northam, Westmere."
    assert authority_of(both, ["Report"], "reports/report.pdf") is None
    assert authority_of("Northam Council met. Northam and Northam.", ["Report"], "a.pdf") == ("Northam", "content")


def test_a_folder_counts_only_where_the_paper_names_such_a_council() -> None:
    assert authority_of("The budget of the year. Budget and budget.", ["Report"], "2024_budget/report.pdf") is None


def test_the_longer_name_of_the_folder_tells_more() -> None:
    text = "Northam Council\n\nNortham upon Tarn Council runs services. Northam is a town."
    assert authority_of(text, ["Northam Council"], "80100_northam upon tarn/a.pdf") == ("Northam upon Tarn", "folder")


def test_a_council_that_a_long_paper_names_in_passing_is_not_whose_paper_it_is() -> None:
    text = "Deposits with Northam Council. Northam Council. Northam Council.\n\n" + "The county invests. " * 1000
    assert authority_of(text, ["Treasury management strategy"], "a.pdf") is None


def test_names_are_compared_whatever_their_spelling() -> None:
    assert fold("Northam-on-Sea & Dell") == fold("northam on sea and dell")


def test_a_long_line_of_capitals_takes_no_time() -> None:
    named_in("Aa Bb and Cc of " * 3000)


def test_an_ordinary_word_before_council_is_no_authority() -> None:
    text = "Agenda for the Budget County Council. " + "The budget and the other budget are of the Budget Council. " * 4
    assert authority_of(text, text.split(". "), "paper.pdf") is None


def test_a_partner_is_not_whom_a_paper_is_about() -> None:
    joint = "The bid is made jointly with Northam Council. " + "Fenshire and Northam share a border. " * 5
    assert authority_of(joint * 2, joint.split(". "), "paper.pdf") is None
    mailed = "Northam Council was told. " * 5
    assert authority_of(mailed, [], "paper.pdf") == ("Northam", "content")
    assert authority_of(f"{mailed} Write to clerk@fenshire.gov.uk.", [], "paper.pdf") is None
