# SPDX-License-Identifier: Apache-2.0
"""Infer the spikes of a data matrix: eigenvalues of its covariance beyond those of white noise."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks
from isinglass.exact.learning import random_matrix
from isinglass.inference import spectrum
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.spectrum.spectrum_file import SpectrumFile
from isinglass.tasks.task import AbstractTask, Verb

if TYPE_CHECKING:
    import xarray as xr

    from isinglass.inference.spectrum.data_matrix import DataMatrix, Eigensystem
    from isinglass.inference.spectrum.spikes import Spikes

__all__ = ["InferSpectrum"]

SHOWN = 10  # spikes
CURVE = 400


@dataclass(frozen=True)
class InferSpectrum(AbstractTask):
    """Which principal components of a data matrix are signal: eigenvalues beyond the edge of Marchenko and Pastur.

        infer(0, DataMatrix(X))

    Of each spike its strength, in units of the noise, and the squared cosine of the component with the true direction.
    Verdict: `unknown` where the rest of the spectrum is not that of white noise.
    Ref: Baik, Ben Arous and Péché 2005, arXiv:math/0403022; Benaych-Georges and Nadakuditi 2011, arXiv:0910.2120.
    Law: rows in another order, and columns after a rotation, have the same spectrum.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.inference.spectrum.data_matrix:DataMatrix",)
    guide: ClassVar[str] = "docs/spectrum.md"
    what: ClassVar[str] = "a data matrix (isinglass.inference.spectrum.DataMatrix)"
    command: ClassVar[str] = "spectrum"
    source: ClassVar[type] = SpectrumFile

    center: bool = True
    """Subtract the mean of each column."""
    standardize: bool = False
    """Divide each column by its spread: for quantities of different units or noise."""

    def run(
        self, key: Any, problem: "DataMatrix", *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Eigenvalues, noise, spikes.  It takes seconds: `checkpoint` and `key` are not used."""
        begun = time.perf_counter()
        progress(0, 1, "eigenvalues")
        of = spectrum.eigensystem(problem, centered=self.center, standardized=self.standardize)
        found = spectrum.find_spikes(of, standardized=self.standardize)
        k = len(found.strength)
        gamma = len(of.eigenvalue) / of.freedom
        return Result(
            "spectrum", estimates=estimates(of, found), checks=evidence(of, found), arrays=arrays(of, found),
            settings=vars(self) | {"rows": of.weight.shape[1], "columns": len(of.eigenvalue)},
            figures=["eigenvalues"], seconds=time.perf_counter() - begun,
            notes=[f"γ = columns/rows = {gamma:.3g}: spikes of strength below √γ = {gamma**0.5:.3g} leave no trace in "
                   "the spectrum.",
                   *([f"The {SHOWN} strongest of {k} spikes are listed."] if k > SHOWN else [])],
        )  # fmt: skip


def estimates(of: "Eigensystem", found: "Spikes") -> dict[str, Estimate]:
    """Noise, edge, number, and of each spike eigenvalue, strength, overlap."""
    told = {"spikes": Estimate(float(len(found.strength))), "noise_variance": Estimate(found.noise, found.noise_error),
            "edge": Estimate(found.edge)}  # fmt: skip
    for k in range(min(len(found.strength), SHOWN)):
        told[f"eigenvalue/{k + 1}"] = Estimate(float(of.eigenvalue[k]))
        told[f"strength/{k + 1}"] = Estimate(float(found.strength[k]), float(found.strength_error[k]))
        told[f"squared_overlap/{k + 1}"] = Estimate(float(found.overlap2[k]), float(found.overlap2_error[k]))
    return told


def evidence(of: "Eigensystem", found: "Spikes") -> list[Check]:
    """The bulk, the edge, each spike."""
    law, k = checks.spectrum, len(found.strength)
    rank = min(len(of.eigenvalue), of.freedom)
    made = [law.bulk_is_white(found.bulk), law.light_tails(of.excess), law.decided(found.tail),
            law.few_spikes(k, rank), law.strengths_apart(found.strength, found.strength_error),
            *law.shared(of.direction[:k], of.weight[:k])]  # fmt: skip
    return [check for check in made if check is not None]


def arrays(of: "Eigensystem", found: "Spikes") -> "xr.Dataset":
    """Eigenvalues, directions and weights of the spikes, the law of the noise."""
    import xarray as xr

    gamma, k = len(of.eigenvalue) / of.freedom, len(found.strength)
    low, high = random_matrix.marchenko_pastur_edges(gamma)
    x = np.linspace(low, high, CURVE + 2)[1:-1]
    return xr.Dataset(
        {
            "eigenvalue": ("component", of.eigenvalue),
            "direction": (("spike", "column"), of.direction[:k]),
            "weight": (("spike", "row"), of.weight[:k]),
            "noise_eigenvalue": ("curve", x * found.noise),
            "noise_density": ("curve", random_matrix.marchenko_pastur_density(x, gamma) / found.noise),
        },
        attrs={"edge": found.edge, "spikes": k},
    )
