import pytest

from api.filenames import media_type_of, safe_name
from api.negotiate import EVENTS, JSON, preferred
from api.problems import Problem


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/event-stream", EVENTS),
        ("TEXT/Event-Stream", EVENTS),
        ("application/json, text/event-stream", JSON),
        ("text/event-stream, */*;q=0.1", EVENTS),
        ("text/*;q=0.9, application/json;q=0.8", EVENTS),
        ("application/json;q=0, */*", EVENTS),
        ("application/json; charset=utf-8; q=0.4, text/event-stream;q=0.5", EVENTS),
        ("not a media range", JSON),
    ],
)
def test_the_media_type_the_client_likes_best_is_chosen(accept: str, chosen: str) -> None:
    assert preferred(accept, (JSON, EVENTS)) == chosen


@pytest.mark.parametrize("accept", ["text/html", "image/*", "*/*;q=0", "application/json;q=0.000"])
def test_what_cannot_be_had_is_406(accept: str) -> None:
    with pytest.raises(Problem) as raised:
        preferred(accept, (JSON,))
    assert raised.value.status_code == 406


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("minutes.pdf", "minutes.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\Letter 1.docx", "Letter 1.docx"),
        (".hidden", "hidden"),
        ("a\0b\r\nc.txt", "abc.txt"),
        ('quote"<script>.txt', "quotescript.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("e\u0301te\u0301.txt", "été.txt"),
        ("...", "upload"),
        ("", "upload"),
        ("folder/", "upload"),
        ("\ud800.txt", "txt"),
    ],
)
def test_a_file_name_keeps_only_what_is_safe(given: str, kept: str) -> None:
    assert safe_name(given) == kept


@pytest.mark.parametrize("given", ["é" * 500 + ".pdf", "a." + "é" * 500, "a" * 500])
def test_a_long_file_name_is_cut_before_its_suffix(given: str) -> None:
    kept = safe_name(given)
    assert 100 < len(kept.encode()) <= 200 or kept.startswith("a.")
    assert len(kept.encode()) <= 200
    assert kept.endswith(".pdf") == given.endswith(".pdf")


def test_media_types_do_not_depend_on_the_machine() -> None:
    assert media_type_of("a/b.PDF") == "application/pdf"
    assert media_type_of("b.svg") == "image/svg+xml"
    assert media_type_of("b.exe") == media_type_of("b") == "application/octet-stream"
