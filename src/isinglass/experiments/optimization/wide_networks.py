# SPDX-License-Identifier: Apache-2.0
"""Wide networks: their tangent kernels beside the infinite one, their training beside kernel regression."""

from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.regression import neural_tangent
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.learning.hopfield_scaling import to_infinity
from isinglass.experiments.optimization.wide_ensemble import WideTrained, wide_networks
from isinglass.experiments.theory_curve import fitted_exponent, held, over_samples, theory_curve
from isinglass.result import Check, Estimate, Result
from isinglass.run.blas import one_blas_thread
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["WideNetworks"]

NTK, LINEAR = "arXiv:1806.07572", "arXiv:1902.06720"
TRAINED, NEW = 6, 4  # inputs


@dataclass(frozen=True)
class WideNetworks(AbstractExperiment):
    """f of `hidden` layers of erf in the tangent parametrization, inputs on a sphere; descent on ½ |f - f_0 - y|²."""

    name: ClassVar[str] = "wide-networks"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "tangent kernels of wide networks, and their training beside kernel regression"
    rows: ClassVar[tuple[int, ...]] = (111, 125)
    paper: ClassVar[str] = "Jacot, Gabriel and Hongler 2018, arXiv:1806.07572; Lee et al. 2019, arXiv:1902.06720"
    claim: ClassVar[str] = (
        "tangent kernels and outputs of trained networks, for infinite width, within three standard errors of the "
        "recursion and of its kernel regression; spreads over networks fall as the root of the width"
    )
    guide: ClassVar[str] = "docs/optimization.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"widths": (24, 48, 96), "networks": 300},
        "laptop": {},
        "paper": {"widths": (64, 128, 256, 512, 1024), "networks": 400},
    }

    widths: tuple[int, ...] = (48, 96, 192, 384)
    """Units n of each hidden layer, for the extrapolation."""
    networks: int = 100
    """Networks of each width."""
    hidden: int = 2
    """Hidden layers."""
    inputs: int = 5
    """Dimension d of the inputs."""
    rate: float = 0.15
    """Learning rate η."""
    steps: int = 60
    """Steps of gradient descent."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Each width; then infinite width, and spreads by width.

        Errors: InputError for fewer than three widths or two networks, and a rate that diverges.
        """
        key_x, key_y, key_networks = jax.random.split(key, 3)
        x = np.array(jax.random.normal(key_x, (TRAINED + NEW, self.inputs)))
        x *= self.inputs**0.5 / np.linalg.norm(x, axis=1, keepdims=True)
        y = np.asarray(jax.random.normal(key_y, (TRAINED,)))
        kernel = neural_tangent.tangent_kernel(x, x, self.hidden).tangent
        self.check_request(float(np.linalg.eigvalsh(kernel[:TRAINED, :TRAINED])[-1]))
        found: dict[int, WideTrained] = {}
        with one_blas_thread():
            for k, n in enumerate(self.widths):
                progress(k, len(self.widths), f"width {n}")
                keys = jax.random.split(jax.random.fold_in(key_networks, n), self.networks)
                found[n] = jax.tree.map(np.asarray, wide_networks(keys, x, y, n, self.hidden, self.rate, self.steps))
        mean = neural_tangent.trained_mean(kernel[:, :TRAINED], kernel[:TRAINED, :TRAINED], y, self.rate, self.steps)
        told, checks = self.limits(found, kernel, mean)
        more, claims, arrays = self.spreads(found, kernel, mean)
        return Result(self.name, estimates=told | more, checks=checks + claims, arrays=xr.Dataset(arrays),
                      settings=asdict(self), figures=["theory_curve/spread"])  # fmt: skip

    def check_request(self, top: float) -> None:
        """What means and errors need."""
        if len(set(self.widths)) < 3 or min(self.widths) < 8:  # noqa: PLR2004
            raise InputError("three widths or more, of 8 or more", ", ".join(map(str, self.widths)), "give larger ones")
        if self.networks < 8:  # noqa: PLR2004
            raise InputError("eight networks or more", str(self.networks), "errors are those over them")
        if self.rate * top >= 1:
            most = f"a rate below {1 / top:.3g}, 1 by the top of the kernel"
            raise InputError(most, f"{self.rate:g}", "take a smaller one")

    def limits(self, found: dict[int, WideTrained], kernel: np.ndarray, mean: np.ndarray):
        """Entries of the kernel and outputs at new inputs, in 1/n."""
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        for i, j in ((0, 0), (0, 1), (0, TRAINED), (TRAINED, TRAINED + 1)):
            of = f"tangent_kernel/{i + 1}_{j + 1}"
            told[of] = to_infinity({n: over_samples(each.kernel[:, i, j]) for n, each in found.items()})
            checks.append(held(f"tangent kernel of inputs {i + 1} and {j + 1}, n → ∞", of, told[of],
                               float(kernel[i, j]), NTK))  # fmt: skip
        for i in range(TRAINED, TRAINED + NEW):
            of = f"output/{i + 1}"
            told[of] = to_infinity({n: over_samples(each.outputs[:, i]) for n, each in found.items()})
            checks.append(held(f"output at new input {i + 1 - TRAINED} after {self.steps} steps, n → ∞", of, told[of],
                               float(mean[i]), LINEAR))  # fmt: skip
        return told, checks

    def spreads(self, found: dict[int, WideTrained], kernel: np.ndarray, mean: np.ndarray):
        """Root mean square distances from infinite width, and how far weights move, which fall as n^-½."""
        distance = {
            "tangent kernel": lambda e: np.sqrt(np.mean((e.kernel - kernel) ** 2, axis=(1, 2)) / np.mean(kernel**2)),
            "output": lambda e: np.sqrt(np.mean((e.outputs - mean)[:, TRAINED:] ** 2, axis=1)
                                        / np.mean(mean[TRAINED:] ** 2)),
            "moved weights": lambda e: e.moved,
        }  # fmt: skip
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        each = [[over_samples(of(e)) for e in found.values()] for of in distance.values()]
        powers = (0.5, 0.5, 1.0 if self.hidden > 1 else 0.5)  # of n² weights the first are ~ n, what they move is ~ 1
        for name, row, power in zip(distance, each, powers, strict=True):
            of = f"exponent/{name.replace(' ', '_')}"
            told[of] = to_infinity(dict(zip(self.widths[1:], slopes(self.widths, row), strict=True)))
            checks.append(held(f"exponent of the width, {name}, n → ∞", of, told[of], power, LINEAR))
            told[f"{of}/all_widths"] = fitted_exponent(self.widths, row)
        dense = np.geomspace(self.widths[0] / 1.2, 1.2 * self.widths[-1], 20)
        lines = [row[-1].value * (self.widths[-1] / dense) ** m for row, m in zip(each, powers, strict=True)]
        words = "Relative distance of networks from infinite width, before and after training, by its exponent alone."
        return told, checks, theory_curve("spread", list(distance), self.widths, each, dense, lines, caption=words,
                                          xlabel="width n", ylabel="relative distance")  # fmt: skip


def slopes(widths: tuple[int, ...], row: list[Estimate]) -> list[Estimate]:
    """-d ln y/d ln n between neighbors."""
    found = []
    for (n, a), (m, b) in pairwise(zip(widths, row, strict=True)):
        gap = float(np.log(m / n))
        error = float(np.hypot((a.error or 0.0) / a.value, (b.error or 0.0) / b.value)) / gap
        found.append(Estimate(float(np.log(a.value / b.value)) / gap, error))
    return found
