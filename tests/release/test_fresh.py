# SPDX-License-Identifier: Apache-2.0
"""The script of `make fresh`: it takes README's first example, skips what is not there, and sees one that fails."""

import subprocess
import sys
from pathlib import Path

import pytest

from release import fresh


def test_the_first_example_is_that_of_readme():
    code = fresh.first_example(fresh.README.read_text())
    compile(code + fresh.LAST_LINES, "README.md", "exec")
    assert code.startswith("import jax")
    assert "result = " in code


def test_a_page_without_python_is_refused():
    with pytest.raises(SystemExit, match="found none"):
        fresh.first_example("no code")


def test_an_interpreter_that_is_not_there_is_skipped(monkeypatch):
    def refuse(command, **_):
        raise subprocess.CalledProcessError(2, command, stderr="error: no such thing\n  Cause: no network\n")

    monkeypatch.setattr(fresh.subprocess, "run", refuse)
    assert fresh.verdict("3.99", Path("a.whl"), cold=False) == (None, "skipped, no interpreter: Cause: no network")


def test_an_example_that_fails_is_a_failure(monkeypatch):
    def fail(*_, **__):
        raise subprocess.CalledProcessError(1, ["python", "first.py"])

    monkeypatch.setattr(fresh, "seconds_to_result", fail)
    assert fresh.verdict(sys.executable, Path("a.whl"), cold=False) == (False, "fail, exit code 1 of first.py")
