# SPDX-License-Identifier: Apache-2.0
"""Grokking: addition mod p is known by heart first, and understood long after; weight decay decides when."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.emergence.modular_addition import answers, fourier_solution, phase_sums, shift_share
from isinglass.experiments.emergence.modular_ensemble import LearnedTables, learned_tables, sums
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["Grokking"]

POWER = "Power et al. 2022, arXiv:2201.02177"
GROMOV = "Gromov 2023, arXiv:2301.02679"
SIGMAS = 4.0
BLOCK = 10  # steps between looks
BY_HEART, UNDERSTOOD = 0.99, 0.95  # accuracy that counts as reached, on pairs seen and on the others
WHOLE = 0.99  # at the end, of each network
DELAY = 3.0  # least ratio of both times
ALIGNED, SHIFT = 0.7, 0.5  # least mean cosine of phases, and share of the answers that is a function of n + m - q


@dataclass(frozen=True)
class Grokking(AbstractExperiment):
    """Quadratic networks of two layers see a part of the table n + m mod p, at several weight decays."""

    name: ClassVar[str] = "grokking"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "addition mod p: known by heart long before it is understood, by weight decay"
    rows: ClassVar[tuple[int, ...]] = (126,)
    paper: ClassVar[str] = "Power et al. 2022, arXiv:2201.02177; Gromov 2023, arXiv:2301.02679"
    claim: ClassVar[str] = (
        "the network of exact Fourier weights adds all pairs; trained ones know the pairs that they see by heart while "
        "they get a tenth or less of the others right, and nearly all of these three times as many steps later or "
        "more; the stronger the weight decay the sooner; their weights then have the phases of the exact solution; "
        "shuffled answers are learned by heart and never understood"
    )
    guide: ClassVar[str] = "docs/emergence.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"prime": 23, "width": 128, "share": 0.6, "steps": 1000, "rate": 3e-3, "networks": 4,
                  "scan_prime": 23, "scan_share": 0.6, "scan_rate": 3e-3, "scan_decays": (1.0, 3.0),
                  "scan_networks": 4, "scan_steps": 1000},
        "laptop": {},
        "paper": {"networks": 16, "steps": 3000, "scan_prime": 97, "scan_share": 0.3, "scan_width": 512,
                  "scan_rate": 1e-3, "scan_networks": 16, "scan_steps": 10_000, "scan_decays": (0.3, 1.0, 3.0)},
    }  # fmt: skip
    least: ClassVar[dict[str, float]] = {"decay": 0, "scan_decays": 0}

    prime: int = 97
    """p of the addition, odd."""
    width: int = 512
    """Neurons."""
    share: float = 0.3
    """Of the p² pairs, those that are seen."""
    networks: int = 4
    """Networks, each with pairs of its own; one more sees shuffled answers."""
    decay: float = 1.0
    """Weight decay of AdamW."""
    rate: float = 1e-3
    """Learning rate."""
    steps: int = 700
    """Steps, each on all pairs that are seen."""
    scan_prime: int = 31
    """p for the weight decays."""
    scan_width: int = 128
    """Neurons there."""
    scan_share: float = 0.5
    """Share of the pairs there."""
    scan_rate: float = 2e-3
    """Learning rate there."""
    scan_decays: tuple[float, ...] = (0.5, 1.0, 2.0)
    """Weight decays that are compared, and none at all."""
    scan_networks: int = 6
    """Networks of each."""
    scan_steps: int = 1500
    """Their steps."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """The exact network, trained ones, one with shuffled answers, and weight decays.

        Errors: InputError for primes, shares and decays that are none.
        """
        self.check_request()
        key_main, key_shuffle, key_scan = jax.random.split(key, 3)
        decays, total = (0.0, *self.scan_decays), len(self.scan_decays) + 2
        progress(0, total, f"p = {self.prime}")
        table = sums(self.prime)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_shuffle)))
        given = np.stack([table] * self.networks + [rng.permutation(table)])
        found = learned_tables(key_main, given, self.prime, width=self.width, share=self.share, decay=self.decay,
                               steps=self.steps, rate=self.rate, block=BLOCK)  # fmt: skip
        scan = {}
        for i, decay in enumerate(decays):
            progress(i + 1, total, f"weight decay {decay:g}")
            given = np.stack([sums(self.scan_prime)] * self.scan_networks)
            scan[decay] = learned_tables(jax.random.fold_in(key_scan, i), given, self.scan_prime, width=self.scan_width,
                                         share=self.scan_share, decay=decay, steps=self.scan_steps,
                                         rate=self.scan_rate, block=BLOCK)  # fmt: skip
        told, checks = self.judged(found)
        more, claims = self.judged_scan(scan)
        return Result(self.name, estimates=told | more, checks=[*exact_solution(self.prime), *checks, *claims],
                      arrays=self.arrays(found, scan), settings=asdict(self), figures=["grokking", "delay"],
                      notes=[f"delay: steps to {UNDERSTOOD:g} on unseen pairs by steps to {BY_HEART:g} on those seen."],
                      )  # fmt: skip

    def check_request(self) -> None:
        """Tables that can be learned in part."""
        for p, share in ((self.prime, self.share), (self.scan_prime, self.scan_share)):
            if p < 5 or any(p % d == 0 for d in range(2, int(p**0.5) + 1)):  # noqa: PLR2004
                raise InputError("a prime of 5 or more", str(p), "try 23, 59 or 97")
            if not 0.05 <= share <= 0.95:  # noqa: PLR2004
                raise InputError("a share of pairs between 0.05 and 0.95", f"{share:g}", "try 0.3 for p = 97")
        if list(self.scan_decays) != sorted({*self.scan_decays}) or min(self.scan_decays, default=1) <= 0:
            found = ", ".join(f"{d:g}" for d in self.scan_decays)
            raise InputError("weight decays above 0 that grow", found, "none at all is tried too")
        if min(self.networks, self.scan_networks) < 3:  # noqa: PLR2004
            raise InputError("three networks or more", f"{self.networks}, {self.scan_networks}", "errors are over them")

    def judged(self, found: LearnedTables) -> tuple[dict[str, Estimate], list[Check]]:
        """The trained networks, and the one of shuffled answers, which is the last."""
        n, p = self.networks, self.prime
        by_heart, understood = found.reached("seen", BY_HEART), found.reached("unseen", UNDERSTOOD)
        at = [int(np.searchsorted(found.step, t)) if np.isfinite(t) else -1 for t in by_heart[:n]]
        then = found.unseen[np.arange(n), at]
        delay = over(understood[:n] / by_heart[:n])
        phases = np.array([phase_sums(w).mean() for w in found.weights])
        shift = np.array([shift_share(w) for w in found.weights])
        told = {"steps/seen": steps(by_heart[:n]), "steps/unseen": steps(understood[:n]), "delay": delay,
                "unseen_accuracy/by_heart": over(then), "unseen_accuracy/end": over(found.unseen[:n, -1]),
                "unseen_accuracy/shuffled": Estimate(found.unseen[n, -1]),
                "phase_alignment": over(phases[:n]), "phase_alignment/shuffled": Estimate(phases[n]),
                "shift_share": over(shift[:n]), "shift_share/shuffled": Estimate(shift[n])}  # fmt: skip
        pairs = (1 - self.share) * p * p
        chance = 1 / p + SIGMAS * (1 / p / pairs) ** 0.5
        loose = SIGMAS * 0.5**0.5 / self.width**0.5
        return told, [
            Check.at_least("share of seen pairs right at the end, least of all networks", found.seen[:, -1].min(),
                           WHOLE, source=POWER),
            Check.at_least("share of unseen pairs right at the end, least of all networks", found.unseen[:n, -1].min(),
                           WHOLE, source=POWER),
            Check.at_most("share of unseen pairs right when those seen are known by heart", then.mean(), 0.1,
                          error=over(then).error, source=POWER),
            Check.at_least("steps until others are right by steps until those seen are", delay.value, DELAY,
                           error=delay.error, of="delay", source=POWER).resolved(),
            Check.at_most("share of unseen pairs right, shuffled answers: chance", found.unseen[n, -1], chance,
                          source="1/p and four standard errors"),
            Check.at_least("mean cosine of φ + χ - ψ", phases[:n].mean(), ALIGNED, source=GROMOV),
            Check.at_most("mean cosine of φ + χ - ψ, shuffled answers", abs(phases[n]), loose + 0.1, source="0"),
            Check.at_least("share of the answers that is a function of n + m - q", shift[:n].mean(), SHIFT,
                           source=GROMOV),
        ]  # fmt: skip

    def judged_scan(self, scan: dict[float, LearnedTables]) -> tuple[dict[str, Estimate], list[Check]]:
        """Steps until unseen pairs are right, by weight decay; without one they are not, in as many steps."""
        times = {decay: found.reached("unseen", UNDERSTOOD) for decay, found in scan.items()}
        told = {f"steps/decay_{decay:g}": steps(t) for decay, t in times.items() if np.isfinite(t).all()}
        told |= {f"unseen_accuracy/decay_{decay:g}": over(found.unseen[:, -1]) for decay, found in scan.items()}
        checks = []
        for weak, strong in zip(self.scan_decays[:-1], self.scan_decays[1:], strict=True):
            late = np.nan_to_num(times[weak], nan=self.scan_steps)  # later than that: a bound
            earlier = over(late - times[strong])
            law = f"steps that weight decay {strong:g} saves over {weak:g}"
            checks.append(Check.at_least(law, earlier.value, 0.0, error=earlier.error, source=POWER).resolved())
        gap = over(scan[self.scan_decays[-1]].unseen[:, -1] - scan[0.0].unseen[:, -1])
        law = f"share of unseen pairs right with weight decay {self.scan_decays[-1]:g} less that without, at the end"
        return told, [*checks, Check.at_least(law, gap.value, 0.0, error=gap.error, source=POWER).resolved()]

    def arrays(self, found: LearnedTables, scan: dict[float, LearnedTables]) -> xr.Dataset:
        """Accuracies by step."""
        decays = list(scan)
        mean = np.stack([scan[d].unseen.mean(axis=0) for d in decays])
        seen = np.stack([scan[d].seen.mean(axis=0) for d in decays])
        return xr.Dataset(
            {"accuracy_seen": (("network", "step"), found.seen), "accuracy_unseen": (("network", "step"), found.unseen),
             "scan_seen": (("decay", "scan_step"), seen), "scan_unseen": (("decay", "scan_step"), mean)},
            {"step": found.step, "network": [*(f"{i + 1}" for i in range(self.networks)), "shuffled"],
             "decay": decays, "scan_step": next(iter(scan.values())).step},
            {"chance": 1 / self.prime})  # fmt: skip


def exact_solution(p: int) -> list[Check]:
    """Fourier weights: all pairs are right, and outputs as in closed form."""
    f, n = answers(fourier_solution(p)), np.arange(p)
    right = (n[:, None] + n) % p
    exact = np.where(right[:, :, None] == n, (p - 1) / 2, -0.5)
    return [Check.at_least("share of all pairs that exact Fourier weights add", (f.argmax(axis=2) == right).mean(), 1.0,
                           source=GROMOV),
            Check.at_most("their outputs and (p - 1)/2 for the sum, -1/2 for others: largest difference",
                          np.abs(f - exact).max(), 1e-9, source=GROMOV)]  # fmt: skip


def over(each: np.ndarray) -> Estimate:
    """Mean and standard error over networks; nan where one of them has none."""
    return Estimate(float(each.mean()), float(each.std(ddof=1) / len(each) ** 0.5))


def steps(each: np.ndarray) -> Estimate:
    """The same of numbers of steps, which are looked at every ten."""
    mean = over(each)
    return Estimate(mean.value, float(np.hypot(mean.error or 0.0, BLOCK / 12**0.5)))
