# SPDX-License-Identifier: Apache-2.0
"""isinglass: machine learning in physics, on JAX. Say what the physics is, and which of three things is wanted.

`approximate` a function, `infer` what is hidden, `sample` a distribution; each returns a `Result` with its verdict.
"""

import importlib
import os
import sys

TYPE_CHECKING = False  # checkers take it as true; importing it from typing would double the time of this import

# 64-bit arithmetic unless the user has decided; compiled programs are kept, so that the second start is quick.
if "jax" not in sys.modules:
    os.environ.setdefault("JAX_ENABLE_X64", "1")
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", os.path.expanduser("~/.cache/isinglass/xla"))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # else JAX 0.10.1 warns of tuning hints of its own
elif "JAX_ENABLE_X64" not in os.environ:
    sys.modules["jax"].config.update("jax_enable_x64", True)  # noqa: FBT003

if TYPE_CHECKING:
    from isinglass import (
        approximation,
        checks,
        data,
        exact,
        experiments,
        inference,
        nets,
        observables,
        report,
        run,
        sampling,
        stats,
        symmetry,
        systems,
        tasks,
        training,
    )
    from isinglass.result import Result
    from isinglass.verbs import approximate, infer, sample

__version__ = "0.1.0"
VERBS = {"approximate": "verbs", "infer": "verbs", "sample": "verbs", "Result": "result"}
__all__ = [
    "Result",
    "approximate",
    "approximation",
    "checks",
    "data",
    "exact",
    "experiments",
    "infer",
    "inference",
    "nets",
    "observables",
    "report",
    "run",
    "sample",
    "sampling",
    "stats",
    "symmetry",
    "systems",
    "tasks",
    "training",
]


def __getattr__(name: str):
    """Import a verb or a folder when it is first used: `import isinglass` itself stays light."""
    if name in VERBS:
        return getattr(importlib.import_module(f"isinglass.{VERBS[name]}"), name)
    if name in __all__:
        return importlib.import_module(f"isinglass.{name}")
    raise AttributeError(f"isinglass has no {name!r}; it has {', '.join(__all__)}")


def __dir__():
    return __all__
