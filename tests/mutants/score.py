# SPDX-License-Identifier: Apache-2.0
"""Plant one error after another in a copy of the tree and see whether the tests named for it fail, quick ones first.

    python -m tests.mutants.score [WORD ...]     only those whose name or file has one of the words

Exit code: 0 if all were killed, 1 if one survived, 2 if the table or the clean tree is wrong.  The libraries are
imported once, before any device is in use, and each mutant is tested in a fork.
"""

import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.table import MUTANTS, Mutant

__all__ = ["main", "places"]

TREE = Path(__file__).parents[2]
COPIED = ("src", "tests", "docs", "examples", "pyproject.toml", "README.md")
LIBRARIES = ("jax.numpy", "jax.scipy.special", "equinox", "optax", "scipy.stats", "scipy.integrate", "xarray",
             "sklearn.decomposition", "rich.table", "jaxtyping", "beartype", "pytest")  # fmt: skip
SETTINGS = {"JAX_ENABLE_X64": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg",
            "JAX_COMPILATION_CACHE_DIR": str(Path.home() / ".cache" / "isinglass" / "tests"),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.2"}  # fmt: skip
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
LIMIT, SLOWER = 300.0, 4  # seconds for the quick tests of one mutant; times as many for the slow ones
PASSED, FAILED, NONE = 0, 1, 5  # exit codes of pytest
QUICK, SLOW = "not slow", "slow"


def places(mutant: Mutant, tree: Path = TREE) -> int:
    """How often the old text stands in the file: once, or the table is out of date."""
    return (tree / "src" / "isinglass" / mutant.file).read_text(encoding="utf-8").count(mutant.old)


def code_of_tests(
    tree: Path, tests: Sequence[str], *, marked: str = QUICK, limit: float = LIMIT, quiet: bool = True
) -> int:
    """Of pytest in a fork, 0 also where no test is so marked; a run past the limit fails, as a test would."""
    child = os.fork()
    if not child:
        run_pytest(tree, tests, marked, quiet=quiet)
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            code = os.waitstatus_to_exitcode(status)
            return PASSED if code == NONE else code
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return FAILED


def run_pytest(tree: Path, tests: Sequence[str], marked: str, *, quiet: bool) -> None:
    """Of the copy, not of this tree; does not return."""
    import pytest

    code = -1
    try:
        os.chdir(tree)
        os.environ["PYTHONPATH"] = str(tree / "src")
        sys.path[:] = [str(tree / "src"), str(tree)] + [p for p in sys.path if p and Path(p).resolve() != TREE]
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2) if quiet else ():
            os.dup2(nowhere, stream)
        code = pytest.main([*OPTIONS, "-m", marked, *(f"tests/{test}" for test in tests)])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(code))


def outcome(mutant: Mutant, tree: Path) -> str:
    """`killed`, `survived`, or why neither is known."""
    if places(mutant, tree) != 1:
        return f"old text found {places(mutant, tree)} times"
    file = tree / "src" / "isinglass" / mutant.file
    whole = file.read_text(encoding="utf-8")
    write(file, whole.replace(mutant.old, mutant.new))
    tests, by_slow = mutant.tests.split(), False
    code = code_of_tests(tree, tests)
    if code == PASSED:
        code, by_slow = code_of_tests(tree, tests, marked=SLOW, limit=SLOWER * LIMIT), True
    write(file, whole)
    if by_slow and code == FAILED and code_of_tests(tree, tests, marked=SLOW, limit=SLOWER * LIMIT) != PASSED:
        return "its slow tests fail without it"
    return {PASSED: "survived", FAILED: "killed"}.get(code, f"pytest ended with {code}")


def write(file: Path, text: str) -> None:
    """A second later than before: Python takes compiled code of the same second and length for that of this text."""
    then = file.stat().st_mtime
    file.write_text(text, encoding="utf-8")
    os.utime(file, (then + 2, then + 2))


def copied(tree: Path) -> None:
    """What the tests need."""
    for name in COPIED:
        if (TREE / name).is_dir():
            shutil.copytree(TREE / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(TREE / name, tree / name)


def main(words: Sequence[str] = ()) -> int:
    """Score the mutants, one line each."""
    chosen = [m for m in MUTANTS if not words or any(word in f"{m.name} {m.file}" for word in words)]
    if not chosen:
        print(f"expected words of the table's names or files, found {' '.join(words)}, which none has")
        return 2
    os.environ.update(SETTINGS)
    for name in LIBRARIES:
        importlib.import_module(name)
    warnings.filterwarnings("ignore", message=".*fork.*")
    begun, outcomes = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder).resolve()
        copied(tree)
        clean = sorted({test for mutant in chosen for test in mutant.tests.split()})
        if code_of_tests(tree, clean, limit=20 * LIMIT, quiet=False) != PASSED:
            print("expected tests that pass without a mutant; they do not")
            return 2
        print(f"{len(chosen)} mutants; their tests pass without them, {time.monotonic() - begun:.0f} s", flush=True)
        for mutant in chosen:
            start = time.monotonic()
            outcomes.append(outcome(mutant, tree))
            print(f"{outcomes[-1]:>10}  {time.monotonic() - start:5.1f} s  {mutant.file}: {mutant.name}", flush=True)
    killed, survived = outcomes.count("killed"), outcomes.count("survived")
    print(f"score: {killed} of {len(chosen)} killed in {time.monotonic() - begun:.0f} s")
    return 0 if killed == len(chosen) else 1 if survived else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
