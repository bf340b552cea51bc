# SPDX-License-Identifier: Apache-2.0
"""From `pip install` of the wheel to README's first verified result: a clean environment, no pins, each Python.

usage: fresh.py WHEEL [PYTHON ...] [--cold]     PYTHON: a version or a path; by default 3.11 3.12 3.13 3.14

A version that is neither here nor can be fetched by uv is skipped, and its reason printed. Exit code 1 if one that ran
has no verdict `pass` within three minutes, or none ran. `--cold`: pip fetches everything anew.
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

__all__ = ["find_python", "first_example", "main", "seconds_to_result"]

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MOST_SECONDS = 180.0
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
    uv = [sys.executable, "-m", "uv", "python"]
    found = subprocess.run([*uv, "find", "--no-project", version], capture_output=True, text=True)
    if found.returncode:
        subprocess.run([*uv, "install", version], check=True, capture_output=True, text=True)
        found = subprocess.run([*uv, "find", "--no-project", version], check=True, capture_output=True, text=True)
    return found.stdout.strip()


def seconds_to_result(python: str, wheel: Path, folder: Path, *, cold: bool) -> tuple[float, float]:
    """Wall time of the installation and of the example.  Errors: CalledProcessError where one of them fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JAX_", "XLA_", "PYTHON"))}
    surroundings = kept | {"JAX_COMPILATION_CACHE_DIR": str(folder / "xla"), "MPLCONFIGDIR": str(folder / "matplotlib")}
    call = lambda *words: subprocess.run(words, check=True, cwd=folder, env=surroundings)  # noqa: E731
    call(python, "-m", "venv", str(folder / "venv"))
    mine, script = str(folder / "venv" / "bin" / "python"), folder / "first.py"
    script.write_text(first_example(README.read_text(encoding="utf-8")) + LAST_LINES, encoding="utf-8")
    began = time.perf_counter()
    call(mine, "-m", "pip", "install", "--quiet", *(["--no-cache-dir"] if cold else []), str(wheel))
    installed = time.perf_counter()
    call(mine, str(script))
    return installed - began, time.perf_counter() - installed


def processor_seconds() -> float:
    """Processor time of all programs started so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """One line of verdict for each Python."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("pythons", nargs="*", default=PYTHONS)
    parser.add_argument("--cold", action="store_true")
    options = parser.parse_args()
    lines, passed = [], []
    for version in options.pythons:
        try:
            python = find_python(version)
        except subprocess.CalledProcessError as error:
            lines.append(f"{version}: skipped, no interpreter: {error.stderr.strip().splitlines()[-1].strip()}")
            continue
        used = processor_seconds()
        with tempfile.TemporaryDirectory() as folder:
            try:
                install, example = seconds_to_result(python, options.wheel.resolve(), Path(folder), cold=options.cold)
            except subprocess.CalledProcessError as error:
                passed.append(False)
                lines.append(f"{version}: fail, exit code {error.returncode} of {' '.join(error.cmd[1:4])}")
                continue
        passed.append(install + example <= MOST_SECONDS)
        lines.append(
            f"{version}: {'pass' if passed[-1] else 'too slow'}, install {install:.0f} s + example {example:.0f} s = "
            f"{install + example:.0f} s (at most {MOST_SECONDS:.0f}; processor {processor_seconds() - used:.0f} s)"
        )
    print(*lines, sep="\n")
    sys.exit(0 if passed and all(passed) else 1)


if __name__ == "__main__":
    main()
