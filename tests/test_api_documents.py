import hashlib
import io
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from conftest import Sample
from test_api_support import CORPUS, is_problem, serving, until

from api.schemas.responses import DocumentOut, DocumentsOut, UploadOut
from index.embedders import Vectors
from index.settings import Settings
from rag.pipeline import Pipeline

LETTER = """Reading at Hillside School

Published: 3 May 2022

Pupils read well – they use 😀 phonics. The school has 214 pupils on its roll.
"""
JUNK = b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 8


@pytest.fixture(scope="module")
def reader(sample: Sample) -> Iterator[httpx.Client]:
    with serving(sample, sample.data) as client:
        yield client


@pytest.fixture
def writer(sample: Sample, tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(sample, sample.copied(tmp_path), max_upload_mb=1) as client:
        yield client


def upload(client: httpx.Client, name: str, data: bytes) -> httpx.Response:
    return client.post("/v1/documents", files={"file": (name, data)})


def test_pages_hold_every_document_once(reader: httpx.Client) -> None:
    whole = DocumentsOut.model_validate(reader.get("/v1/documents").json())
    assert whole.total == len(whole.items) >= 5
    assert {d.source for d in whole.items} == {path.name for path in CORPUS.iterdir()}
    seen = []
    cursor = None
    while True:
        page = DocumentsOut.model_validate(
            reader.get("/v1/documents", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        )
        assert page.total == whole.total
        assert len(page.items) <= 2
        seen += page.items
        if (cursor := page.next) is None:
            break
    assert seen == whole.items


def test_q_looks_in_title_source_and_publisher(reader: httpx.Client) -> None:
    found = reader.get("/v1/documents", params={"q": "monitoring LETTER"}).json()
    assert [d["source"] for d in found["items"]] == ["2020-09-15-ofsted-monitoring-visit-letter.txt"]
    assert reader.get("/v1/documents", params={"q": "no such words"}).json() == {"items": [], "total": 0, "next": None}


def test_a_cursor_that_no_page_gave_is_422(reader: httpx.Client) -> None:
    for cursor in ("x", "☃", "a" * 2000):
        problem = is_problem(reader.get("/v1/documents", params={"cursor": cursor}), 422)
        assert problem["errors"][0]["field"] == "cursor"


def test_one_document_its_text_and_its_file(reader: httpx.Client, sample: Sample) -> None:
    engine = sample.open(Settings(data=sample.data)).engine
    for item in reader.get("/v1/documents").json()["items"]:
        assert reader.get(f"/v1/documents/{item['id']}").json() == item
        DocumentOut.model_validate(item)
        text = reader.get(item["text_url"])
        assert text.headers["content-type"] == "text/plain; charset=utf-8"
        file = reader.get(item["file_url"])
        original = (CORPUS / item["source"]).read_bytes()
        assert file.content == original
        assert hashlib.sha256(original).hexdigest() == item["sha256"]
        assert file.headers["content-type"] == "text/plain; charset=utf-8"
        assert file.headers["content-disposition"] == f'inline; filename="{item["source"]}"'
        assert file.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in file.headers["content-security-policy"]
        assert text.content == engine.text(item["id"]).encode()
    engine.close()


@pytest.mark.parametrize("rest", ["", "/text", "/file"])
@pytest.mark.parametrize("unknown", ["nothing", "%00", "%F0%9F%98%80", "a%27%20OR%201=1", "x" * 3000])
def test_404_for_an_unknown_document(reader: httpx.Client, rest: str, unknown: str) -> None:
    is_problem(reader.get(f"/v1/documents/{unknown}{rest}"), 404)


def test_406_when_a_text_or_file_is_asked_for_as_something_else(reader: httpx.Client) -> None:
    item = reader.get("/v1/documents").json()["items"][0]
    for url in (item["text_url"], item["file_url"]):
        is_problem(reader.get(url, headers={"Accept": "application/json"}), 406, "text/plain")
        assert reader.get(url, headers={"Accept": "text/html, */*;q=0.1"}).status_code == 200


def test_an_upload_is_found_at_once_and_only_once(writer: httpx.Client) -> None:
    before = writer.get("/v1/documents").json()["total"]
    first = upload(writer, "../Hillside.txt", LETTER.encode())
    assert first.status_code == 201, first.text
    document = UploadOut.model_validate(first.json()).documents[0]
    assert (document.source, document.published) == ("Hillside.txt", "2022-05-03")
    text = writer.get(document.text_url).content.decode()
    hits = writer.post("/v1/search", json={"question": "How many pupils are on the roll?"}).json()["hits"]
    assert hits[0]["document_id"] == document.id
    assert text[hits[0]["start"] : hits[0]["end"]] == hits[0]["text"]
    assert "214 pupils" in hits[0]["text"]
    again = upload(writer, "another name.txt", LETTER.encode())
    assert (again.status_code, again.json()["documents"]) == (200, first.json()["documents"])
    assert writer.get("/v1/documents").json()["total"] == before + 1
    other = upload(writer, "Hillside.txt", LETTER.replace("214", "215").encode())
    assert other.status_code == 201
    assert writer.get("/v1/documents").json()["total"] == before + 2


def test_what_is_deleted_is_gone(writer: httpx.Client) -> None:
    document = upload(writer, "letter.txt", LETTER.encode()).json()["documents"][0]
    assert writer.delete(f"/v1/documents/{document['id']}").status_code == 204
    for rest in ("", "/text", "/file"):
        is_problem(writer.get(f"/v1/documents/{document['id']}{rest}"), 404)
    is_problem(writer.delete(f"/v1/documents/{document['id']}"), 404)
    hits = writer.post("/v1/search", json={"question": "How many pupils are on the roll?"}).json()["hits"]
    assert document["id"] not in [hit["document_id"] for hit in hits]
    assert upload(writer, "letter.txt", LETTER.encode()).status_code == 201


def test_a_file_that_is_too_large_is_413(writer: httpx.Client) -> None:
    is_problem(upload(writer, "a.bin", (JUNK * 500)[:1_000_000]), 415)
    is_problem(upload(writer, "a.txt", b"x" * 1_000_001), 413, "1 MB")
    is_problem(upload(writer, "a.txt", b"x" * 8_000_000), 413, "1 MB")

    def endless() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        for _ in range(200):
            yield b"x" * 100_000

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    is_problem(writer.post("/v1/documents", content=endless(), headers=headers), 413, "1 MB")


@pytest.mark.parametrize(("data", "status"), [(b"", 422), (b" \n", 422), (JUNK, 415)])
def test_a_file_that_cannot_be_read_is_named(writer: httpx.Client, data: bytes, status: int) -> None:
    before = writer.get("/v1/documents").json()
    is_problem(upload(writer, "thing.bin", data), status)
    assert writer.get("/v1/documents").json() == before


def test_a_form_must_hold_one_file(writer: httpx.Client) -> None:
    two = [("file", ("a.txt", b"one")), ("file", ("b.txt", b"two"))]
    is_problem(writer.post("/v1/documents", files=two), 422, "file", "one file at a time")
    is_problem(writer.post("/v1/documents", files={"other": ("a.txt", b"one")}), 422, "file")
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    is_problem(writer.post("/v1/documents", content=b"nothing like a form", headers=headers), 400)
    is_problem(writer.post("/v1/documents", content=b"x", headers={"Content-Type": "multipart/form-data"}), 400)


@pytest.mark.parametrize(
    ("name", "media_type"), [("evil.html", "text/html"), ("evil.svg", "image/svg+xml"), ("evil.xml", "application/xml")]
)
def test_what_a_browser_might_run_is_sandboxed_and_downloaded(writer: httpx.Client, name: str, media_type: str) -> None:
    page = f"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script><p>{LETTER}</p></svg>"
    added = upload(writer, name, page.encode())
    assert added.status_code == 201, added.text
    document = added.json()["documents"][0]
    file = writer.get(document["file_url"])
    assert file.content == page.encode()
    assert file.headers["content-type"].partition(";")[0] == media_type
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["content-security-policy"].startswith("sandbox;")
    assert file.headers["x-content-type-options"] == "nosniff"
    assert writer.get(document["text_url"]).headers["content-type"] == "text/plain; charset=utf-8"


def test_an_original_is_sent_in_the_encoding_it_has(writer: httpx.Client) -> None:
    data = LETTER.replace("😀", "é").replace("–", "-").encode("cp1252")
    document = upload(writer, "café.txt", data).json()["documents"][0]
    file = writer.get(document["file_url"])
    assert file.content == data
    assert file.headers["content-type"] == "text/plain"
    assert file.headers["content-disposition"] == "inline; filename*=utf-8''caf%C3%A9.txt"
    assert "é phonics" in writer.get(document["text_url"]).text


@pytest.mark.parametrize("asked", ["bytes=0-5", "bytes=9999999-", "bytes=x", "lines=1"])
def test_a_file_is_always_sent_whole(reader: httpx.Client, asked: str) -> None:
    item = reader.get("/v1/documents").json()["items"][0]
    file = reader.get(item["file_url"], headers={"Range": asked})
    assert (file.status_code, file.headers["accept-ranges"]) == (200, "none")
    assert file.content == (CORPUS / item["source"]).read_bytes()


def test_a_zip_is_several_documents_and_says_what_it_could_not_read(writer: httpx.Client) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/letter.txt", LETTER)
        archive.writestr("b.bin", JUNK)
    added = upload(writer, "pack.zip", packed.getvalue())
    assert added.status_code == 201, added.text
    body = UploadOut.model_validate(added.json())
    assert [d.source for d in body.documents] == ["pack.zip/a/letter.txt"]
    assert "b.bin" in body.problems[0]
    file = writer.get(body.documents[0].file_url)
    assert file.headers["content-type"] == "application/zip"
    assert file.headers["content-disposition"] == 'attachment; filename="pack.zip"'


def pdf_of(pages: list[str]) -> bytes:
    """A PDF with one line of text on each page."""
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} /MediaBox [0 0 612 792]"
        " /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
    ]
    for number, line in enumerate(pages):
        drawn = f"BT /F 12 Tf 72 700 Td ({line}) Tj ET"
        objects.append(f"<< /Type /Page /Parent 2 0 R /Contents {4 + 2 * number} 0 R >>")
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    body = "%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode()


