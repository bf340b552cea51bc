# SPDX-License-Identifier: Apache-2.0
"""Renormalization: decimation in closed form, block spins at the Ising transition, and what a block spin keeps."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np

from isinglass.checks.critical import critical_temperature, exponent
from isinglass.data.configurations import Configurations
from isinglass.data.files import from_dataset
from isinglass.exact.lattice import block_information as kept
from isinglass.exact.lattice import decimation, onsager
from isinglass.exact.lattice.critical import relaxation_time
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.systems import Ising
from isinglass.tasks.cases import labelled
from isinglass.verbs import infer, sample

__all__ = ["Renormalisation"]

TC = onsager.critical_temperature()
Y_T, Y_H = 1.0, 15 / 8
DECIMATION = "K' = ½ ln cosh 2K, Kadanoff 1976, doi:10.1016/0003-4916(76)90066-X"
ONSAGER = "Onsager 1944, doi:10.1103/PhysRev.65.117"
INFORMATION = "all 2^8 rules on a 4 x 4 torus; Koch-Janusz and Ringel 2018, doi:10.1038/s41567-018-0081-4"


@dataclass(frozen=True)
class Renormalisation(AbstractExperiment):
    """Every second spin of a chain is left out; blocks of four spins of a square lattice become one, again and again.

    Where does the flow of block spins turn, how fast does it leave, and which rule for a block keeps most of what the
    rest of the lattice tells?
    """

    name: ClassVar[str] = "renormalisation"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "block spins of the Ising model: flow, exponents, what a block keeps"
    rows: ClassVar[tuple[int, ...]] = (16, 17, 19)
    paper: ClassVar[str] = "Swendsen 1979, doi:10.1103/PhysRevLett.42.859"
    claim: ClassVar[str] = (
        "couplings after decimation within 4 errors; T_c within 0.01, y_T within 0.1 of 1, y_h within 0.02 of 15/8"
    )
    guide: ClassVar[str] = "docs/renormalization.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"side": 32, "chain": 256, "tolerance": 0.03, "thermal_tolerance": 0.25,
                  "magnetic_tolerance": 0.05},
        "laptop": {},
        "paper": {"side": 128, "samples": 16_384, "chains": 256, "tolerance": 0.002, "thermal_tolerance": 0.02,
                  "magnetic_tolerance": 0.005},
    }  # fmt: skip

    side: int = 64
    """Side of the larger lattice; the smaller one has half of it."""
    samples: int = 4096
    """Configurations at each temperature, of each size."""
    chains: int = 64
    """Independent chains at each temperature."""
    temperature: tuple[float, ...] = (2.17, 2.195, 2.22, 2.245, 2.27, 2.295, 2.32, 2.345, 2.37)
    """Temperatures about the transition."""
    chain: int = 4096
    """Spins of the chain that is decimated."""
    chain_temperature: tuple[float, ...] = (0.8, 1.0, 1.5, 3.0)
    """Temperatures of the chain."""
    tolerance: float = 0.01
    """Allowed |T_c - exact|."""
    thermal_tolerance: float = 0.1
    """Allowed |y_T - 1|."""
    magnetic_tolerance: float = 0.02
    """Allowed |y_h - 15/8|."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Sample, block and compare."""
        keys = jax.random.split(key, 3)
        sizes = {L: self.sampled(keys[0], L, progress, checkpoint) for L in (self.side, self.side // 2)}
        result = infer(keys[1], sizes, method="renormalization", progress=telling(progress, "square lattice"))
        result.name, result.settings = self.name, asdict(self)
        for L, one in sizes.items():
            result.checks += labelled(one.checks, f"L = {L}", estimates=False)
        if "thermal_exponent" in result.estimates:
            result.checks = [*self.claims(result.estimates), *result.checks]
        result.arrays = result.arrays.assign_attrs(
            exact_critical_parameter=TC, exact_thermal_exponent=Y_T, exact_magnetic_exponent=Y_H
        )
        self.add_chain(keys[2], result, progress, checkpoint)
        self.add_information(result)
        return result

    def sampled(self, key: Any, L: int, progress: ProgressCallable, checkpoint: Path | None) -> Result:
        """One size by single flips, two measurements in a relaxation time."""
        thin = max(2, round(relaxation_time(L) / 2))
        return sample(
            jax.random.fold_in(key, L), Ising((L, L)), list(self.temperature), method="metropolis",
            samples=self.samples, chains=self.chains, thin=thin, warmup=80 * thin, effective_samples=None,
            progress=telling(progress, f"L = {L}"), checkpoint=checkpoint and checkpoint / f"square-{L}",
        )  # fmt: skip

    def claims(self, estimates: dict[str, Estimate]) -> list[Check]:
        """Against Onsager."""
        found = {n: estimates[n] for n in ("critical_temperature", "thermal_exponent", "magnetic_exponent")}
        T, y_T, y_h = found.values()
        return [
            critical_temperature(T, TC, tolerance=self.tolerance, method="block spins", of="critical_temperature"),
            exponent(y_T, Y_T, tolerance=self.thermal_tolerance, name="y_T", source=ONSAGER, of="thermal_exponent"),
            exponent(y_h, Y_H, tolerance=self.magnetic_tolerance, name="y_h", source=ONSAGER, of="magnetic_exponent"),
        ]

    def add_chain(self, key: Any, result: Result, progress: ProgressCallable, checkpoint: Path | None) -> None:
        """Couplings of chains without every second spin, tanh K' = <s s'>; the free energy by decimation."""
        T = np.array(self.chain_temperature)
        found = sample(
            key, Ising((self.chain,), lattice="chain"), list(T), method="heat_bath", samples=2048, chains=32, thin=32,
            effective_samples=None, progress=telling(progress, "chain"), checkpoint=checkpoint and checkpoint / "chain",
        )  # fmt: skip
        result.checks += labelled(found.checks, "chain", estimates=False)
        K, error = decimated_couplings(from_dataset(found.arrays))
        exact = np.array([decimation.decimated(1 / t) for t in T])
        for t, k, e, known in zip(T, K, error, exact, strict=True):
            name = f"decimated_coupling/T={t:g}"
            result.estimates[name] = Estimate(float(k), float(e))
            law = f"coupling of a chain without every second spin, T = {t:g}"
            result.checks.append(
                Check.within(law, float(k), known, 4 * float(e), error=float(e), source=DECIMATION, of=name)
            )
        worst = max(abs(decimation.chain_log_partition(1 / t) - np.log(2 * np.cosh(1 / t))) for t in T)
        law = "ln Z of a chain by decimation is N ln(2 cosh K), largest deviation for one spin"
        result.checks.append(Check.at_most(law, float(worst), 1e-12, source=DECIMATION))
        fixed, y = decimation.migdal_kadanoff_fixed_point()
        result.estimates["critical_temperature/migdal_kadanoff"] = Estimate(1 / fixed)
        result.estimates["thermal_exponent/migdal_kadanoff"] = Estimate(y)

    def add_information(self, result: Result) -> None:
        """What a block spin keeps of the information that its block has about the far spins."""
        T = np.array([1.5, 1.75, 2.0, TC, 2.5, 2.75, 3.0, 3.5, 4.0, 5.0])
        rules = {"every spin of the block": None, "best rule": None, "majority": kept.majority_rule(),
                 "decimation": kept.decimation_rule()}  # fmt: skip
        table = []
        for t in T:
            law = kept.block_and_far_law(float(t))
            best = kept.best_rule(law)
            known = {"every spin of the block": kept.information(law), "best rule": best.information}
            table.append([known.get(name) or kept.kept_information(law, rule) for name, rule in rules.items()])
            if t == TC:
                everything, most, majority, decimated = table[-1]
                result.estimates |= {"kept_information/majority": Estimate(majority / everything),
                                     "kept_information/decimation": Estimate(decimated / everything),
                                     "kept_information/best_rule": Estimate(most / everything)}  # fmt: skip
                result.checks += information_checks(best, majority)
        result.arrays = result.arrays.assign_coords(rule=list(rules), information_temperature=T)
        result.arrays["kept_information"] = (("rule", "information_temperature"), np.array(table).T)
        result.figures.append("kept_information")


def decimated_couplings(c: Configurations) -> tuple[np.ndarray, np.ndarray]:
    """K' = artanh <s s'> of neighbors in chains without every second spin, and its error over Markov chains."""
    K, error = [], []
    for T in c.points:
        at = c.parameter == T
        x = c.x[at][:, ::2].astype(float)
        correlation, group = np.mean(x * np.roll(x, 1, axis=1), axis=1), np.unique(c.group[at], return_inverse=True)[1]
        means = np.bincount(group, correlation) / np.bincount(group)
        m = means.mean()
        K.append(np.arctanh(m))
        error.append(means.std(ddof=1) / len(means) ** 0.5 / (1 - m * m))
    return np.array(K), np.array(error)


def information_checks(best: kept.BestRule, majority: float) -> list[Check]:
    """The best rule is the majority, with ties broken by a fixed rule; a coin for ties costs little."""
    clear = kept.STATES.sum(axis=1) != 0
    same = np.mean(best.rule[clear] == kept.majority_rule()[clear])
    return [
        Check.within("share of clear majorities that the best rule of all follows, or the opposite at each",
                     float(max(same, 1 - same)), 1.0, 0.0, source=INFORMATION),
        Check.at_least("information of the majority with coins for ties, over that of the best rule",
                       majority / best.information, 0.99, source=INFORMATION),
    ]  # fmt: skip
