# SPDX-License-Identifier: Apache-2.0
"""`isinglass lab`: what is refused in one line, and a machine without a browser."""

import socket
import sys
import webbrowser

import pytest

from isinglass.cli import main
from isinglass.lab import server


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    """Run the command line in a folder of its own; returns (code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(server, "serve", lambda lab, listener: (lab.ready(), listener.close()))

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main(["lab", *arguments])
        return end.value.code, *capsys.readouterr()

    return run


def one_line(answer, *words):
    """Exit code 2, one line on stderr, nothing on stdout."""
    code, out, err = answer
    assert (code, out, err.count("\n")) == (2, "", 1), answer
    for word in words:
        assert word in err


def test_a_port_that_is_taken(call):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        one_line(call("--port", str(taken.getsockname()[1])), "a free port", "in use", "--port 0")


@pytest.mark.parametrize(
    "words", [("--port", "99999"), ("--port", "-1"), ("--host", "192.0.2.1"), ("--host", "nowhere.invalid")]
)
def test_an_address_that_is_none(call, words):
    one_line(call(*words), "a free port of this machine")


def test_runs_in_a_file(call, tmp_path):
    (tmp_path / "runs").write_text("")
    one_line(call(), "a folder of runs")


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "websockets"])
def test_a_missing_extra(call, monkeypatch, package):
    for name in [name for name in sys.modules if name.startswith("isinglass.lab.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    one_line(call("--no-browser"), package, 'pip install "isinglass[lab]"')


def test_no_browser_is_said_and_the_address_printed(call, monkeypatch):
    def none():
        raise webbrowser.Error("none")

    monkeypatch.setattr(webbrowser, "get", none)
    code, out, err = call("--port", "0")
    assert code == 0
    assert out.startswith("lab: http://127.0.0.1:")
    assert err == "no browser was found: open that address in one.\n"


def test_a_browser_of_the_terminal_is_not_opened(call, monkeypatch):
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("w3m"))
    assert "no browser was found" in call("--port", "0")[2]


def test_the_browser_gets_the_address(call, monkeypatch):
    opened = []
    browser = webbrowser.BackgroundBrowser("x")
    browser.open = opened.append  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setattr(webbrowser, "get", lambda: browser)
    code, out, err = call("--port", "0")
    assert (code, err) == (0, "")
    assert [f"lab: {url}" for url in opened] == out.splitlines()[:1]
