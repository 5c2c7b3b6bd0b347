"""The page of results in a real browser: with pointer, keyboard and fingers, on a screen and on a phone."""

import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from browser import WITHOUT_WEBGL, chromium, opened
from PIL import Image
from small_run import NOISE, POINTS, SHAPES, TASKS, large_exhibit

from pointprior.methods import METHODS
from pointprior.output.site.leaderboard import ROLES
from pointprior.output.site.page import write_site

pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium here: apt-get install chromium")
ENTRY, SHAPE = "entry/1abc/p2x40", "entry/chairs/1a/chairs/p2x40"
CAMERA = "viewer.plot.getWorld().camera.position.toArray().join()"
SHOWN = "document.querySelector('main > article:not([hidden])')"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture
def tab(browser):
    browser.requests.clear()
    browser.complaints.clear()
    yield browser
    assert browser.complaints == []
    outside = [request for request in browser.requests if not request.startswith(("data:", "blob:", "about:"))]
    assert all(re.fullmatch(r"file:[^#]*/index\.html", request) for request in outside), outside


def image(tab) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(tab.picture())).convert("RGB"), dtype=int)


def opened_at(tab, page, address: str, **size: int) -> None:
    """The page, as if it were opened for the first time."""
    tab.open("about:blank")
    tab.open(f"file://{page}#{address}", **size)
    if address != "terms":
        tab.until(f"{SHOWN}.dataset.sortable")


def drawn_entry(tab, page, address: str = ENTRY, **size: int) -> None:
    """Open the page with models, in the viewer's first state."""
    opened_at(tab, page, address, **size)
    tab.until(f"{SHOWN}.querySelector('[data-viewer]').dataset.drawn === 'yes'")


def stage(tab) -> np.ndarray:
    """What the viewer shows."""
    box = tab.run(
        f"(b => [b.top, b.bottom, b.left, b.right])({SHOWN}.querySelector('.canvas').getBoundingClientRect())"
    )
    top, bottom, left, right = (int(value) for value in box)
    return image(tab)[top:bottom, left:right]


def select(tab, column: int, value: str) -> None:
    """Choose a filter of the leaderboard; the value must be one of it."""
    filter_ = f"document.querySelector('.filters select[data-column=\"{column}\"]')"
    tab.run(f"(s => {{ s.value = {value!r}; s.onchange(); }})({filter_})")
    assert tab.run(f"{filter_}.value") == value


def test_tables_sort_and_filter(tab, small_page):
    opened_at(tab, small_page, "home")
    column = "[...document.querySelectorAll('#leaderboard tbody tr')].map(row => Number(row.cells[2].dataset.order))"
    head = "document.querySelectorAll('#leaderboard thead th')[2]"
    for _ in range(2):
        tab.run(f"{head}.click()")
        tab.run("new Promise(done => setTimeout(done, 50))")
        values = tab.run(column)
        assert len(values) == len(NOISE) * len(TASKS | SHAPES)
        assert values in (sorted(values), sorted(values, reverse=True))
    select(tab, 1, "dps")
    assert tab.run("document.querySelectorAll('#leaderboard tbody tr').length") == len(TASKS | SHAPES)


def test_clicks_lead_from_a_task_to_a_sample(tab, small_page):
    opened_at(tab, small_page, "home")
    tab.run("document.querySelector('#leaderboard tbody a').click()")
    tab.until(f"{SHOWN}.id === 'task/p2x40'")
    tab.run(f"{SHOWN}.querySelector('a[href^=\"#entry\"]').click()")
    tab.until(f"{SHOWN}.id === '{ENTRY}'")
    tab.until(f"{SHOWN}.querySelector('[data-viewer]').dataset.drawn")
    tab.run(f"{SHOWN}.querySelector('tr[data-method=ml][data-sample=\"1\"] button').click()")
    tab.until(f"{SHOWN}.querySelector('tr[data-method=ml][data-sample=\"1\"]').classList.contains('current')")
    assert tab.run("viewer.value('method') + viewer.value('sample')") == "ml2"


