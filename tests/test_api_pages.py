import gzip
import re
from pathlib import Path

import pytest
from test_api_support import Direct, app_without_index

LIMIT = 30_000
"""Bytes of the widget as it is sent, packed."""


@pytest.mark.parametrize("path", ["/", "/widget.js"])
def test_a_page_needs_nothing_from_elsewhere_and_makes_no_html_of_text(tmp_path: Path, path: str) -> None:
    with Direct(app_without_index(tmp_path)) as client:
        response = client.get(path)
    assert response.status_code == 200
    addresses = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]+[\w/]*", response.text))
    assert addresses <= {"http://www.w3.org/2000/svg"}  # a name, which nothing fetches
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|\bFunction\(", response.text)
    assert not re.search(r"DOMParser|createContextualFragment|setHTMLUnsafe|\bimport\(|\son\w+=", response.text)
    assert response.headers["x-content-type-options"] == "nosniff"


def test_the_page_runs_only_the_services_own_script(tmp_path: Path) -> None:
    with Direct(app_without_index(tmp_path)) as client:
        response = client.get("/")
    policy = dict(part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in response.headers["content-security-policy"]
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "<footnote-chat" in response.text
    assert '<html lang="en">' in response.text


@pytest.mark.parametrize("origins", [(), ("https://intranet.example.org", "https://other.example.org")])
def test_only_the_sites_of_the_settings_may_frame_the_page(tmp_path: Path, origins: tuple[str, ...]) -> None:
    with Direct(app_without_index(tmp_path, cors_origins=origins)) as client:
        policy = client.get("/").headers["content-security-policy"]
    assert "frame-ancestors " + (" ".join(origins) or "'none'") + ";" in policy


def test_the_widget_is_small_and_sent_again_only_when_it_has_changed(tmp_path: Path) -> None:
    with Direct(app_without_index(tmp_path)) as client:
        packed = client.get("/widget.js", headers={"Accept-Encoding": "gzip"})
        plain = client.get("/widget.js", headers={"Accept-Encoding": "identity"})
        again = client.get("/widget.js", headers={"If-None-Match": plain.headers["etag"]})
        other = client.get("/widget.js", headers={"If-None-Match": 'W/"0"'})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content, mtime=0)) <= LIMIT
    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200
    assert "Accept-Encoding" in plain.headers["vary"]
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
