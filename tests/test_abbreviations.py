"""Short forms that papers define themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.abbreviations import find, initials_pattern


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("the multi-agency safeguarding hub (MASH) is open", "MASH", "multi-agency safeguarding hub"),
        ("Department for Education (DfE)", "DfE", "Department for Education"),
        ("personal education plans (PEPs)", "PEPs", "personal education plans"),
        ('the regional roads agency ("RRA")', "RRA", "regional roads agency"),
        ("It closed. The harbour\nbridge trust (HBT) paid", "HBT", "harbour bridge trust"),
        ("child and adolescent mental health services (CAMHS)", "CAMHS", "child and adolescent mental health services"),
    ],
)
def test_a_short_form_is_found_with_its_long_form(text: str, short: str, long: str) -> None:
    assert find(text) == {short: long}


@pytest.mark.parametrize(
    "text",
    [
        "the bridge (MASH)",
        "Mash (Mash)",
        "the long bridge (see LB)",
        "Roads. Bridges (RB)",
        "safeguarding (S)",
        "(ABC)",
        "a kilogram (KG)",
        "",
    ],
)
def test_what_defines_nothing(text: str) -> None:
    assert find(text) == {}


def test_the_first_definition_stands() -> None:
    assert find("harbour bridge trust (HBT). Later: heavy boat tax (HBT)") == {"HBT": "harbour bridge trust"}


@pytest.mark.parametrize(
    ("short", "words", "found"),
    [
        ("NEET", "young people not in education, employment or training today", True),
        ("NEET", "not in employment or training", False),
        ("HBT", "the Harbour Bridge Trust's report", True),
        ("HBT", "harbour bridges of another trust", False),
        ("HBT", "harbourbridgetrust", False),
    ],
)
def test_initials_find_words_that_were_never_shortened(short: str, words: str, found: bool) -> None:
    pattern = initials_pattern(short)
    assert pattern is not None
    assert bool(pattern.search(words)) is found


@pytest.mark.parametrize("short", ["", "HB", "HBTRUST", "H2O", "A-B"])
def test_what_has_no_initials(short: str) -> None:
    assert initials_pattern(short) is None


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(["(AB)", "(ABs)", "(A&B)", "a b", "Ab ", "\n", "-", "("])).map("".join)
    )
)
def test_definitions_of_any_text_stand_in_it(text: str) -> None:
    for short, long in find(text).items():
        assert short in text
        assert long in " ".join(text.split())
        assert long[0].lower() == short[0].lower()
