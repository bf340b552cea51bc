# SPDX-License-Identifier: Apache-2.0
"""The page in a real browser: frames, keyboard, reload, a dead server, dropped files, narrow screens, accessibility."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from isinglass.result import Check, Estimate, Result

sync_playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").sync_playwright
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = Path(os.environ.get("AXE_CORE", "axe.min.js"))  # the file of npm's axe-core
RUN = "runs/phases/20270101T000000Z-aaaaaa"
VIEWS = ("spins", "quench", "diffusion", "runs", "files", RUN)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Command:
    """`isinglass lab` in a folder of its own."""

    def __init__(self, folder, *more):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "isinglass", "lab", "--no-browser", "--port", "0", *more],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.url = self.process.stdout.readline().split()[1]

    def end(self, number=signal.SIGINT):
        """The exit code after a signal."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.said, _ = self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a saved run."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "runs" / "phases").mkdir(parents=True)
    estimates = {"critical_temperature": Estimate(2.27, 0.01)}
    metrics = [{"loss": 1 / (1 + k)} for k in range(9)]
    result = Result("phases", estimates, [Check.within("T_c", 2.27, 2.269, 0.01)], metrics=metrics)
    result.figures = ["training_history"]
    result.save(folder / "runs" / "phases" / "20270101T000000Z-aaaaaa")
    return folder


@pytest.fixture(scope="module")
def command(folder):
    found = Command(folder)
    yield found
    assert found.end() == 0


@pytest.fixture
def page(browser, command):
    """A new tab at the page, and at its end no error on its console."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.errors = []
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(command.url)
    yield page
    assert page.errors == []
    page.close()


def until(page, condition, seconds=120):
    """Wait until an expression of JavaScript is true; its policy allows the page itself no such evaluation."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.05)


MOVES = "document.getElementById('spins-sweeps').textContent !== '–'"


def test_spins_move_and_obey_the_keyboard(page):
    until(page, MOVES)
    page.locator("#spins-temperature").focus()
    page.keyboard.press("ArrowRight")
    assert page.input_value("[name=temperature-number]") == "2.31"
    page.get_by_role("button", name="Pause").press("Enter")
    time.sleep(0.5)
    before = page.inner_text("#spins-sweeps")
    time.sleep(0.5)
    assert page.inner_text("#spins-sweeps") == before
    page.get_by_role("button", name="Go on").press("Enter")
    until(page, f"document.getElementById('spins-sweeps').textContent !== {before!r}")
    page.locator("#spins-picture").focus()
    page.keyboard.press("ArrowDown")
    assert re.match(r"row 129, column 128: spin [+−]1", page.inner_text("#spins-under"))


def test_a_reload_in_mid_run_begins_again(page):
    until(page, MOVES)
    page.reload()
    until(page, MOVES)
    assert page.inner_text("#status") == "connected"


def test_the_quench_agrees_with_free_fermions(page, command):
    page.goto(f"{command.url}#quench")
    until(page, "Number(document.getElementById('quench-t').textContent) > 0.5")
    both = "['quench-x', 'quench-exact'].map((id) => document.getElementById(id).textContent)"
    one, other = page.evaluate(both)
    assert one == other


def test_a_dead_server_is_said_and_nothing_breaks(browser, tmp_path):
    command = Command(tmp_path)
    page = browser.new_page()
    thrown = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.goto(command.url)
    until(page, "document.getElementById('spins-picture').width === 256")
    assert command.end(signal.SIGKILL) == -signal.SIGKILL
    until(page, "!document.getElementById('trouble').hidden")
    assert "does not answer" in page.inner_text("#trouble")
    page.get_by_role("link", name="Files").click()
    page.set_input_files("#file", {"name": "x.npz", "mimeType": "", "buffer": b"x"})
    until(page, "document.getElementById('upload-words').textContent.includes('not')")
    assert thrown == []
    page.close()


def test_a_saved_run_has_its_numbers_figures_and_curves(page, command):
    page.goto(f"{command.url}#{RUN}")
    page.get_by_text("2.270 ± 0.010").first.wait_for()
    image = page.get_by_role("img", name="Figure training_history")
    until(page, "document.querySelector('.viewer img').naturalWidth > 0")
    width = image.bounding_box()["width"]
    page.get_by_role("button", name="Enlarge training_history").press("Enter")
    assert image.bounding_box()["width"] == pytest.approx(1.5 * width, rel=0.05)
    chart = page.get_by_role("img", name="metrics/loss")
    chart.focus()
    page.keyboard.press("Home")
    assert "row 0.000; loss 1.00000" in page.inner_text("#run .chart output")
    page.get_by_text("The report").click()
    report = page.frame_locator("iframe")
    assert report.get_by_text("T_c").first.inner_text()
    report.locator(".plot").press("ArrowRight")  # its own script runs, the policy lets it
    assert "step: 0" in report.locator(".plot output").inner_text()


def test_a_bad_and_a_good_file(page, command, tmp_path):
    """The bad one costs one line, the good one gives a run with its verdict."""
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    rng, T = np.random.default_rng(0), np.repeat(np.linspace(1.0, 3.5, 6), 40)
    p = np.clip((3.5 - T) / 2.5, 0.02, 0.98)[:, None, None]
    x = np.where(rng.random((len(T), 8, 8)) < p, 1, rng.choice([-1, 1], (len(T), 8, 8)))
    np.savez(tmp_path / "good.npz", configurations=x.astype(np.int8), temperature=T)
    page.goto(f"{command.url}#files")
    page.set_input_files("#file", [str(tmp_path / "bad.csv"), str(tmp_path / "good.npz")])
    page.get_by_text("isinglass: expected").wait_for(timeout=120_000)
    page.get_by_role("link", name="The run phases").wait_for(timeout=400_000)
    page.get_by_role("link", name="The run phases").click()
    page.get_by_text("Estimates").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_fits_360_pixels(page, command, scheme):
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.reload()
    assert page.input_value("[name=rate]") == "2"
    for view in VIEWS:
        page.goto(f"{command.url}#{view}")
        time.sleep(0.5)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, view


@pytest.mark.skipif(not AXE.is_file(), reason="AXE_CORE does not name the axe.min.js of npm's axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_finding_of_axe(page, command, scheme):
    page.emulate_media(color_scheme=scheme)
    until(page, MOVES)
    for view in VIEWS:
        page.goto(f"{command.url}#{view}")
        time.sleep(1.0)
        page.evaluate(AXE.read_text())
        found = page.evaluate(
            "axe.run().then((r) => r.violations.map((v) => [v.impact, v.id, v.nodes.map((n) => n.html)]))"
        )
        assert [one for one in found if one[0] in ("serious", "critical")] == [], view


def test_a_second_lab_on_the_port_is_refused(command, tmp_path):
    port = re.search(r":(\d+)/", command.url)[1]
    words = [sys.executable, "-m", "isinglass", "lab", "--no-browser", "--port", port]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert re.fullmatch(r"isinglass: expected a free port .*; found .*in use; use .*\n", done.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_lab_closes_cleanly_with_its_tabs_open(browser, tmp_path, number):
    command = Command(tmp_path)
    page = browser.new_page()
    page.goto(command.url)
    until(page, MOVES)
    begun = time.monotonic()
    assert command.end(number) == 0
    assert time.monotonic() - begun < 15
    assert "Traceback" not in command.said
    page.close()
