# SPDX-License-Identifier: Apache-2.0
"""The three verbs: find the task of (verb, kind of problem), check the words, run it.  The tasks are in `tasks/`."""

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isinglass.errors import InputError
from isinglass.run.fingerprint import part_of
from isinglass.run.progress import automatic, silent
from isinglass.run.random_key import random_key
from isinglass.tasks.find import find
from isinglass.tasks.task import Verb, described

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["approximate", "infer", "sample"]


def approximate(key, problem, *args, progress=None, checkpoint=None, **settings) -> "Result":
    """Represent a function too complex for a basis expansion: a ground state, for a Hamiltonian.

    `key`: a JAX key or a whole number.  The settings are the fields of the task: `tasks/approximate_*.py`.
    `progress`: a function (done, total, message); by default bars in a notebook and on a terminal, False for none.
    `checkpoint`: a folder from which a stopped run goes on.
    Errors: InputError for a problem of another kind, an unknown setting, or a value that is none.
    """
    return carry_out("approximate", key, problem, args, settings, progress, checkpoint)


def infer(key, problem, *args, progress=None, checkpoint=None, **settings) -> "Result":
    """Infer what is hidden in data: a phase transition, in configurations.

    `key`: a JAX key or a whole number.  The settings are the fields of the task: `tasks/infer_*.py`.
    `progress`: a function (done, total, message); by default bars in a notebook and on a terminal, False for none.
    `checkpoint`: a folder from which a stopped run goes on.
    Errors: InputError for a problem of another kind, an unknown setting, or a value that is none.
    """
    return carry_out("infer", key, problem, args, settings, progress, checkpoint)


def sample(key, problem, *args, progress=None, checkpoint=None, **settings) -> "Result":
    """Sample exp(-E(x) / T) / Z of a system, by Markov chains or by a learned sampler.

    `key`: a JAX key or a whole number.  The settings are the fields of the task: `tasks/sample_*.py`.
    `progress`: a function (done, total, message); by default bars in a notebook and on a terminal, False for none.
    `checkpoint`: a folder from which a stopped run goes on.
    Errors: InputError for a problem of another kind, an unknown setting, or a value that is none.
    """
    return carry_out("sample", key, problem, args, settings, progress, checkpoint)


def carry_out(
    verb: Verb, key: Any, problem: Any, args: tuple[Any, ...], settings: dict[str, Any],
    progress: Any, checkpoint: Any,
) -> "Result":  # fmt: skip
    """Find the task of a verb and a problem, check its settings, and run it with a typed key."""
    task = find(verb, problem, settings).made(*args, **settings)
    if not (progress is None or progress is False or callable(progress)):
        expected = "progress(done, total, message), a function, or False"
        raise InputError(expected, described(progress), "leave it out to see bars, False for none")
    if not (checkpoint is None or isinstance(checkpoint, str | os.PathLike)):
        raise InputError("checkpoint, a folder", described(checkpoint), "give its path")
    folder = None if checkpoint is None else Path(checkpoint)
    shown: Any = automatic() if progress is None else nullcontext(progress or silent)
    with shown as report, part_of(task=task, problem=problem):
        result = task.run(random_key(key), problem, progress=report, checkpoint=folder)
    return as_result(result, type(task).__name__)


def as_result(result: Any, task: str) -> "Result":
    """Errors: InputError for a task, of another package, that returns something else."""
    from isinglass.result import Result

    if not isinstance(result, Result):
        raise InputError(f"a Result from {task}", described(result), "return one from its run")
    return result