def test_models_follow_the_pointer(tab, small_page):
    drawn_entry(tab, small_page)
    box = f"{SHOWN}.querySelector('.canvas').getBoundingClientRect()"
    x, y = tab.run(f"(b => [b.left + b.width / 2, b.top + b.height / 2])({box})")
    before = tab.run(CAMERA)
    for kind, moved in (("mousePressed", 0), ("mouseMoved", 30), ("mouseMoved", 60), ("mouseReleased", 60)):
        tab.mouse(kind, x=x + moved, y=y, button="left", buttons=int(kind != "mouseReleased"), clickCount=1)
    tab.until(f"{CAMERA} !== '{before}'")


@pytest.mark.parametrize(
    ("address", "place"),
    [(ENTRY, "2 projections × 40 points"), (SHAPE, "2 projections × 40 points (chairs)")],
)
def test_models_are_drawn_and_turn(tab, small_page, address, place):
    drawn_entry(tab, small_page, address)
    assert tab.run("document.getElementById('jump').selectedOptions[0].textContent") == place
    first = stage(tab)
    coloured = np.ptp(first, axis=2) > 40
    assert coloured.mean() > 0.005  # beads, coloured by their spread
    tab.run(f"{SHOWN}.querySelector('.canvas').focus()")
    for _ in range(4):
        tab.press("ArrowRight")
    turned = stage(tab)
    assert (np.abs(turned - first).max(axis=2) > 40).mean() > 0.005
    tab.run("viewer.look('start')")
    assert (np.abs(stage(tab) - first).max(axis=2) > 40).mean() < 0.001


def test_every_control_changes_the_picture(tab, small_page):
    drawn_entry(tab, small_page)
    before = stage(tab)
    changes = {
        "sample": "2",
        "method": "ml",
        "colour": "chain",
        "what": "all",
        "truth": True,
        "morph": "100",
        "surface": True,
        "trace": True,
        "measurements": False,
    }
    for name, value in changes.items():
        key, literal = ("checked", str(value).lower()) if isinstance(value, bool) else ("value", f"'{value}'")
        tab.run(f"(async () => {{ viewer.form.elements.{name}.{key} = {literal}; await viewer.update(); }})()")
        after = stage(tab)
        assert (np.abs(after - before).max(axis=2) > 20).any(), name
        before = after


def test_a_model_that_has_become_the_truth_covers_it(tab, small_page):
    """Morphed to the end, every sample has the truth's points."""
    drawn_entry(tab, small_page)
    farthest = tab.run(
        "(async () => { viewer.form.elements.morph.value = 100; const method = viewer.method;"
        "const points = viewer.model(method, 1).positions.data, partner = method.partner.data;"
        "return Math.max(...points.map((value, i) => "
        "Math.abs(value - viewer.truth[3 * partner[Math.floor(i / 3)] + i % 3]))); })()"
    )
    assert farthest < 1e-6
    assert tab.run("viewer.model(viewer.method, 1).positions.shape[0]") == POINTS


def test_terms_are_explained_where_the_keyboard_is(tab, small_page):
    opened_at(tab, small_page, "home")
    tab.run("document.querySelector('#leaderboard .term').focus()")
    assert "matching" in tab.run("document.getElementById('tip').textContent")
    assert not tab.run("document.getElementById('tip').hidden")
    tab.press("Escape")
    assert tab.run("document.getElementById('tip').hidden")


