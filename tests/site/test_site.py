# SPDX-License-Identifier: Apache-2.0
"""The site builds without a warning, and its search answers a newcomer, in a real browser without a network."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
QUESTIONS = {
    "How do I load my data?": "howto/load_data",
    "resume a run": "howto/resume",
    "use a GPU": "howto/device",
    "change the network": "howto/network",
    "get the samples out": "howto/samples",
    "cite": "howto/cite",
    "save and load a model": "howto/models",
    "add a system": "howto/own_system",
    "read the error": "howto/errors",
    "trust the number": "howto/trust",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built site; a warning ends the build."""
    built = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", DOCS, built],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return built


@pytest.fixture(scope="module")
def page(site):
    """A page of a browser that has no network; what its console says is an error."""
    api = pytest.importorskip("playwright.sync_api")
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on the path")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = opened.new_context(offline=True).new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text) if message.type == "error" else None)
        yield page
        opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_newcomers_question_is_answered_in_the_first_three_hits(site, page, question):
    page.goto(f"file://{site}/search.html?q={question.replace(' ', '+').replace('?', '%3F')}")
    page.wait_for_selector("ul.search li a", timeout=20_000)
    hits = [link.get_attribute("href") for link in page.query_selector_all("ul.search li > a")][:3]
    assert any(QUESTIONS[question] in hit for hit in hits), hits


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("name", ["index", "start", "howto/trust", "priors", "reference/isinglass.sampling.chain"])
def test_a_page_is_not_wider_than_the_window_and_says_no_error(site, page, name, width):
    page.said.clear()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"file://{site}/{name}.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.said == []


@pytest.mark.slow
def test_every_public_name_is_in_the_reference(site):
    """A few of each folder, by their anchors; planted: a name that is not there."""
    text = "".join(path.read_text(encoding="utf-8") for path in (site / "reference").glob("*.html"))
    for name in ("sampling.chain.metropolis.Metropolis", "result.Estimate", "systems.lattice.ising.Ising",
                 "nets.equivariant.mace.Mace", "checks.geweke.joint_distribution"):  # fmt: skip
        assert f'id="isinglass.{name}"' in text
    assert 'id="isinglass.sampling.chain.metropolis.Nothing"' not in text
