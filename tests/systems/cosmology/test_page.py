# SPDX-License-Identifier: Apache-2.0
"""The blocks of docs/cosmology.md run, one after the other, and say what the page says."""

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "cosmology.md"


def test_the_page_runs(tmp_path):
    code = "\n".join(re.findall(r"```py\n(.*?)```", PAGE.read_text(), re.DOTALL))
    code += "\nassert seen.shape == galaxies.wave_numbers().shape\nassert wider.prior().names == tuple(prior)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["[0.21799579", "0.08862218]"]
