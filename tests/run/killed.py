# SPDX-License-Identifier: Apache-2.0
"""A script that writes checkpoints, killed and started again."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np


def assert_goes_on_bit_for_bit(script: str, folder: Path, *, after: int = 20, blocks: int = 80) -> None:
    """Killed after some of its blocks, `script CHECKPOINT RESULT.npz` ends with the result of an undisturbed run.

    It prints a line for each block; `-` in place of the checkpoint: none.
    """
    (folder / "run.py").write_text(script)
    command = [sys.executable, str(folder / "run.py")]
    subprocess.run([*command, "-", folder / "whole.npz"], check=True, capture_output=True)
    again = [*command, folder / "saved.safetensors", folder / "again.npz"]
    with subprocess.Popen(again, stdout=subprocess.PIPE) as process:
        for _ in range(after):
            assert process.stdout is not None
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert not (folder / "again.npz").exists()
    done = subprocess.run(again, check=True, capture_output=True)
    assert len(done.stdout.splitlines()) < blocks - after // 2
    whole, resumed = np.load(folder / "whole.npz"), np.load(folder / "again.npz")
    for name in whole.files:
        np.testing.assert_array_equal(whole[name], resumed[name])
