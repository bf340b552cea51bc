"""Strict by default: no silent promotion, no silent broadcasting, no NaN, shapes checked at run time."""

import gc
import os
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("JAX_ENABLE_X64", "1")
JAXLIB = tuple(int(number) for number in version("jaxlib").split(".")[:2])
FLAGS = (  # most of the time is compilation: the last two cut it to less than half
    "--xla_force_host_platform_device_count=4",
    "--xla_backend_optimization_level=0",
    *(["--xla_cpu_use_fusion_emitters=false"] if JAXLIB < (0, 12) else []),  # an unknown flag ends the process
)
os.environ.setdefault("XLA_FLAGS", " ".join(FLAGS))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two workers on two cores
os.environ.setdefault("MPLBACKEND", "Agg")

import tests.typechecked  # noqa: F401 - named in the hook
from jaxtyping import install_import_hook

install_import_hook("isinglass", "tests.typechecked.typechecked")

import jax
import pytest
from tests.drawn import RELEASED, hold_every_figure

jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_debug_nans", True)
hold_every_figure()
SLOW = Path(__file__).parent / "slow.txt"


@pytest.fixture
def key():
    """A fixed random key: every test that uses it is deterministic."""
    return jax.random.key(20240229)


@pytest.fixture
def notes_of_figures(monkeypatch):
    """A figure that is not drawn costs a note, as users have it; in other tests it is an error."""
    monkeypatch.setattr("isinglass.run.directory.noted", RELEASED)


@pytest.fixture(autouse=True, scope="module")
def forget_programs():
    """After each file its compiled programs are let go: thousands of them in one process have crashed it."""
    yield
    jax.clear_caches()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """What slow.txt lists is slow."""
    listed = {line for line in SLOW.read_text().splitlines() if line and not line.startswith("#")}
    for item in items:
        if item.nodeid in listed:
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish():
    """What collecting made stays: looking through it again and again for garbage took a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
