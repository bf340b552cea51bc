# SPDX-License-Identifier: Apache-2.0
"""The page in a real browser: nothing fetched, nothing cut off, legible in the dark, values under the pointer."""

import re
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from tests.report.example import example

from isinglass.report.figures import save_figures
from isinglass.report.html import render_page
from isinglass.result import Check, Estimate, Result

sync_playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").sync_playwright
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")]

HOSTILE = "<script>document.title='taken'</script>"
LONG = "w" * 500
CONTRAST = """() => {
  const parts = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const linear = (c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map((c) => linear(c / 255))
    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  const found = [];
  for (const node of document.querySelectorAll("main *")) {
    const text = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!text || !node.getClientRects().length) continue;
    let back = node;
    while (back && (parts(getComputedStyle(back).backgroundColor)[3] ?? 1) < 1) back = back.parentElement;
    const one = light(parts(getComputedStyle(node).color));
    const other = light(parts(getComputedStyle(back || document.body).backgroundColor));
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(1)} ${node.className} ${node.textContent.trim().slice(0, 30)}`);
  }
  return found;
}"""
CUT = """() => [...document.querySelectorAll("main *")].filter((node) => {
  const box = node.getBoundingClientRect();
  return box.width && (box.right > document.documentElement.clientWidth + 1 || node.scrollWidth > node.clientWidth + 1
    && getComputedStyle(node).overflowX !== "visible");
}).map((node) => `${node.tagName} ${node.className}`)"""


def strange() -> Result:
    """Names that are markup, words that do not break, 40 estimates, 20 figures, each verdict."""
    x = np.linspace(0, 1, 9)
    names = [f"{HOSTILE}{k}" if k == 0 else f"curve_{k}" for k in range(20)]
    arrays = xr.Dataset(
        {n: ("temperature", x**2, {"long_name": n}) for n in names} | {f"{n}_error": ("temperature", x) for n in names},
        coords={"temperature": x}, attrs={"system": HOSTILE, "parameters": LONG},
    )  # fmt: skip
    return Result(
        HOSTILE,
        estimates={f"{LONG if k == 1 else HOSTILE}/{k}": Estimate(1.0 / 3**k, 0.1 / 3**k, "kg") for k in range(40)},
        checks=[
            Check.within(f"{HOSTILE} {LONG}", 1.0, 2.0, 0.1, error=0.05, source=LONG),
            Check("unknown law", None, None, None, "unknown"),
            *(Check.at_most(f"law {k}", 2.0, 1.0) for k in range(9)),
        ],
        arrays=arrays,
        settings={HOSTILE: LONG, "samples": LONG, "temperature": list(range(1000))},
        notes=[LONG, f"{HOSTILE} doi:10.1/{LONG}"],
        about={"question": HOSTILE, "claim": LONG, "paper": f"{LONG}, arXiv:1605.01735", "guide": "docs/files.md"},
        command=f"isinglass sample {LONG}",
        inputs={LONG: "0" * 64},
        figures=[f"curve_vs_parameter/{n}" for n in names],
        status=LONG,
    )