@pytest.mark.parametrize("address", ["home", "task/p2x40", ENTRY, SHAPE, "terms"])
def test_nothing_is_wider_than_a_phone(tab, small_page, address):
    opened_at(tab, small_page, address, width=360, height=740)
    assert tab.run("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("width", [1280, 1440])
def test_a_long_title_leaves_the_leaderboard_within_the_page(tab, small_page, width):
    opened_at(tab, small_page, "home", width=width, height=900)
    title = "1 projection × 200 points + 30 low-res points + subunit of about 128 points"
    tab.run(f"document.querySelector('#leaderboard tbody a').textContent = {title!r}")
    wide = "document.querySelector('#home .wide')"
    assert tab.run(f"{wide}.scrollWidth - {wide}.clientWidth") <= 0


def test_a_still_picture_stands_in_where_webgl_is_missing(small_page, tmp_path):
    with opened(tmp_path, *WITHOUT_WEBGL) as tab:
        tab.open(f"file://{small_page}#{ENTRY}")
        tab.until(f"{SHOWN}.querySelector('[data-viewer]').dataset.drawn === 'no'")
        assert "no WebGL" in tab.run(f"{SHOWN}.querySelector('.note').textContent")
        assert tab.run(f"{SHOWN}.querySelector('.still').naturalWidth") > 0
        assert not tab.run(f"{SHOWN}.querySelector('.still').hidden")


# ---- exact filters


@pytest.fixture(scope="module")
def similar(small_results, tmp_path_factory):
    """A page with a task and a method whose names begin with those of others."""
    longer = replace(TASKS["p3x40"], title=f"{TASKS['p2x40'].title}, noise 2 Å")
    adam = small_results.scores[small_results.scores["method"] == "dps"].assign(method="dps_adam")
    path, scores = tmp_path_factory.mktemp("similar") / "index.html", pd.concat([small_results.scores, adam])
    write_site(path, replace(small_results, tasks=small_results.tasks | {"p3x40": longer}, scores=scores, exhibits=[]))
    return path


def rows_of(tab) -> list[list[str]]:
    """What the leaderboard's rows show of tasks and methods."""
    shown = "[row.cells[0].innerText, row.cells[1].innerText].map(text => text.trim())"
    return tab.run(f"[...document.querySelectorAll('#leaderboard tbody tr')].map(row => {shown})")


def test_filters_match_exactly(tab, similar):
    opened_at(tab, similar, "home")
    methods = [*NOISE, "dps_adam"]
    everything = rows_of(tab)
    assert len(everything) == len(TASKS | SHAPES) * len(methods)
    for name, task in (TASKS | SHAPES).items():
        select(tab, 0, name)
        title = f"{TASKS['p2x40'].title}, noise 2 Å" if name == "p3x40" else task.title
        said = title if name in TASKS else f"{title} {task.data}"
        assert {row[0] for row in rows_of(tab)} == {said}
        assert len(rows_of(tab)) == len(methods)
    select(tab, 0, "")
    for name in methods:
        select(tab, 1, name)
        assert [row[1] for row in rows_of(tab)] == [METHODS[name].label] * len(TASKS | SHAPES)
    select(tab, 1, "")
    for role in ROLES:
        select(tab, 2, role)
        assert {row[1] for row in rows_of(tab)} == {
            METHODS[name].label for name in methods if METHODS[name].role == role
        }
    select(tab, 2, "")
    assert rows_of(tab) == everything
    options = (
        "[...document.querySelectorAll('.filters select[data-column=\"0\"] option')].map(each => each.textContent)"
    )
    assert len(set(tab.run(options))) == 1 + len(TASKS | SHAPES)


# ---- words for everyone


def test_every_term_is_explained_where_it_occurs(tab, small_page):
    opened_at(tab, small_page, "home")
    used = set(tab.run("[...document.querySelectorAll('[data-term]')].map(element => element.dataset.term)"))
    assert used == set(tab.run("Object.keys(terms)"))
    chip = "document.querySelector('#leaderboard tbody .term')"
    x, y = tab.run(f"(box => [box.left + 5, box.top + 5])({chip}.getBoundingClientRect())")
    tab.mouse("mouseMoved", x=x, y=y)
    assert tab.run(f"document.getElementById('tip').textContent === terms[{chip}.textContent]")
    assert tab.run("!document.getElementById('tip').hidden")


def test_nothing_that_takes_the_focus_is_hidden_from_screen_readers(tab, small_page):
    opened_at(tab, small_page, "home")
    assert tab.run("document.querySelectorAll('#home .plot a').length") > 0
    assert tab.run("[...document.querySelectorAll('.plot a')].every(link => link.getAttribute('aria-label'))")
    focusable = ", ".join(f"[aria-hidden=true] {each}" for each in ("a", "button", "[tabindex]"))
    assert tab.run(f"document.querySelectorAll('{focusable}').length") == 0


def test_bars_are_read_as_values_and_bounds(tab, small_page):
    opened_at(tab, small_page, "home")
    read = tab.run("[...document.querySelectorAll('.bar')].map(bar => bar.getAttribute('aria-label'))")
    assert all(re.fullmatch(r"(RMSD \S+ Å; prior alone \S+ Å|EMD \S+; prior alone \S+)", each) for each in read)
    shown = tab.run("document.querySelector('#leaderboard tbody td.num').textContent.split(' ')[0]")
    assert read[0].startswith(f"RMSD {shown} Å")


def test_what_scrolls_can_be_scrolled_with_the_keyboard(tab, small_page):
    opened_at(tab, small_page, "home")
    scrolls = "[...document.querySelectorAll('main *')].filter(e => getComputedStyle(e).overflowX === 'auto')"
    assert tab.run(f"{scrolls}.length") > 0
    assert tab.run(f"{scrolls}.every(e => e.tabIndex === 0 && e.getAttribute('role') === 'region' && e.ariaLabel)")


PAIRS = """
(() => {
  const solid = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor, parts = colour.match(/[\\d.]+/g).map(Number);
      if (parts.length === 3 || parts[3] > 0.5) return colour;
    }
  };
  const apart = '.skip, option, script';
  const seen = [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.closest(apart));
  const says = seen.filter(e => [...e.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
  const text = says.map(e => {
    const style = getComputedStyle(e);
    return [e.closest('svg') ? style.fill : style.color, solid(e)];
  });
  const edges = seen.filter(e => e.matches('select, button:not(.link), input[type=search]'));
  const controls = edges.map(e => [getComputedStyle(e).borderTopColor, solid(e.parentElement)]);
  return {text, controls};
})()
"""


def luminance(colour: str) -> float:
    """Relative, of WCAG 2.2."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    """Of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("address", ["home", "task/p2x40", ENTRY, "terms"])
def test_colours_have_the_contrast_of_wcag_aa(tab, small_page, address):
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    (drawn_entry if address == ENTRY else opened_at)(tab, small_page, address)
    found = tab.run(PAIRS)
    for kind, least in (("text", 4.5), ("controls", 3.0)):
        pairs = {tuple(pair) for pair in found[kind]}
        assert pairs
        assert {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < least} == {}


def test_the_focus_is_seen(tab, small_page):
    opened_at(tab, small_page, "home")
    tab.run("document.getElementById('jump').focus()")
    tab.press("Shift")  # the keyboard is in use
    colour = tab.run("getComputedStyle(document.getElementById('jump')).outlineColor")
    grounds = [
        tab.run(f"getComputedStyle(document.querySelector('{each}')).backgroundColor") for each in (".top", "body")
    ]
    assert all(contrast(colour, ground) >= 3 for ground in grounds)


# ---- fingers


def test_the_first_column_leaves_room_on_a_phone(tab, small_page):
    opened_at(tab, small_page, "home", width=360, height=740)
    assert tab.run("document.querySelector('#leaderboard tbody th').getBoundingClientRect().width") < 0.4 * 360


def test_fingers_scroll_over_the_models_until_they_tap_them(tab, small_page):
    drawn_entry(tab, small_page, width=360, height=740)
    x, y = tab.run(
        f"(b => [b.left + b.width / 2, b.top + b.height / 2])({SHOWN}.querySelector('.canvas').getBoundingClientRect())"
    )
    still = tab.run(CAMERA)
    tab.touch(x, y, down=-150)
    tab.until("scrollY > 100")
    assert tab.run(CAMERA) == still
    tab.touch(x, y)
    tab.until("document.activeElement === viewer.canvas")
    here = tab.run("scrollY")
    tab.touch(x, y, down=-80)
    tab.until(f"{CAMERA} !== '{still}'")
    assert tab.run("scrollY") == here
    tab.run("document.activeElement.blur()")
    turned = tab.run(CAMERA)
    tab.touch(x, y, down=-80)
    tab.until(f"scrollY > {here}")
    assert tab.run(CAMERA) == turned


# ---- robustness


def test_a_still_picture_stands_in_where_the_library_fails(tab, small_page):
    opened_at(tab, small_page, "home")
    tab.run("loaded.viewer = Promise.resolve({K3D: class { constructor() { throw new Error('no memory'); } }})")
    tab.run(f"location.hash = '{ENTRY}'")
    tab.until(f"{SHOWN}.querySelector('[data-viewer]')?.dataset.drawn === 'no'")
    assert tab.run(f"{SHOWN}.querySelector('.canvas').checkVisibility()") is False
    assert tab.run(f"{SHOWN}.querySelector('.still').checkVisibility()")
    assert "no memory" in tab.run(f"{SHOWN}.querySelector('.note').textContent")


KEPT = """
(() => {
  window.contexts = [];
  const original = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
    const made = original.call(this, kind, ...more);
    if (made && kind.startsWith('webgl') && !contexts.includes(made)) contexts.push(made);
    return made;
  };
})()
"""


def test_many_visits_take_one_context_of_the_few_that_a_browser_has(tab, small_page):
    """Chromium warns of the seventeenth, once the first are not collected in time."""
    opened_at(tab, small_page, "home")
    tab.run(KEPT)
    for visit in range(5):
        tab.run(f"location.hash = '{[SHAPE, ENTRY][visit % 2]}'")
        section = f"{SHOWN}.querySelector('[data-viewer]')"
        tab.until(
            f"{SHOWN}.id === '{[SHAPE, ENTRY][visit % 2]}' && viewer?.section === {section} && !viewer.form.hidden"
        )
        tab.until(f"{section}.querySelector('.still').hidden")
        assert tab.run("contexts.filter(context => !context.isContextLost()).length") == 1
    before = stage(tab)
    tab.run(
        "(field => { field.value = 'ml'; field.dispatchEvent(new Event('input', {bubbles: true})); })"
        "(viewer.form.elements.method)"
    )
    tab.until("!viewer.waiting")
    tab.run("new Promise(done => setTimeout(done, 300))")
    assert (np.abs(stage(tab) - before).max(axis=2) > 20).any()


def test_nothing_can_be_fetched(tab, small_page):
    """By the page's own rule, whoever asks for it."""
    opened_at(tab, small_page, "home")
    assert tab.run("fetch('data:,x').then(() => 'fetched', problem => problem.name)") == "TypeError"
    refused = "new Promise(done => { const image = new Image(); image.onerror = () => done('refused');"
    assert (
        tab.run(f"{refused} image.onload = () => done('shown'); image.src = 'http://127.0.0.1:9/a.png'; }})")
        == "refused"
    )
    assert all("Content Security Policy" in complaint for complaint in tab.complaints)
    assert len(tab.complaints) >= 2
    tab.complaints.clear()
    tab.requests.clear()  # that it was meant to ask, not that it did


def test_models_of_full_size_are_drawn_and_turn(tab, small_results, tmp_path):
    exhibit = large_exhibit()
    write_site(tmp_path / "index.html", replace(small_results, exhibits=[exhibit]))
    drawn_entry(tab, tmp_path / "index.html")
    tab.run("(async () => { viewer.form.elements.what.value = 'all'; await viewer.update(); })()")
    assert tab.run("viewer.model(viewer.method, 1).positions.shape[0]") == 10 * 1024
    first = stage(tab)
    tab.run(f"{SHOWN}.querySelector('.canvas').focus()")
    tab.press("ArrowRight")
    assert (np.abs(stage(tab) - first).max(axis=2) > 40).mean() > 0.005
