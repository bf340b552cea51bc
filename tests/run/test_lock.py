# SPDX-License-Identifier: Apache-2.0
"""One process for one folder."""

import os
import signal
import subprocess
import sys

import pytest

from isinglass.run.lock import locked

HOLD = """
import sys
from pathlib import Path
from isinglass.run.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_works_there(tmp_path):
    command, pipe = [sys.executable, "-c", HOLD, tmp_path / "a"], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(ValueError, match=f"process {other.pid} works in"), locked(tmp_path / "a"):
            pass
        other.send_signal(signal.SIGKILL)
        other.wait()
        with locked(tmp_path / "a"):  # ended, however it ended
            assert (tmp_path / "a" / "lock").read_text() == f"{os.getpid()}\n"
    assert not (tmp_path / "a" / "lock").exists()


def test_it_is_free_again_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "a"):
        raise ZeroDivisionError
    with locked(tmp_path / "a"):
        pass
