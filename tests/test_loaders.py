"""Formats other than PDF: what is made of each, and how a format is recognised."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fixtures import made

from index.errors import FileTooLarge, UnreadableFile, UnsupportedFormat
from index.loaders import LOADERS, Limits, Workers, detect, load
from index.loaders.docx_numbers import formatted


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(1) as pool:
        yield pool


SAMPLES = {
    "docx": made.docx(),
    "eml": made.mail(),
    "html": made.HTML.encode(),
    "markdown": b"# Title\n\nSome *words*.\n",
    "pdf": made.report(),
    "text": b"Some words.\n",
}


@pytest.mark.parametrize("kind", sorted(LOADERS))
def test_every_format_keeps_the_contract(kind: str, workers: Workers) -> None:
    loaded = load("paper.md" if kind == "markdown" else "paper", SAMPLES[kind], workers)
    assert loaded.text == loaded.text.replace("\r", "")
    assert loaded.text.strip()
    assert list(loaded.pages) == sorted(loaded.pages)
    assert all(0 <= page <= len(loaded.text) for page in loaded.pages)
    assert all(isinstance(page, int) and words for page, words in loaded.furniture)
    assert LOADERS[kind](SAMPLES[kind]) == loaded  # the process adds and loses nothing


@pytest.mark.parametrize("kind", sorted(LOADERS))
def test_the_content_decides_the_format(kind: str) -> None:
    assert detect("paper.md" if kind == "markdown" else "paper.pdf", SAMPLES[kind]) == kind


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Office"),
        (b"{\\rtf1 words}", "RTF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "picture"),
        (made.packed(("xl/workbook.xml", b"<x/>")), "spreadsheet"),
        (bytes(range(256)) * 40, "not text"),
    ],
)
def test_other_formats_are_named(data: bytes, words: str) -> None:
    with pytest.raises(UnsupportedFormat, match=words):
        load("paper.pdf", data)


@pytest.mark.parametrize("data", [b"", b" \n\n", b"\x00\x00"])
def test_an_empty_file_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="empty"):
        load("paper.txt", data)


@pytest.mark.parametrize(
    "head",
    [
        "",
        "\ufeff\n",
        "<!-- saved from a site -->\n",
        "<script>var a = 1;</script>\n",
        '<?xml version="1.0"?>\n<!DOCTYPE html>',
    ],
)
def test_a_web_page_named_pdf_is_a_web_page(head: str) -> None:
    assert detect("report.pdf", f"{head}<html><body><p>Good</p></body></html>".encode()) == "html"


def test_a_large_file_is_refused() -> None:
    with Workers(1, Limits(file_bytes=9)) as pool, pytest.raises(FileTooLarge, match="larger"):
        load("paper.txt", b"ten bytes.", pool)


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Größe £5 – “café”", "utf-8"),
        ("Größe £5 – “café”", "utf-8-sig"),
        ("Größe £5 – “café”", "utf-16"),
        ("Größe £5 – “café”", "utf-16-le"),
        ("Größe £5 – “café”", "utf-16-be"),
        ("Größe £5 – “café”", "utf-32"),
        ("It costs £5 – for children’s services.", "cp1252"),
        ("Совет рассмотрел доклад о работе школ и принял решение.", "cp1251"),
    ],
)
def test_text_in_any_encoding(words: str, encoding: str) -> None:
    assert load("paper.txt", words.encode(encoding)).text == words


def test_text_keeps_its_words_and_ends_lines_one_way() -> None:
    loaded = load("paper.txt", b"one\r\n\r\ntwo\rthree\x00\n")
    assert loaded.text == "one\n\ntwo\nthree \n"
    assert loaded.pages == ()


def test_form_feeds_part_pages_of_a_text() -> None:
    loaded = load("paper.txt", b"one\n\x0ctwo\n")
    assert [loaded.text[start:] for start in loaded.pages] == ["one\n\x0ctwo\n", "two\n"]


def test_html_is_its_main_content(workers: Workers) -> None:
    loaded = load("paper.pdf", made.HTML.encode(), workers)
    assert loaded.text == (
        "Minutes\n\nThe Cabinet met on 5 May 2024.²\n\n- Budget\n- Transport\n7. Apologies\n8. Declarations\n\n"
        "Judgement\tGrade\nChildren in care\tRequires improvement"
    )
    assert loaded.metadata == {
        "title": "Minutes of the Cabinet",
        "author": "Clerk to the Council",
        "published": "2024-05-07",
    }
    around = [words for _, words in loaded.furniture]
    assert around == ["Home", "Westmere Council", "Cookies", "It resolved nothing."]


def test_html_says_its_encoding(workers: Workers) -> None:
    page = '<html><meta charset="windows-1250"><p>Příliš žluťoučký kůň</p></html>'
    assert load("a", page.encode("cp1250"), workers).text == "Příliš žluťoučký kůň"


def test_deep_html_is_read_whole_or_not_at_all(workers: Workers) -> None:
    page = "<html><body>%s deep words %s<p>after</p></body></html>"
    assert load("a", (page % ("<div>" * 1900, "</div>" * 1900)).encode(), workers).text == "deep words\n\nafter"
    with pytest.raises(UnreadableFile, match="too deep"):
        load("a", (page % ("<div>" * 5000, "</div>" * 5000)).encode(), workers)


def test_html_layout_tables_are_no_tables(workers: Workers) -> None:
    page = "<html><body><table><tr><td><h1>Title</h1><p>Left</p></td><td>Right</td></tr></table></body></html>"
    assert load("a", page.encode(), workers).text == "Title\n\nLeft\n\nRight"


def test_a_page_without_words_says_what_to_do(workers: Workers) -> None:
    with pytest.raises(UnreadableFile, match="print it to PDF"):
        load("a", b"<html><body><script>fill()</script></body></html>", workers)


def test_characters_that_cannot_be_stored_never_pass(workers: Workers) -> None:
    loaded = load("a", b"<html><title>A\x00B</title><p>one\x00two&#xD800;&#1;three</p></html>", workers)
    assert loaded.text.encode().isascii() or "\ufffd" in loaded.text
    assert not set(loaded.text + loaded.metadata["title"]) & {"\x00", "\x01", "\ud800"}
    assert all(word in loaded.text for word in ("one", "two", "three"))


def test_markdown_loses_its_marks(workers: Workers) -> None:
    source = (
        "---\ntitle: 'The plan'\ndate: 2024-05-01\n---\n# Aims\n\nSome *words* and [a link](http://x.org).\n\n"
        "| Year | Cost |\n|---|---|\n| 2024 | £5 |\n\n- one\n- two\n\n3. three\n4. four\n"
    )
    loaded = load("plan.md", source.encode(), workers)
    assert loaded.text == ("Aims\n\nSome words and a link.\n\nYear\tCost\n2024\t£5\n\n- one\n- two\n3. three\n4. four")
    assert loaded.metadata == {"title": "The plan", "created": "2024-05-01"}


def test_word_changes_are_taken_as_accepted(workers: Workers) -> None:
    loaded = load("paper.pdf", made.docx(), workers)
    assert loaded.text == (
        "Recommendations\n\nCabinet is asked to approve the policy¹.\n\n- the routes\n- the charges\n\n"
        "1. Consult parents\n\n2. Report back\n\nYear\tCost\n2024\t£1.2m\n\n¹ As amended in March."
    )
    assert loaded.furniture == ((0, "Cabinet, 5 May 2024"),)
    assert loaded.metadata["title"] == "Home to school transport"
    assert loaded.metadata["author"] == "Director of Education"


@pytest.mark.parametrize(
    ("number", "form", "printed"),
    [(4, "decimal", "4"), (28, "lowerLetter", "bb"), (3, "upperLetter", "C"), (1994, "upperRoman", "MCMXCIV")],
)
def test_numbers_are_written_as_word_writes_them(number: int, form: str, printed: str) -> None:
    assert formatted(number, form) == printed


def test_a_mail_begins_with_its_fields(workers: Workers) -> None:
    loaded = load("reply.txt", made.mail(("a.txt", b"words")), workers)
    assert loaded.text == (
        "School transport – reply\n\nFrom: Ann Clark <ann@example.org>\nTo: bob@example.org\n"
        "Date: Mon, 05 Feb 2024 10:00:00 +0000\n\nDear Bob,\n\nThe buses will run."
    )
    assert loaded.metadata["created"] == "2024-02-05T10:00:00+00:00"


def test_a_typed_memo_is_no_mail() -> None:
    memo = b"From: The Director\nTo: All staff\nSubject: Buses\n\nThey will run.\n"
    assert detect("memo.txt", memo) == "text"
