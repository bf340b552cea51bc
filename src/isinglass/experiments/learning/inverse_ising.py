# SPDX-License-Identifier: Apache-2.0
"""Couplings of known Ising models from their samples, by four methods: errors against their number."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.learning import inverse_ising as exact
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.inference.inverse.couplings import METHODS, SpinSamples, couplings
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.lattice.ising import Ising
from isinglass.verbs import infer, sample

__all__ = ["InverseIsing"]

REVIEW = "Nguyen, Zecchina and Berg, arXiv:1702.01522"
GROUPS, CHAINS = 50, 64
LIKELY = ("boltzmann", "pseudolikelihood")  # consistent: their errors vanish with more rows


@dataclass(frozen=True)
class InverseIsing(AbstractExperiment):
    """A Sherrington-Kirkpatrick glass with fields whose states are enumerated, and the square lattice above T_c."""

    name: ClassVar[str] = "inverse-ising"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "couplings of spin glasses and of the square lattice from samples, four methods"
    rows: ClassVar[tuple[int, ...]] = (90,)
    paper: ClassVar[str] = "Nguyen, Zecchina and Berg 2017, arXiv:1702.01522"
    claim: ClassVar[str] = (
        "exact moments give the couplings back to 1e-6; errors of Boltzmann learning and pseudolikelihood are those "
        "stated, within a tenth, and fall as the root of the number of samples; mean field and TAP stop at their bias; "
        "of the square lattice the bonds are found, no others, and their coupling is 1/T within 3 errors"
    )
    guide: ClassVar[str] = "docs/boltzmann_machines.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"spins": 10, "samples": (1000, 4000), "repeats": 4, "side": 4, "lattice_samples": 4096},
        "laptop": {},
        "paper": {"spins": 20, "samples": (1000, 10_000, 100_000, 1_000_000), "repeats": 4, "side": 16,
                  "lattice_samples": 102_400},
    }  # fmt: skip

    spins: int = 14
    """Spins of the glass."""
    glass_temperature: float = 1.5
    """Its temperature, in units of the width of the couplings times √N."""
    samples: tuple[int, ...] = (500, 2000, 8000, 32_000)
    """Numbers of its samples."""
    repeats: int = 4
    """Glasses, each with samples of its own."""
    side: int = 7
    """Side of the square lattice."""
    lattice_temperature: float = 3.0
    """Its temperature, above the transition."""
    lattice_samples: int = 12_800
    """Its samples."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Sample, infer and compare.  It takes minutes: `checkpoint` is not used.

        Errors: InputError for more spins than are enumerated, and fewer than two numbers of samples or repeats.
        """
        if self.spins > exact.MOST_SPINS or min(len(set(self.samples)), self.repeats) < 2:  # noqa: PLR2004
            found = f"{self.spins}, {len(set(self.samples))} and {self.repeats}"
            raise InputError("at most 20 spins, two numbers of samples and repeats", found, "choose others")
        key_glass, key_sample, key_infer = jax.random.split(key, 3)
        error, z, left = {}, {m: [] for m in LIKELY}, []
        for r, key_r in enumerate(jax.random.split(key_glass, self.repeats)):
            progress(r, self.repeats + 1, f"glass {r + 1}")
            J, h, draw = self.glass(key_r)
            s = draw(max(self.samples))
            left.append(self.from_moments(J, h, s))
            for n in self.samples:
                for method in METHODS:
                    found = couplings(s[:n], np.arange(n) * GROUPS // n, method)
                    i, j = np.triu_indices(self.spins, 1)
                    error.setdefault((method, n), []).append(np.linalg.norm(found.J - J) / np.linalg.norm(J))
                    if method in LIKELY and n == max(self.samples):
                        z[method].append(np.concatenate([((found.J - J) / np.where(J, found.J_error, 1))[i, j],
                                                         (found.h - h) / found.h_error]))  # fmt: skip
        progress(self.repeats, self.repeats + 1, "square lattice")
        return self.told(error, z, left, *self.lattice(key_sample, key_infer))

    def glass(self, key: Any) -> tuple[np.ndarray, np.ndarray, Any]:
        """Couplings of variance 1/N, fields of 0.1, over T; and a function that draws rows."""
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        N, T = self.spins, self.glass_temperature
        J = np.triu(rng.normal(size=(N, N)) / N**0.5, 1) / T
        J, h = J + J.T, 0.1 * rng.normal(size=N) / T
        s = 1 - 2 * ((np.arange(2**N)[:, None] >> np.arange(N)) & 1).astype(float)
        p = np.exp(0.5 * ((s @ J) * s).sum(axis=1) + s @ h)
        return J, h, lambda n: s[rng.choice(len(s), n, p=p / p.sum())]

    def from_moments(self, J: np.ndarray, h: np.ndarray, s: np.ndarray) -> float:
        """Largest deviation of the couplings from exact moments, begun at 0."""
        i, j = np.triu_indices(self.spins, 1)
        F = np.cov(np.concatenate([s, s[:, i] * s[:, j]], axis=1), rowvar=False)
        of = exact.ising_moments(jnp.asarray(J), jnp.asarray(h))
        zero = jnp.zeros((self.spins, self.spins))
        found = exact.match_moments(of.m, of.products, zero, jnp.zeros(self.spins), jnp.asarray(F), tolerance=1e-10)
        return float(max(np.abs(found.J - J).max(), np.abs(found.h - h).max()))

    def lattice(self, key_sample: Any, key_infer: Any) -> tuple[Ising, Result]:
        """The square lattice, and what is inferred from its samples."""
        T, n = self.lattice_temperature, -(-self.lattice_samples // CHAINS) * CHAINS
        system = Ising((self.side, self.side), temperature=T)
        data = sample(key_sample, system, T, samples=n, chains=CHAINS, progress=False)
        rows = SpinSamples(data.arrays["configurations"].to_numpy(), data.arrays["chain"].to_numpy())
        return system, infer(key_infer, rows, method="pseudolikelihood", progress=False)

    def told(self, error: dict, z: dict, left: list[float], system: Ising, inferred: Result) -> Result:
        """Estimates, checks, arrays."""
        of = lambda a: Estimate(float(np.mean(a)), float(np.std(a, ddof=1) / len(a) ** 0.5))  # noqa: E731
        error = {at: of(values) for at, values in error.items()}
        n, few = max(self.samples), min(self.samples)
        told = {f"error/{method}": error[method, n] for method in METHODS}
        checks = [Check.at_most("couplings from exact moments, largest deviation", max(left), 1e-6)]
        for method in LIKELY:
            every = np.concatenate(z[method])
            rms = float(np.sqrt(np.mean(every**2)))
            told[f"deviation/{method}"] = Estimate(rms, rms / (2 * len(every)) ** 0.5)
            a, b = error[method, few], error[method, n]
            slope = np.log(b.value / a.value) / np.log(n / few)
            wide = np.hypot((a.error or 0) / a.value, (b.error or 0) / b.value) / np.log(n / few)
            told[f"exponent/{method}"] = Estimate(float(slope), float(wide))
            checks += [
                Check.within(f"rms deviation in stated errors, {method}", rms, 1.0, 0.1,
                             error=told[f"deviation/{method}"].error, of=f"deviation/{method}").resolved(),
                Check.within(f"exponent of the error in the number of samples, {method}", slope, -0.5, 0.1,
                             error=float(wide), source=REVIEW, of=f"exponent/{method}").resolved(),
            ]  # fmt: skip
        worse = [told[f"error/{method}"].value - told["error/boltzmann"].value for method in ("tap", "mean-field")]
        checks.append(Check.at_least("error of TAP and mean field, above that of Boltzmann learning", min(worse), 0.0))
        bonds, more = self.of_bonds(system, inferred)
        told |= more
        K = 1 / self.lattice_temperature
        checks += [
            Check.within("mean coupling of the bonds", more["bond_coupling"].value, K,
                         3 * (more["bond_coupling"].error or 0.0), error=more["bond_coupling"].error, source="1/T",
                         of="bond_coupling").resolved(),
            Check.within("largest coupling of other pairs, in errors by chance", more["other_coupling"].value, 0.0, 5.0,
                         of="other_coupling"),
            Check.at_least("least coupling of a bond, in errors", more["bond_least"].value, 4.0, of="bond_least"),
            *[check for check in inferred.checks if "products" in check.law],
        ]  # fmt: skip
        curve = {(m, n): e for (m, n), e in error.items()}
        arrays = xr.Dataset(
            {"error": (("method", "n"), [[curve[m, n].value for n in self.samples] for m in METHODS]),
             "error_error": (("method", "n"), [[curve[m, n].error for n in self.samples] for m in METHODS]),
             **{name: inferred.arrays[name] for name in ("coupling", "sample_pair", "model_pair")}},
            coords={"method": list(METHODS), "n": list(self.samples)}, attrs={"bonds": len(bonds)},
        )  # fmt: skip
        return Result(self.name, estimates=told, checks=checks, arrays=arrays, settings=asdict(self),
                      figures=["coupling_error", "coupling_matrix"])  # fmt: skip

    def of_bonds(self, system: Ising, inferred: Result) -> tuple[np.ndarray, dict[str, Estimate]]:
        """Couplings of bonds and of other pairs."""
        J, error = (inferred.arrays[name].to_numpy() for name in ("coupling", "coupling_error"))
        N = len(J)
        bonds = np.asarray(system.graph.bonds)
        is_bond = np.zeros((N, N), bool)
        is_bond[bonds[:, 0], bonds[:, 1]] = is_bond[bonds[:, 1], bonds[:, 0]] = True
        i, j = np.triu_indices(N, 1)
        on = is_bond[i, j]
        J, error = J[i, j], error[i, j]
        mean = float(J[on].mean())
        scatter = float(J[on].std(ddof=1) / on.sum() ** 0.5)
        return bonds, {
            "bond_coupling": Estimate(mean, scatter),
            "other_coupling": Estimate(float(np.abs(J[~on] / error[~on]).max())),
            "bond_least": Estimate(float((J[on] / error[on]).min())),
        }
