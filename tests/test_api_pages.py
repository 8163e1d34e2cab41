import re
from pathlib import Path

import pytest
from test_api_support import Direct, app_without_index


@pytest.mark.parametrize("path", ["/", "/widget.js"])
def test_a_page_needs_nothing_from_elsewhere_and_makes_no_html_of_text(tmp_path: Path, path: str) -> None:
    with Direct(app_without_index(tmp_path)) as client:
        response = client.get(path)
    assert response.status_code == 200
    assert not re.search(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]+", re.sub(r"(?m)^\s*//.*$", "", response.text))
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|\son\w+=", response.text)
    assert response.headers["x-content-type-options"] == "nosniff"


def test_the_page_runs_only_the_services_own_script(tmp_path: Path) -> None:
    with Direct(app_without_index(tmp_path)) as client:
        response = client.get("/")
    policy = dict(part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in response.headers["content-security-policy"]
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert re.search(r'role="status"', response.text)
    assert '<html lang="en">' in response.text
