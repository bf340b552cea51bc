# SPDX-License-Identifier: Apache-2.0
"""From `pip install` of the wheel to README's first verified result: a clean environment, no pins, each Python.

usage: fresh.py WHEEL [PYTHON ...] [--cold]     PYTHON: a version or a path; by default 3.11 3.12 3.13 3.14

A version that is neither here nor can be fetched by uv is skipped, with its reason. Exit code 1 if an example has
no verdict `pass`, or none ran. The target is three minutes on a machine that does nothing else; on a busy one the
processor time tells more. `--cold`: pip fetches everything anew.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

__all__ = ["Seconds", "find_python", "first_example", "main", "seconds_to_result", "verdict"]

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
TARGET = 180.0  # seconds
SHOWN = ("jax", "equinox", "optax", "numpy", "scipy", "xarray", "scikit-learn", "matplotlib")
README = Path(__file__).parents[1] / "README.md"
LAST_LINES = f"""
import platform
from importlib.metadata import version
print("python", platform.python_version(), *(f"{{name}} {{version(name)}}" for name in {SHOWN!r}), sep="  ")
print("verdict:", result.verdict)
assert result.verdict == "pass"
"""


def first_example(text: str) -> str:
    """The first Python of a page; it leaves its answer in `result`."""
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    if found is None:
        raise SystemExit("expected a block of Python in README.md; found none; write one.")
    return found[1]


def find_python(version: str) -> str:
    """The path of an interpreter, fetched if need be.  Errors: CalledProcessError with uv's reason."""
    if Path(version).is_file():
        return version
    uv = [sys.executable, "-m", "uv", "python"]
    found = subprocess.run([*uv, "find", "--no-project", version], capture_output=True, text=True)
    if found.returncode:
        subprocess.run([*uv, "install", version], check=True, capture_output=True, text=True)
        found = subprocess.run([*uv, "find", "--no-project", version], check=True, capture_output=True, text=True)
    return found.stdout.strip()


class Seconds(NamedTuple):
    """Time on the clock, and of the processor for all programs started meanwhile."""

    wall: float
    processor: float

    def __sub__(self, other: "Seconds") -> "Seconds":
        """The time between two."""
        return Seconds(self.wall - other.wall, self.processor - other.processor)


def now() -> Seconds:
    """The time so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Seconds(time.perf_counter(), used.ru_utime + used.ru_stime)


def seconds_to_result(python: str, wheel: Path, folder: Path, *, cold: bool) -> tuple[Seconds, Seconds]:
    """The time of the installation and of the example.  Errors: CalledProcessError where one of them fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JAX_", "XLA_", "PYTHON"))}
    surroundings = kept | {"JAX_COMPILATION_CACHE_DIR": str(folder / "xla"), "MPLCONFIGDIR": str(folder / "matplotlib")}
    call = lambda *words: subprocess.run(words, check=True, cwd=folder, env=surroundings)  # noqa: E731
    call(python, "-m", "venv", str(folder / "venv"))
    mine, script = str(folder / "venv" / "bin" / "python"), folder / "first.py"
    script.write_text(first_example(README.read_text(encoding="utf-8")) + LAST_LINES, encoding="utf-8")
    began = now()
    call(mine, "-m", "pip", "install", "--quiet", *(["--no-cache-dir"] if cold else []), str(wheel))
    installed = now()
    call(mine, str(script))
    return installed - began, now() - installed


def verdict(version: str, wheel: Path, *, cold: bool) -> tuple[bool | None, str]:
    """Whether README's first example gave its result, None where it was not tried, and a line that says so."""
    try:
        python = find_python(version)
    except subprocess.CalledProcessError as error:
        return None, f"skipped, no interpreter: {error.stderr.strip().splitlines()[-1].strip()}"
    with tempfile.TemporaryDirectory() as folder:
        try:
            install, example = seconds_to_result(python, wheel.resolve(), Path(folder), cold=cold)
        except subprocess.CalledProcessError as error:
            return False, f"fail, exit code {error.returncode} of {' '.join(error.cmd[1:4])}"
    wall = install.wall + example.wall
    return True, (
        f"pass, {'' if wall <= TARGET else 'but slow, '}install {install.wall:.0f} s + example {example.wall:.0f} s = "
        f"{wall:.0f} s (target {TARGET:.0f} s); of the processor {install.processor:.0f} s + {example.processor:.0f} s"
    )


def main() -> None:
    """One line for each Python."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("pythons", nargs="*", default=PYTHONS)
    parser.add_argument("--cold", action="store_true")
    options = parser.parse_args()
    found = {version: verdict(version, options.wheel, cold=options.cold) for version in options.pythons}
    print(*(f"{version}: {line}" for version, (_, line) in found.items()), sep="\n")
    passed = [good for good, _ in found.values() if good is not None]
    sys.exit(0 if passed and all(passed) else 1)


if __name__ == "__main__":
    main()
