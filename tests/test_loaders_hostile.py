"""Files that are damaged, packed in each other, or made to do harm: each costs no more than itself."""

from __future__ import annotations

import io
import os
import random
import signal
import stat
import struct
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from fixtures import made

from index.errors import FileTooLarge, LoadError, UnreadableFile, UnsupportedFormat
from index.loaders import Limits, Workers, expand, load
from index.models import Loaded

GOOD = "Good words in a good paper."


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(1) as pool:
        yield pool


def opened(name: str, data: bytes, limits: Limits | None = None) -> dict[str, bytes | type[LoadError]]:
    """What `expand` yields, errors by their class."""
    return {
        path: type(content) if isinstance(content, LoadError) else content
        for path, content in expand(name, data, limits)
    }


def tried(data: bytes, workers: Workers) -> Loaded | LoadError:
    try:
        return load("a", data, workers)
    except LoadError as error:
        return error


def test_a_plain_file_is_its_own_only_member() -> None:
    assert opened("a.txt", b"words") == {"a.txt": b"words"}


def test_an_archive_gives_its_files_by_path() -> None:
    inner = made.packed(("deep.txt", b"three"))
    data = made.packed(
        ("a.txt", b"one"), ("folder/", b""), ("folder/b.txt", b"two"), ("c.zip", inner), ("__MACOSX/._a.txt", b"x")
    )
    assert opened("pack.zip", data) == {
        "pack.zip/a.txt": b"one",
        "pack.zip/folder/b.txt": b"two",
        "pack.zip/c.zip/deep.txt": b"three",
    }


def test_names_lead_nowhere_else_and_are_never_the_same() -> None:
    data = made.packed(
        ("../../etc/passwd", b"1"),
        ("/root.txt", b"2"),
        ("C:\\Users\\me.txt", b"3"),
        ("a.txt", b"4"),
        ("a.txt", b"5"),
        ("new\nline.txt", b"6"),
        ("..", b"7"),
    )
    assert list(opened("p.zip", data).items()) == [
        ("p.zip/etc/passwd", b"1"),
        ("p.zip/root.txt", b"2"),
        ("p.zip/C_/Users/me.txt", b"3"),
        ("p.zip/a.txt", b"4"),
        ("p.zip/a (2).txt", b"5"),
        ("p.zip/new_line.txt", b"6"),
        ("p.zip/unnamed", b"7"),
    ]


def test_a_mail_gives_itself_and_what_is_attached() -> None:
    forwarded = EmailMessage()
    forwarded["Subject"] = "Earlier"
    forwarded["From"] = "c@example.org"
    forwarded["Message-ID"] = "<2@example.org>"
    forwarded.set_content("Old words.")
    message = EmailMessage()
    message["From"] = "a@example.org"
    message["MIME-Version"] = "1.0"
    message.set_content("See below.")
    message.add_attachment(b"words", maintype="text", subtype="plain", filename="../a.txt")
    message.add_attachment(made.packed(("z.txt", b"zipped")), maintype="application", subtype="zip", filename="z.zip")
    message.add_attachment(forwarded)
    data = message.as_bytes()
    found = opened("m.eml", data)
    assert list(found) == ["m.eml", "m.eml/a.txt", "m.eml/z.zip/z.txt", "m.eml/3.eml"]
    assert found["m.eml"] == data
    assert found["m.eml/a.txt"] == b"words"
    assert b"Old words." in bytes(found["m.eml/3.eml"])  # type: ignore[arg-type]


def test_bombs_are_cut_short() -> None:
    limits = Limits(file_bytes=1_000_000, unpacked_bytes=3_000_000)
    bomb = made.packed(("zeros.txt", bytes(50_000_000)), ("a.txt", b"good"))
    assert opened("b.zip", bomb, limits) == {"b.zip/zeros.txt": FileTooLarge, "b.zip/a.txt": b"good"}
    many = made.packed(*((f"{n}.txt", bytes(900_000)) for n in range(9)))
    found = opened("m.zip", many, limits)
    assert found.pop("m.zip") is FileTooLarge
    assert sum(len(content) for content in found.values() if isinstance(content, bytes)) <= limits.unpacked_bytes


def test_too_many_files_are_too_many() -> None:
    found = opened("m.zip", made.packed(*((f"{n}.txt", b"x") for n in range(30))), Limits(files=10))
    assert found.pop("m.zip") is FileTooLarge
    assert len(found) == 10


def test_archives_lie_only_so_deep_in_each_other() -> None:
    data = made.packed(("core.txt", b"core"))
    for _ in range(5):
        data = made.packed(("next.zip", data), ("beside.txt", b"here"))
    found = opened("n.zip", data, Limits(depth=3))
    assert found["n.zip/next.zip/next.zip/next.zip"] is UnsupportedFormat
    assert [content for content in found.values() if content == b"here"] == [b"here"] * 3