def test_a_hit_in_a_pdf_links_to_its_page(writer: httpx.Client) -> None:
    data = pdf_of(["The library opens at nine in the morning.", "The duck pond was drained on 4 May 2022."])
    added = upload(writer, "parks.pdf", data)
    assert added.status_code == 201, added.text
    hit = writer.post("/v1/search", json={"question": "When was the duck pond drained?"}).json()["hits"][0]
    assert "duck pond" in hit["text"]
    assert hit["file"] == f"/v1/documents/{hit['document_id']}/file#page={hit['page']}"
    file = writer.get(hit["file"])
    assert file.content == data
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["content-disposition"] == 'inline; filename="parks.pdf"'
    assert "sandbox" not in file.headers["content-security-policy"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on the size of files")
def test_no_room_for_an_upload_is_503(sample: Sample, tmp_path: Path) -> None:
    import resource

    with serving(sample, sample.copied(tmp_path)) as client:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
        try:
            is_problem(upload(client, "a.txt", b"x" * 5_000_000), 503, "no room")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert client.get("/v1/documents").status_code == 200


def test_an_upload_can_be_followed_and_is_given_up_when_the_client_leaves(sample: Sample, tmp_path: Path) -> None:
    began, go_on = threading.Event(), threading.Event()

    class Slow:
        """The embedder, which waits until it may go on."""

        name, dimension = sample.embedder.name, sample.embedder.dimension

        def embed_passages(self, texts: Sequence[str]) -> Vectors:
            began.set()
            assert go_on.wait(60)
            return sample.embedder.embed_passages(texts)

    def open_slow(settings: Settings) -> Pipeline:
        pipeline = sample.open(settings)
        pipeline.embedder = Slow()  # type: ignore[assignment]
        return pipeline

    with serving(sample, sample.copied(tmp_path), open_slow) as client, ThreadPoolExecutor(2) as pool:
        assert client.get("/v1/uploads").json() == {"items": []}
        before = client.get("/v1/documents").json()["total"]
        try:
            sent = pool.submit(upload, client, "hillside.txt", LETTER.encode())
            assert began.wait(60)
            (now,) = client.get("/v1/uploads").json()["items"]
            assert (now["name"], now["size"], now["state"]) == ("hillside.txt", len(LETTER.encode()), "embedding")
            assert now["embedded"] == 0 < now["passages"]
            with pytest.raises(httpx.ReadTimeout):
                client.post("/v1/documents", files={"file": ("other.txt", b"Nobody waits for this.")}, timeout=0.5)
            until(lambda: len(client.get("/v1/uploads").json()["items"]) == 1)
        finally:
            go_on.set()
        assert sent.result(60).status_code == 201
        assert client.get("/v1/uploads").json() == {"items": []}
        assert client.get("/v1/documents").json()["total"] == before + len(sent.result().json()["documents"])
