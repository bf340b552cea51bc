# SPDX-License-Identifier: Apache-2.0
"""The three verbs: find the task of (verb, kind of problem), check the words, run it.  The tasks are in `tasks/`."""

import os
from contextlib import nullcontext
from dataclasses import fields
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isinglass.errors import InputError
from isinglass.run.fingerprint import part_of
from isinglass.run.precision import SINGLE, is_single, require_double
from isinglass.run.progress import automatic, silent
from isinglass.run.random_key import random_key
from isinglass.tasks.find import find, known_settings
from isinglass.tasks.setting.given_arrays import with_configurations
from isinglass.tasks.task import Verb, described

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["approximate", "infer", "sample"]

MISSING = object()  # in place of a problem: the key was left out


def approximate(key, problem=MISSING, *args, progress=None, checkpoint=None, **settings) -> "Result":
    """Represent a function too complex for a basis expansion: a ground state of a Hamiltonian, the density of samples.

    `key`: a JAX key or a whole number.  The settings are the fields of the task: `tasks/approximate_*.py`.
    `progress`: a function (done, total, message); by default bars in a notebook and on a terminal, False for none.
    `checkpoint`: a folder from which a stopped run goes on.
    Errors: InputError for a problem of another kind, an unknown setting, or a value that is none.
    """
    return carry_out("approximate", key, problem, args, settings, progress, checkpoint)


def infer(key, problem=MISSING, *args, progress=None, checkpoint=None, **settings) -> "Result":
    """Infer what is hidden in data: a phase transition, in configurations.

        infer(key, x, temperature=T)                     arrays of NumPy or JAX, nested lists, an xarray object
        infer(key, {16: a, 32: b}, temperature={16: T, 32: T})        the same for several lattice sizes

    `key`: a JAX key or a whole number.  The settings are the fields of the task, `tasks/infer_*.py`, and beside arrays
    those of `tasks/setting/given_arrays.py`: how they are read, which is by the rules for files (docs/files.md).
    `progress`: a function (done, total, message); by default bars in a notebook and on a terminal, False for none.
    `checkpoint`: a folder from which a stopped run goes on.
    Errors: InputError for a problem of another kind, an unknown setting, or a value that is none.
    """
    return carry_out("infer", key, problem, args, settings, progress, checkpoint)


def sample(key, problem=MISSING, *args, progress=None, checkpoint=None, **settings) -> "Result":
    """Sample exp(-E(x) / T) / Z of a system, by Markov chains or by a learned sampler; of a function E, from a start.

        sample(key, lambda x: 0.5 * (x**2).sum(), start=jnp.zeros(3))      the energy, which is -ln p and a constant

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
    if problem is MISSING:
        found = f"{described(key)} in its place"
        raise InputError(f"a random key before the problem, {verb}(key, problem, ...)", found, f"write {verb}(0, ...)")
    seed, key = int(key) if isinstance(key, Integral) else None, random_key(key)
    if verb == "infer":
        problem, settings = with_configurations(problem, settings, known_settings(verb))
    chosen = find(verb, problem, settings)
    names = [f.name for f in fields(chosen)]  # pyright: ignore[reportArgumentType]
    problem, settings = unpacked(problem, settings, names[len(args) :])
    task = chosen.made(*args, **settings)
    if not (progress is None or progress is False or callable(progress)):
        expected = "progress(done, total, message), a function, or False"
        raise InputError(expected, described(progress), "leave it out to see bars, False for none")
    if not (checkpoint is None or isinstance(checkpoint, str | os.PathLike)):
        raise InputError("checkpoint, a folder", described(checkpoint), "give its path")
    folder = None if checkpoint is None else Path(checkpoint)
    if verb == "approximate":
        require_double("states, energies and their gradients")
    shown: Any = automatic() if progress is None else nullcontext(progress or silent)
    with shown as report, part_of(task=task, problem=problem):
        result = as_result(task.run(key, problem, progress=report, checkpoint=folder), type(task).__name__)
    result.about = task.in_words()
    return result.stamped(seed=result.seed if seed is None else seed)


def unpacked(problem: Any, settings: dict[str, Any], free: list[str]) -> tuple[Any, dict[str, Any]]:
    """Of what was read from a Hamiltonian file: the problem, and the settings beside it, where they are `free`."""
    if not hasattr(type(problem), "unpacked"):
        return problem, settings
    problem, brought = problem.unpacked()
    return problem, {name: value for name, value in brought.items() if name in free} | settings


def as_result(result: Any, task: str) -> "Result":
    """Errors: InputError for a task, of another package, that returns something else."""
    from isinglass.result import Result

    if not isinstance(result, Result):
        raise InputError(f"a Result from {task}", described(result), "return one from its run")
    if is_single() and SINGLE not in result.notes:
        result.notes.append(SINGLE)
    return result
