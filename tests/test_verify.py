"""What the words do not say is not supported, however it is put; what they do say is, in other writings too."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from cli import main
from index.embedders import Embedder
from index.models import Period
from rag.rerankers import Reranker
from rag.verify import Source, Verifier, open_verifier, plain_faults, supports
from rag.verify.align import common, quoted_in_part
from rag.verify.figures import figures, missing_dates, missing_figures
from rag.verify.names import missing_names, names_in
from rag.verify.polarity import opposites, polarity
from rag.verify.standing import attributed_to, without_speaker, wrong_time, wrong_voice


@pytest.fixture(scope="module")
def verifier(embedder: Embedder, reranker: Reranker) -> Verifier:
    return open_verifier(embedder, reranker)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,200 people", "1200 people"),
        ("eight schools", "8 schools"),
        ("twenty-one days", "21 days"),
        ("a hundred and five homes", "105 homes"),
        ("£2m", "£2 million"),
        ("£2.5 million", "£2,500,000"),
        ("£300k", "£300,000"),
        ("44%", "44 per cent"),
        ("half of them", "50% of them"),
        ("two thirds", "two-thirds"),
        ("the third time", "the 3rd time"),
        ("three million", "3m"),
    ],
)
def test_a_number_is_the_same_in_any_writing(one: str, other: str) -> None:
    assert missing_figures(one, other) == []
    assert missing_figures(other, one) == []
    assert figures(one)


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("1,200 people", "12,000 people"),
        ("eight schools", "eighteen schools"),
        ("£2m", "£2 billion"),
        ("44% of homes", "44 homes"),
        ("4.5%", "5.4%"),
        ("15 people", "in 2015 some people"),
        ("8 schools", "8 July 2021"),
        ("a third of them", "a quarter of them"),
    ],
)
def test_another_number_is_missing(claim: str, quote: str) -> None:
    assert missing_figures(claim, quote)


@pytest.mark.parametrize(
    ("claim", "quote", "there"),
    [
        ("on 8 July 2021", "dated 08/07/2021", True),
        ("on July 8, 2021", "dated 2021-07-08", True),
        ("in July 2021", "on 8 July 2021", True),
        ("in 2021", "on 8 July 2021", True),
        ("in 2021/22", "in May 2021", True),
        ("from 2013 to 2021", "It was 8 in 2013 and 9 in 2021.", True),
        ("on 8 July 2021", "in July 2021", False),
        ("in 2020", "on 8 July 2021", False),
        ("in June 2021", "in July 2021", False),
        ("on 20 and 26 May 2021", "on 25 and 26 May 2021", False),
    ],
)
def test_a_date_is_the_same_in_any_writing(claim: str, quote: str, there: bool) -> None:
    assert (missing_dates(claim, [quote]) == []) is there


def test_names_are_what_has_a_capital_where_none_is_due() -> None:
    assert names_in("Yesterday the mayor met Ann Low. NASA was there, and Bob too.") == ["Ann", "Low", "NASA", "Bob"]
    assert names_in("In July 2021 they left.") == []


@pytest.mark.parametrize(
    ("claim", "quote", "missing"),
    [
        ("They met Ann Low.", "Ms A. Low and Ann met them.", []),
        ("They met Ann High.", "They met Ann Low.", ["High"]),
        ("They saw the PLO.", "the public law outline", []),
        ("They saw the Public Law Outline.", "the PLO", []),
        ("It was Acme's idea.", "an idea of Acme", []),
        ("They asked Cllr Hall.", "They asked Councillor Hall.", []),
    ],
)
def test_names_stand_in_the_quotes(claim: str, quote: str, missing: list[str]) -> None:
    assert missing_names(claim, [quote]) == missing


@pytest.mark.parametrize(
    ("claim", "quote", "fault"),
    [
        ("Rents did not rise.", "Rents rose.", "denies"),
        ("The roof is safe.", "The roof is not safe.", "undenies"),
        ("All pupils passed.", "Most pupils passed.", "all_for_some"),
        ("Pupils always pass.", "Pupils often pass.", "all_for_some"),
        ("Nobody passed.", "Few passed.", "all_for_some"),
        ("Only pupils passed.", "Pupils passed.", "all_for_some"),
        ("Most pupils passed.", "Some pupils passed.", "most_for_some"),
        ("Rents in the north rose.", "Rents in the north fell.", "opposite"),
        ("It will certainly close.", "It may close.", "must_added"),
    ],
)
def test_a_sentence_turned_or_stretched_is_seen(claim: str, quote: str, fault: str) -> None:
    assert polarity(claim, quote)[fault] > 0
    assert not any(polarity(quote, quote).values())


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("Nobody was there.", "There was no one there."),
        ("All pupils passed.", "Every pupil passed."),
        ("The roof is not safe.", "The roof is unsafe."),
        ("They met every month.", "They met monthly."),
        ("No later than May it opened.", "It opened no later than May."),
        ("The gate isn't always open.", "The gate is not always open."),
    ],
)
def test_the_same_in_other_words_is_no_fault(claim: str, quote: str) -> None:
    found = polarity(claim, quote)
    assert not any(found[name] for name in ("denies", "undenies", "all_for_some", "most_for_some", "opposite"))


def test_the_longest_run_in_common_keeps_the_order() -> None:
    assert common("abcd", "xaybd") == [(0, 1), (1, 3), (3, 4)]
    assert common("ab", "ba") in ([(0, 1)], [(1, 0)])
    assert common("", "ab") == []


def test_opposites_go_both_ways() -> None:
    for root, against in opposites().items():
        assert all(root in opposites()[other] for other in against)


@pytest.mark.parametrize(
    ("claim", "who"),
    [
        ("The inspectors said that rents rose.", "inspectors"),
        ("Officers confirmed the plan.", "Officers"),
        ("According to the Audit Office, rents rose.", "Audit Office"),
        ("It was found that rents rose.", None),
        ("Leadership was rated good.", None),
        ("The report says that rents rose.", None),
        ("The report recognised progress.", None),
        ("The Ofsted report says that rents rose.", "Ofsted"),
        ("The portfolio holder said that rents rose.", "portfolio holder"),
        ("Rents rose.", None),
    ],
)
def test_who_is_said_to_speak(claim: str, who: str | None) -> None:
    assert attributed_to(claim) == who


def test_words_without_their_speaker() -> None:
    assert without_speaker("The inspectors said that rents rose twice.") == "Rents rose twice."
    assert without_speaker("The report says that rents rose twice.") == "Rents rose twice."
    assert without_speaker("Rents rose twice.") == "Rents rose twice."


@pytest.mark.parametrize(
    ("claim", "source", "wrong"),
    [
        ("Ofsted said that rents rose.", Source("Rents rose.", ("Ofsted",)), False),
        ("Ofsted said that rents rose.", Source("Rents rose.", ("members",)), True),
        ("Ofsted said that rents rose.", Source("Ofsted found that rents rose.", ("members",)), False),
        ("Councillors said that rents rose.", Source("Rents rose.", ("portfolio holder",)), False),
        ("Councillors said that rents rose.", Source("Rents rose.", ("officers",)), True),
        ("Officers said that rents rose.", Source("The director reported that rents rose."), False),
        ("Rents rose.", Source("Rents rose.", ("officers",)), False),
    ],
)
def test_words_are_of_the_one_who_is_said_to_speak(claim: str, source: Source, wrong: bool) -> None:
    assert (wrong_voice(claim, [source]) is not None) is wrong


@pytest.mark.parametrize(
    ("claim", "source", "wrong"),
    [
        ("In 2021, rents rose.", Source("Rents rose.", published="2021-07-08"), False),
        ("In 2021, rents rose.", Source("Rents rose.", published="2023"), True),
        ("In 2021, rents rose.", Source("In 2021 rents rose.", published="2023"), False),
        ("In 2021, rents rose.", Source("Rents rose."), False),
        ("Since 2020 rents rose.", Source("Rents rose.", published="2021"), False),
    ],
)
def test_words_are_of_the_time_that_is_given(claim: str, source: Source, wrong: bool) -> None:
    assert (wrong_time(claim, [source]) is not None) is wrong
    assert wrong_time("In 2021, rents rose.", [Source("Rents rose.", periods=(Period(None, None),))]) is None


@pytest.mark.parametrize(
    ("claim", "sentences"),
    [
        ("The pier was closed for 9 weeks.", ["The pier was closed for nine weeks, and most of the cost was met."]),
        ("The pier was closed for nine weeks.", ["The pier was closed for nine weeks in May 2019 because of rain."]),
        ("Most of the cost was met.", ["The pier was closed for nine weeks, and most of the cost was met."]),
        ("The pier was shut for a week because of rain.", ["The pier was shut for a week in 2019 because of rain."]),
        ("The mayor will leave in May.", ["The mayor, Dana Low, will leave in May and be followed by her deputy."]),
        ("The board asked for a plan in May.", ["The board noted the report and asked for a plan in May."]),
        ("There was a need for balance.", ["On pace, officers explained that there was a need for balance and time."]),
        (
            "The board noted the report, and the mayor left early.",
            ["The board noted the report.", "The mayor left early, too."],
        ),
        ("The board noted it and asked for a plan.", ["The board noted it.", "It also asked for a plan."]),
    ],
)
def test_whole_parts_of_sentences_are_quoted(claim: str, sentences: list[str]) -> None:
    assert quoted_in_part(claim, sentences)


@pytest.mark.parametrize(
    ("claim", "sentences"),
    [
        ("Residents of the town pay £7.", ["The pier is free to residents of the town; other visitors pay £7."]),
        ("Staff turnover is 16%.", ["Staff turnover is 9%, compared with 16% in the region."]),
        ("Households receive a brown bin.", ["Households with a garden receive a brown bin."]),
        ("Tenants may keep one cat.", ["Tenants may keep one cat with the landlord's consent."]),
        ("Rents will rise.", ["If the budget is passed, rents will rise."]),
        ("The pier was closed.", ["Nobody said that the pier was closed."]),
        ("The pier should be closed.", ["Members suggested that the pier should be closed."]),
        ("The board asked for a plan.", ["The board may have asked for a plan."]),
        ("The mayor left and asked for a plan.", ["The mayor left.", "The board came and asked for a plan."]),
        ("Teachers wear badges.", ["Teachers greet the children, and visitors wear badges."]),
    ],
)
def test_parts_that_are_taken_from_their_sentence_are_not_quoted(claim: str, sentences: list[str]) -> None:
    assert not quoted_in_part(claim, sentences)


def test_faults_are_told_in_words() -> None:
    faults = plain_faults("In 2019 Ann Low paid £5m.", [Source("Bob paid £6m in 2020.")])
    assert all(any(what in fault for fault in faults) for what in ("£5m", "2019", "Low"))


QUOTE = (
    "The bridge was closed for nine weeks in 2019 because a pier had cracked; most of the cost was met by the county."
)


@pytest.mark.parametrize(
    "claim",
    [
        QUOTE,
        "The bridge was closed for nine weeks in 2019.",
        "The bridge was closed for 9 weeks because a pier had cracked.",
        "Because a pier had cracked, the bridge was closed for nine weeks in 2019.",
    ],
)
def test_what_the_words_say_is_supported(claim: str, verifier: Verifier) -> None:
    verdict = verifier.supports(claim, [QUOTE])
    assert verdict.supported, verdict
    assert verdict.reasons == ()
    assert 0 <= verdict.score <= 1


@pytest.mark.parametrize(
    "claim",
    [
        "The bridge was closed for six weeks in 2019.",
        "The bridge was closed for nine weeks in 2018.",
        "The bridge was not closed in 2019.",
        "All of the cost was met by the county.",
        "The bridge was closed for nine weeks because of a strike by the engineers.",
        "The tunnel was flooded after a storm.",
        "The mayor opened the bridge with a speech about the weather.",
        "Kent County met most of the cost.",
        "Bananas, bananas, bananas.",
        "over over over over over over over",
        "Lions, tigers, bears.",
        "",
        " \n",
    ],
)
def test_what_the_words_do_not_say_is_not_supported(claim: str, verifier: Verifier) -> None:
    verdict = verifier.supports(claim, [QUOTE])
    assert not verdict.supported
    assert verdict.reasons


def test_every_sentence_of_a_claim_must_be_supported(verifier: Verifier) -> None:
    good, bad = "The bridge was closed for nine weeks.", "The bridge was closed for ten weeks."
    assert verifier.supports(f"{good} {good}", [QUOTE]).supported
    assert not verifier.supports(f"{good} {bad}", [QUOTE]).supported


def test_quotes_support_together(verifier: Verifier) -> None:
    quotes = ["The bridge was closed in 2019.", "It was opened again in 2020."]
    assert verifier.supports("The bridge was closed in 2019.", quotes).supported
    assert not verifier.supports("The bridge was closed in 2019.", quotes[1:]).supported
    assert not verifier.supports("The bridge was closed in 2019.", []).supported


def test_a_verdict_is_the_same_each_time(verifier: Verifier) -> None:
    claim = "The bridge was shut since a pier was cracked."
    assert verifier.supports(claim, [QUOTE]) == verifier.supports(claim, [QUOTE]) == supports(claim, [QUOTE], verifier)


@pytest.mark.parametrize("text", ["\x00", "🙂 🙂", "a" * 5000, "[1] (2) {3}", "。", "word " * 900, "1 2 3", "-"])
def test_any_text_gets_a_verdict(text: str, verifier: Verifier) -> None:
    assert 0 <= verifier.supports(text, [QUOTE]).score <= 1
    assert 0 <= verifier.supports(QUOTE, [text]).score <= 1


def test_the_command_gives_a_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "The bridge was closed for nine weeks in 2019.", "--quote", QUOTE]) == 0
    assert json.loads(capsys.readouterr().out)["supported"] is True
    assert main(["verify", "The bridge was closed for ten weeks.", "--quote", QUOTE]) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["supported"] is False
    assert "ten" in verdict["reasons"][0]


def test_the_command_reads_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = json.dumps({"claim": "Ofsted said that rents rose.", "quotes": "Rents rose.", "voices": ["Ofsted"]})
    monkeypatch.setattr("sys.stdin", io.StringIO(line + "\n\n"))
    assert main(["verify", "--file", "-"]) == 0
    assert "Ofsted" in capsys.readouterr().out
    path = tmp_path / "claims.jsonl"
    path.write_text('{"claim": "x"}\n', encoding="utf-8")
    assert main(["verify", "--file", str(path)]) == 2
    assert "Line 1" in capsys.readouterr().err
    assert main(["verify", "--file", str(tmp_path / "none")]) == 2
    assert main(["verify"]) == 2
