# SPDX-License-Identifier: Apache-2.0
"""Hostile calls of the three verbs and of the constructors, in Python: InputError, one line."""

from collections.abc import Iterator

from attack.case import Case

__all__ = ["cases"]

HEAD = """
import numpy as np, jax
from isinglass import approximate, data, infer, sample
from isinglass.errors import InputError
from isinglass.systems import *
from isinglass.systems.quantum import *
I, P = Ising((4, 4)), Phi4((4, 4))
"""
NUMBERS = (
    "0",
    "-1",
    "1.5",
    "'4'",
    "None",
    "np.nan",
    "np.inf",
    "True",
    "[]",
    "{}",
    "10**30",
    "1j",
    "object()",
    "I",
    "b'4'",
)
KEYS = (
    "'0'",
    "None",
    "1.5",
    "True",
    "2**64",
    "-2**64",
    "np.nan",
    "[]",
    "object()",
    "np.zeros(2)",
    "jax.numpy.zeros(3)",
)
TEMPERATURES = (
    "0",
    "-1",
    "np.nan",
    "np.inf",
    "'2'",
    "[]",
    "[[1.0]]",
    "[1, -1]",
    "1e-320",
    "{}",
    "object()",
    "1j",
    "[None]",
    "np.zeros((2, 2))",
    "np.array(['a'])",
)
SHAPES = (
    "()",
    "(0, 4)",
    "(-4, 4)",
    "(4.5, 4)",
    "('4', 4)",
    "None",
    "(1, 1)",
    "(True, 4)",
    "4.5",
    "(10**6, 10**6)",
    "'44'",
    "(np.nan, 4)",
    "((4, 4),)",
    "object()",
)
CONSTRUCTORS = (
    "Ising({})",
    "Potts({})",
    "XY({})",
    "IsingGauge({})",
    "SquareIce({})",
    "Phi4({})",
    "U1Gauge({})",
    "phi4_hopping({}, kappa=0.2, lam=1.0)",
    "free_field({}, m2=1.0)",
)
COUPLINGS = ("np.nan", "np.inf", "'1'", "None", "[]", "1j", "object()", "{}")
PROBLEMS = ("None", "3", "'ising'", "Ising", "[]", "{}", "object()", "np.zeros(3)", "lambda x: x", "InputError")


def cases() -> list[Case]:
    """All of them."""
    return [Case("calls", (f"{HEAD}\n{call}",), python=True) for call in (*of_sample(), *of_systems(), *of_verbs())]


def of_sample() -> Iterator[str]:
    """Settings of `sample`."""
    for key in KEYS:
        yield f"sample({key}, I, 2.0, samples=64)"
    for temperature in TEMPERATURES:
        yield f"sample(0, I, {temperature}, samples=64)"
    for name in ("samples", "chains", "thin", "warmup", "max_sweeps", "effective_samples", "start", "configurations",
                 "method", "observables"):  # fmt: skip
        for value in NUMBERS:
            if not allowed(name, value):
                yield f"sample(0, I, 2.0, **dict(dict(samples=64), {name}={value}))"
    for name in ("samples", "chains", "thin", "steps", "batch", "learning_rate", "draws", "objective", "model",
                 "training", "data", "correct", "preset"):  # fmt: skip
        for value in NUMBERS[::2]:
            if not allowed(name, value):
                yield f"sample(0, P, 1.0, method='flow', **dict(dict(samples=64), {name}={value}))"


def allowed(name: str, value: str) -> bool:
    """Is it a value that this setting may have?"""
    none = {"thin", "warmup", "effective_samples", "start", "observables", "steps", "batch", "learning_rate", "draws",
            "objective", "model", "training", "data"}  # fmt: skip
    return (
        (value == "None" and name in none)
        or (value == "0" and name == "warmup")
        or (value == "True" and name == "configurations")
        or (value == "{}" and name == "observables")
        or (value == "1.5" and name in ("learning_rate", "effective_samples"))
        or (value == "'4'" and name == "model")
    )


def of_systems() -> Iterator[str]:
    """Constructors of systems."""
    for make in CONSTRUCTORS:
        for shape in SHAPES:
            yield make.format(shape)
    for name in ("J", "h", "temperature"):
        for value in COUPLINGS:
            yield f"Ising((4, 4), {name}={value})"
    for value in ("0", "1", "128", "-3", "2.5", "'3'", "None", "np.nan"):
        yield f"Potts((4, 4), q={value})"
    for name in ("m2", "lam", "temperature"):
        for value in COUPLINGS[:4]:
            yield f"Phi4((4, 4), {name}={value})"
    for value in ("0.5", "-0.3", "np.nan"):
        yield f"phi4_hopping((4, 4), kappa={value}, lam=0)"
    for name in ("LennardJones", "Dimer", "DoubleWell"):
        for value in ("-1", "2.5", "'3'", "None", "10**12"):
            yield f"{name}(n={value})"
    for value in ("'nothing'", "3", "None", "''", "[]", "Ising"):
        yield f"Ising((4, 4), lattice={value})"


def of_verbs() -> Iterator[str]:
    """Problems that a verb does not take, settings that it does not have, progress and checkpoints that are none."""
    for verb in ("sample", "infer", "approximate"):
        for problem in PROBLEMS:
            yield f"{verb}(0, {problem})"
        yield f"{verb}(0)" if 0 else f"{verb}(0, I, nothing=3)"
    for name in ("progress", "checkpoint"):
        for value in ("3", "'a' * 3" if name == "progress" else "3.5", "[]", "object()"):
            yield f"sample(0, I, 2.0, samples=64, {name}={value})"
    for word in ("sample", "temperatures", "chain", "Method", "seed", "key", "n"):
        yield f"sample(0, I, **dict([({word!r}, 3)]))" if word != "key" else "sample(0, I, 2.0, temperature=3.0)"
