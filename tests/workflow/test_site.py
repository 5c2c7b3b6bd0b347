"""The page of results as a target: of a run with deposits, and of published tables."""

import re

import pytest
from browser import chromium, opened


@pytest.fixture(scope="module")
def page(finished):
    finished.run("site")
    return finished.folder / "results/index.html"


def test_the_page_shows_what_the_configuration_does(page):
    text = page.read_text()
    assert re.findall(r'data-scene="([^"]+)"', text) == ["1tst/p2x48_lr8"]
    assert 'name="trace"' in text  # the deposit is at hand
    assert text.count('<article id="entry/') == 1


def test_a_finished_page_is_not_written_again(page, finished):
    assert finished.planned("site") == set()


@pytest.mark.skipif(chromium() is None, reason="no Chromium here: apt-get install chromium")
def test_its_models_are_drawn_and_nothing_else_is_asked_for(page, tmp_path):
    with opened(tmp_path) as tab:
        tab.open(f"file://{page}#entry/1tst/p2x48_lr8")
        tab.until("document.querySelector('[data-viewer]').dataset.drawn === 'yes'")
        tab.run("(async () => { viewer.form.elements.trace.checked = true; await viewer.update(); })()")
        assert tab.complaints == []
        assert [request for request in tab.requests if not request.startswith(("file:", "data:", "blob:"))] == []
        assert sum(request.startswith("file:") for request in tab.requests) == 1  # the page itself


def test_published_tables_make_a_page_without_models(page, finished, tmp_path):
    for name in ("scores", "coverage"):
        (tmp_path / f"{name}.csv").write_bytes((finished.folder / f"results/tables/{name}.csv").read_bytes())
    before = page.read_bytes()
    try:
        finished.run("site", "--config", f"redraw={tmp_path}")
        text = page.read_text()
    finally:
        page.write_bytes(before)
    assert "data-scene" not in text.split("<script>")[0]
    assert 'id="leaderboard"' in text
