# SPDX-License-Identifier: Apache-2.0
"""Posteriors of the eight benchmark simulators against the reference samples of sbibm.

C2ST of our samples and theirs by the classifier of the benchmark: 0.5 where they cannot be told apart.  Expected: not
above the mean of ten observations that the paper states for posterior estimation at 10,000 simulations, in one round,
and in ten.  Lueckmann et al. 2021, arXiv:2101.04653.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from isinglass.checks.learning.two_samples import c2st
from isinglass.experiments.learning.sbi_benchmark import PUBLISHED
from validation.case import Case, Measured, files

__all__ = ["cases"]

SOURCE = "{} of Lueckmann et al. 2021, arXiv:2101.04653"
SAMPLES = {"smoke": 1000, "laptop": 4000, "paper": 10_000}  # of each side, for the classifier
SIMULATIONS = {"smoke": 2000, "laptop": 10_000, "paper": 10_000}


BEST = {
    "two_moons": {"method": "nle"},
    "gaussian_linear": {"method": "nle"},
    "gaussian_linear_uniform": {"method": "nle"},
    "gaussian_mixture": {"rounds": 4},
    "slcp": {"method": "nle"},
    "bernoulli_glm": {"rounds": 4},
    "sir": {"rounds": 4},
    "lotka_volterra": {"rounds": 4},
}


def cases(roots: list[Path]) -> list[Case]:
    """Files sbi/sbibm_TASK_obsNN.npz: two cases for each observation."""
    found = []
    for path in files(roots, "sbi/sbibm_*_obs*.npz"):
        task = path.stem.removeprefix("sbibm_").rpartition("_obs")[0]
        if task not in PUBLISHED:
            continue
        for number in path.stem.rpartition("_obs")[2]:
            for how, bounds in (("npe", PUBLISHED[task].npe), ("snpe", PUBLISHED[task].snpe)):
                bound = bounds[1]  # at 10,000 simulations
                shown = path.with_name(f"{task} {number} {how}")
                measure = lambda file, preset, path=path, number=number, how=how: of_file(path, number, how, preset)  # noqa: E731
                found.append(Case("posteriors", shown, 0.5, SOURCE.format(how.upper()), measure, tolerance=bound - 0.5))
    return found


def of_file(path: Path, number: str, how: str, preset: str) -> Measured:
    """C2ST, its error that of a share of the samples of both sides."""
    with np.load(path) as held:
        x, reference = held[f"observation_{number}"].ravel().astype(float), held[f"posterior_{number}"].astype(float)
    task = path.stem.removeprefix("sbibm_").rpartition("_obs")[0]
    settings = {} if how == "npe" else BEST[task]
    theta, verdict, said = inferred(task, tuple(x), tuple(settings.items()), SIMULATIONS[preset])
    rng, n = np.random.default_rng(0), SAMPLES[preset]
    found = c2st(*(a[rng.permutation(len(a))[:n]] for a in (reference, theta)))
    words = " ".join(f"{key} {value}" for key, value in settings.items()) or "npe"
    return Measured(found.value, found.error or 0.0, verdict, f"{words}{said}")


@cache
def inferred(task: str, x: tuple[float, ...], settings: tuple[tuple[str, Any], ...], n: int):
    """Samples of the posterior, the verdict, and what did not pass."""
    from isinglass import infer
    from isinglass.systems import simulator

    made = getattr(simulator, PUBLISHED[task].simulator)()
    found = infer(0, made, observation=np.array(x), simulations=n, progress=False, **dict(settings))
    names = [str(name) for name in found.arrays["parameter"].to_numpy()]
    doubts = [check.law for check in found.checks if check.verdict != "pass"]
    said = f"; {doubts[0]}" if doubts else ""
    return np.stack([found.arrays[name].to_numpy() for name in names], axis=1), str(found.verdict), said