RESULTS = {
    "whole": lambda: example(60),
    "strange": strange,
    "bare": lambda: Result("bare", {"x": Estimate(1.0)}),
    "empty": lambda: Result("empty"),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Name -> the file of the page of each result."""
    folder, found = tmp_path_factory.mktemp("pages"), {}
    for name, make in RESULTS.items():
        result = make()
        (folder / name).mkdir()
        found[name] = folder / f"{name}.html"
        found[name].write_text(render_page(result, save_figures(result, folder / name)), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser):
    """A function that opens a file; what it asked for, and its console, are kept."""
    tabs = []

    def of(path, width=1200, scheme="light"):
        tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        tabs.append(tab)
        said = SimpleNamespace(requests=[], console=[])
        tab.on("request", lambda one: said.requests.append(one.url))
        tab.on("console", lambda one: said.console.append(one.text))
        tab.on("pageerror", lambda one: said.console.append(str(one)))
        tab.goto(path.as_uri())
        return tab, said

    yield of
    for tab in tabs:
        tab.close()


def outside(said):
    """What was asked for beside the page and what it holds."""
    return [url for url in said.requests if not url.startswith(("file:", "data:"))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("name", RESULTS)
def test_it_holds(name, width, scheme, pages, opened):
    tab, said = opened(pages[name], width, scheme)
    assert outside(said) == []
    assert said.console == []
    assert "taken" not in tab.title() or tab.title().startswith("<script>")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.evaluate(CONTRAST) == []


def test_planted_a_wide_word_a_pale_text_and_a_fetch_are_seen(pages, opened, tmp_path):
    page = pages["bare"].read_text()
    page = re.sub(r"<meta http-equiv[^>]*>", "", page).replace("--soft: #5b6475", "--soft: #b0b6c0")
    page = page.replace(
        "</main>", f'<p style="white-space: nowrap">{LONG}</p><img src="http://127.0.0.1:9/x.png"></main>'
    )
    (tmp_path / "planted.html").write_text(page)
    tab, said = opened(tmp_path / "planted.html", 390)
    assert outside(said) == ["http://127.0.0.1:9/x.png"]
    assert not tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.evaluate(CONTRAST) != []


def test_the_policy_stops_what_is_not_of_the_page(pages, opened, tmp_path):
    """A script and a picture that got into the page all the same."""
    page = pages["bare"].read_text().replace(
        "</main>", '<img src="http://127.0.0.1:9/x.png"><script>document.title = "taken"</script></main>'
    )  # fmt: skip
    (tmp_path / "planted.html").write_text(page)
    tab, said = opened(tmp_path / "planted.html")
    assert tab.title() == "bare: unknown"
    assert len(said.console) == 2
    assert all("Content Security Policy" in line for line in said.console)


@pytest.mark.parametrize("name", RESULTS)
def test_in_print_nothing_is_cut_off(name, pages, opened):
    """The width of A4 less its margins."""
    tab, _ = opened(pages[name], 688, "dark")
    tab.emulate_media(media="print", color_scheme="dark")
    assert tab.evaluate(CUT) == []
    assert tab.evaluate(CONTRAST) == []
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.pdf(format="A4").startswith(b"%PDF")


def test_planted_a_cut_in_print_is_seen(pages, opened):
    tab, _ = opened(pages["strange"], 688)
    tab.emulate_media(media="print")
    tab.evaluate("document.querySelector('pre').style.cssText = 'white-space: pre; overflow: hidden'")
    assert tab.evaluate(CUT) != []


def figure_of(tab, name):
    """The part of the page with a figure and its values."""
    return tab.locator(f".plot[aria-label^='{name}']")


def point_at(tab, plot, at):
    """Move the mouse to a point, in 1/10000 of the figure."""
    box = plot.locator("img").bounding_box()
    tab.mouse.move(box["x"] + at[0] * box["width"] / 1e4, box["y"] + at[1] * box["height"] / 1e4)


@pytest.mark.parametrize("width", [1200, 390])
def test_the_value_under_the_pointer_is_that_of_the_result(width, pages, opened):
    """The third temperature of the smallest lattice: x, y and error; none far from all points; no request for it."""
    tab, said = opened(pages["whole"], width)
    plot, arrays = figure_of(tab, "curve vs parameter"), example(60).arrays
    plot.scroll_into_view_if_needed()
    drawn = next(one for one in values_of(tab, plot) if one["label"] == "L = 8")
    point_at(tab, plot, drawn["at"][2])
    told = plot.locator("output")
    expected = f"{float(arrays['magnetization'][0, 2]):.3f} ± 0.020"
    assert told.inner_text().splitlines() == ["L = 8", "temperature T: 1.8", f"magnetization: {expected}"]
    point_at(tab, plot, drawn["at"][3])
    assert expected not in told.inner_text()  # planted: another point
    box, page = told.bounding_box(), tab.viewport_size
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page["width"]
    point_at(tab, plot, (300, 300))
    assert told.is_hidden()
    assert outside(said) == []


def values_of(tab, plot):
    """The series that the page holds for a figure."""
    return tab.evaluate(
        "(id) => JSON.parse(document.getElementById(id).textContent)", plot.get_attribute("data-values")
    )


def test_the_mark_lies_on_the_point_that_is_drawn(browser, pages, opened, tmp_path):
    """One large blue disc: where the mark is, the picture is blue; a mark 4 % off would not be."""
    columns = {"y": ("temperature", [0.0, 7.0, 3.0]), "y_error": ("temperature", [0.0] * 3)}
    result = Result("disc", arrays=xr.Dataset(columns, coords={"temperature": [0.0, 0.2, 1.0]}))
    result.figures = ["curve_vs_parameter/y"]
    path = tmp_path / "disc.html"
    path.write_text(render_page(result, save_figures(result, tmp_path / "figures")), encoding="utf-8")
    tab, _ = opened(path)
    plot = tab.locator(".plot")
    at = values_of(tab, plot)[0]["at"][1]
    color = "([x, y]) => {const i = document.querySelector('img'), c = document.createElement('canvas');" \
            "c.width = 1400; c.height = 900; const d = c.getContext('2d'); d.drawImage(i, 0, 0, 1400, 900);" \
            "return [...d.getImageData(x * 0.14, y * 0.09, 1, 1).data].slice(0, 3)}"  # fmt: skip
    assert tab.evaluate(color, at) == [0, 114, 178]
    assert tab.evaluate(color, [at[0] + 400, at[1]]) != [0, 114, 178]


def test_the_keyboard_steps_through_the_values(pages, opened):
    tab, _ = opened(pages["whole"])
    plot = figure_of(tab, "curve vs parameter")
    told, plain = plot.locator("output"), values_of(tab, plot)
    plot.focus()
    for key, s, k in (("ArrowRight", 0, 0), ("ArrowRight", 0, 1), ("ArrowDown", 1, 0), ("ArrowUp", 0, 0)):
        tab.keyboard.press(key)
        assert plain[s]["values"][k][1] in told.inner_text()
    tab.keyboard.press("Escape")
    assert told.is_hidden()


def test_thousands_of_points_do_not_freeze_the_page(opened, tmp_path):
    """A cloud of 100 000 points: the page stays small, and a move of the pointer costs less than a frame."""
    rng, n = np.random.default_rng(0), 100_000
    columns = {name: ("sample", rng.normal(size=n)) for name in ("component_pca", "order_parameter")}
    arrays = xr.Dataset(columns | {"sample_parameter": ("sample", rng.choice([1.0, 2.0], n))})
    result = Result("cloud", arrays=arrays, figures=["components/pca"])
    path = tmp_path / "cloud.html"
    path.write_text(render_page(result, save_figures(result, tmp_path / "figures")), encoding="utf-8")
    assert path.stat().st_size < 1_000_000
    tab, _ = opened(path)
    seconds = tab.evaluate("""() => {
      const plot = document.querySelector(".plot"), box = plot.getBoundingClientRect(), begun = performance.now();
      for (let k = 0; k < 100; k++) plot.dispatchEvent(new PointerEvent("pointermove",
        { clientX: box.left + box.width * k / 100, clientY: box.top + box.height / 2 }));
      return (performance.now() - begun) / 100;
    }""")
    assert seconds < 16