def test_members_that_cannot_be_had_say_why() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("odd.txt", b"x" * 99, zipfile.ZIP_LZMA)
        archive.writestr("hurt.txt", b"broken words", zipfile.ZIP_STORED)
        archive.writestr("secret.txt", b"locked", zipfile.ZIP_STORED)
    data = bytearray(out.getvalue().replace(b"broken words", b"brOken wOrds"))
    entry = data.rindex(b"PK\x01\x02")  # of the last file: set its encryption flag, there and in its own header
    data[entry + 8] |= 1
    data[data.rindex(b"PK\x03\x04") + 6] |= 1
    assert opened("m.zip", bytes(data)) == {
        "m.zip/link": UnsupportedFormat,
        "m.zip/odd.txt": UnsupportedFormat,
        "m.zip/hurt.txt": UnreadableFile,
        "m.zip/secret.txt": UnreadableFile,
    }


def test_a_broken_archive_is_one_error() -> None:
    assert opened("b.zip", made.packed(("a.txt", b"words" * 99))[:-30]) == {"b.zip": UnreadableFile}


@pytest.mark.parametrize("kind", ["pdf", "docx", "html", "eml", "zip"])
def test_damage_never_passes_the_reader(kind: str, workers: Workers) -> None:
    """Cut short or with bytes changed, a file is read in part or refused; nothing else can happen."""
    whole = {
        "pdf": made.report(),
        "docx": made.docx(),
        "html": made.HTML.encode(),
        "eml": made.mail(("a.txt", b"words")),
        "zip": made.packed(("a.txt", b"words" * 99), ("b.html", made.HTML.encode())),
    }[kind]
    chance = random.Random(7)
    for _ in range(25):
        data = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.3 else whole)
        for _ in range(chance.randrange(12) if data else 0):
            data[chance.randrange(len(data))] = chance.randrange(256)
        for _, content in expand(f"a.{kind}", bytes(data)):
            found = content if isinstance(content, LoadError) else tried(content, workers)
            assert isinstance(found, Loaded) or (found.what and found.todo)
    assert load("good.html", f"<p>{GOOD}</p>".encode(), workers).text == GOOD


def test_too_slow_a_file_is_ended_and_the_next_one_read() -> None:
    with Workers(1, Limits(silent_seconds=0.0)) as pool:
        with pytest.raises(UnreadableFile, match="too long"):
            load("a.html", f"<p>{GOOD}</p>".encode(), pool)
        assert load("a.txt", GOOD.encode(), pool).text == GOOD


def test_too_hungry_a_file_is_ended_and_the_next_one_read() -> None:
    huge = b"<html><body>" + b"<p>word</p>" * 400_000
    with Workers(1, Limits(memory_bytes=180 * 1024**2)) as pool:
        with pytest.raises(UnreadableFile, match=r"memory|crash"):
            load("a.html", huge, pool)
        assert load("a.html", f"<p>{GOOD}</p>".encode(), pool).text == GOOD


def test_a_reader_without_memory_fails_alone() -> None:
    with Workers(1, Limits(memory_bytes=4096)) as pool:
        for _ in range(2):
            with pytest.raises(UnreadableFile, match=r"memory|crash"):
                load("a.html", f"<p>{GOOD}</p>".encode(), pool)
        assert load("a.txt", GOOD.encode(), pool).text == GOOD


def test_a_reader_that_was_killed_is_replaced() -> None:
    with Workers(1) as pool:
        for _ in range(2):
            assert load("a.html", f"<p>{GOOD}</p>".encode(), pool).text == GOOD
            for children in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
                for child in children.read_text().split():
                    if b"index.loaders.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                        os.kill(int(child), signal.SIGKILL)
            time.sleep(0.05)


def test_a_word_file_that_unpacks_to_gigabytes_is_refused(workers: Workers) -> None:
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = pack.compress(bytes(1024**2)) + pack.flush()
    crc, name, size = 0, b"word/document.xml", 600 * 1024**2
    head = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(content), size, len(name), 0)
    central = b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    local = b"PK\x03\x04" + head + name + content
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    with pytest.raises(FileTooLarge, match="Unpacked"):
        load("a.docx", local + central + end, workers)


def test_entities_in_a_word_file_are_not_unfolded(workers: Workers) -> None:
    laughs = '<!DOCTYPE d [<!ENTITY a "ha ha ha ha ha ha ha ha">' + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made.docx())) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "word/document.xml":
                content = f"{laughs}]>".encode() + content[content.index(b"<w:document") :].replace(
                    b"the charges", b"&i;"
                )
            new.writestr(entry.filename, content)
    found = tried(out.getvalue(), workers)
    assert isinstance(found, LoadError) or len(found.text) < 10_000


def test_a_page_of_a_mile_and_a_stream_of_nothing_are_bounded(workers: Workers) -> None:
    def draw(canvas: object) -> None:
        made.text(canvas, 60, 100, GOOD)

    assert load("a.pdf", made.pdf(draw, size=(4_000_000, 4_000_000)), workers).text == GOOD
    content = zlib.compress(b" " * 150_000_000, 9)
    stream = b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream endobj " % (len(content), content)
    bomb = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj "
        + stream
        + b"trailer<</Root 1 0 R>>"
    )
    with pytest.raises(UnreadableFile):
        load("a.pdf", bomb, workers)


def test_threads_share_the_readers() -> None:
    pages = [f"<p>{GOOD} {number}</p>".encode() for number in range(12)]
    read: dict[int, str] = {}
    with Workers(2) as pool:

        def take(number: int) -> None:
            read[number] = load("a.html", pages[number], pool).text

        threads = [threading.Thread(target=take, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert read == {number: f"{GOOD} {number}" for number in range(12)}
