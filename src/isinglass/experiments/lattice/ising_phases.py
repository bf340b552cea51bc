# SPDX-License-Identifier: Apache-2.0
"""The critical temperature of the 2D Ising model by networks, beside Onsager's exact value."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np

from isinglass.checks.classifier import accuracy, at_most_bayes, near_bayes
from isinglass.checks.critical import critical_temperature, exponent, honest
from isinglass.data.configurations import concatenated, kept, snapshots
from isinglass.data.files import from_dataset
from isinglass.exact.lattice import bayes, onsager
from isinglass.exact.lattice.critical import critical_temperature as exact_critical_temperature
from isinglass.exact.lattice.critical import relaxation_time
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.inference.phases import ISING_MLP, Components, Supervised
from isinglass.result import Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.systems import Ising
from isinglass.tasks.cases import labelled, merged
from isinglass.tasks.outcome.thermal_curves import curve_names, side_by_side
from isinglass.verbs import infer, sample

__all__ = ["IsingPhases"]

TC = onsager.critical_temperature()
ENDS = (np.linspace(1.3, 1.85, 4), np.linspace(2.75, 3.3, 4))  # what the networks are trained on: order and disorder


@dataclass(frozen=True)
class IsingPhases(AbstractExperiment):
    """Networks trained far from the transition find it: T_c and nu from several sizes, with errors."""

    name: ClassVar[str] = "ising-phases"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "critical temperature and exponent of the Ising model by networks"
    rows: ClassVar[tuple[int, ...]] = (1, 2, 6, 9, 10, 11, 13, 14, 15, 17)
    paper: ClassVar[str] = "Carrasquilla and Melko 2017, arXiv:1605.01735"
    claim: ClassVar[str] = "T_c within 0.005 of Onsager's 2.269185, nu = 1 within 0.1; triangular T_c by transfer"
    guide: ClassVar[str] = "docs/course/02_phases.py"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            "sizes": (24, 48), "samples": 512, "chains": 64, "members": 2, "cnn_members": 0, "step": 0.04,
            "triangular_sizes": (), "bayes_samples": 512, "tolerance": 0.08, "nu_tolerance": 0.5,
            "confusion_sizes": (16,), "view_tolerance": 0.15,
        },
        "laptop": {},
        "paper": {"sizes": (12, 16, 24, 32, 48, 64), "samples": 16_384, "chains": 256, "members": 10},
    }  # fmt: skip
    least: ClassVar[dict[str, float]] = {"cnn_members": 0}

    sizes: tuple[int, ...] = (12, 16, 24, 32, 48)
    """Lattice sizes L."""
    samples: int = 4096
    """Configurations for each size and temperature."""
    chains: int = 128
    """Independent Markov chains for each temperature."""
    step: float = 0.02
    """Spacing of the temperatures 2.16 ... 2.44 at which the networks are evaluated."""
    members: int = 3
    """Independently trained perceptrons for each size."""
    cnn_members: int = 2
    """Independently trained convolutional networks; 0: none."""
    triangular_sizes: tuple[int, ...] = (12, 24, 48)
    """Sizes of the triangular lattice for the transfer: among `sizes`, multiples of 3; none: no transfer."""
    bayes_samples: int = 512
    """Configurations at each of T = 1.0(0.1)3.5, L = 16, for the Bayes ceiling."""
    confusion_sizes: tuple[int, ...] = (32, 48)
    """Sizes for learning by confusion; with several, the error says how far the peak moved from one to the next."""
    view_tolerance: float = 0.02
    """Allowed |T_c - exact| of confusion and of the principal components."""
    tolerance: float = 0.005
    """Allowed |T_c - exact|, and largest allowed standard error."""
    nu_tolerance: float = 0.1
    """Allowed |nu - 1|."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Sample, train at the ends, evaluate in the middle, compare."""
        keys = jax.random.split(key, 8)
        plan = {"progress": progress, "checkpoint": checkpoint}
        few = min(self.samples, 512)
        ends = self.sampled(keys[0], "ends", self.sizes, np.concatenate(ENDS), few, **plan)
        middle = self.sampled(keys[1], "middle", self.sizes, self.temperatures(TC), self.samples, **plan)
        data = {L: concatenated(from_dataset(ends[L].arrays), from_dataset(one.arrays)) for L, one in middle.items()}
        large = [L for L in self.sizes if L >= 16]
        perceptron = infer(keys[2], data, method=Supervised(members=self.members), progress=progress)
        parts = [self.judged(perceptron, "supervised_mlp", "supervised perceptron")]
        if self.triangular_sizes:
            parts.append(self.transfer(keys[3], perceptron, plan))
        if self.cnn_members:
            found = infer(keys[4], {L: data[L] for L in large}, method=self.convolution(large), progress=progress)
            parts.append(self.judged(found, "supervised_cnn", "supervised CNN"))
        parts.append(self.confusion(keys[6], plan))
        parts.append(self.components(keys[7], {L: middle[L] for L in large}, progress))
        parts.append(self.bayes(keys[5], plan))
        result = merged(self.name, parts)
        estimates, nu = result.estimates, "correlation_length_exponent"
        result.estimates = {"critical_temperature": estimates["critical_temperature/supervised_mlp"], **estimates}
        result.estimates[nu] = estimates[f"{nu}/supervised_mlp"]
        result.checks.append(exponent(result.estimates[nu], 1.0, tolerance=self.nu_tolerance, of=nu))
        for L, one in middle.items():
            result.checks += labelled(one.checks, f"square, L = {L}", estimates=False)
        result.arrays = result.arrays.assign(snapshots(from_dataset(middle[max(middle)].arrays)))
        result.arrays = result.arrays.assign_attrs(parameter="temperature", exact_critical_parameter=TC)
        thermal = side_by_side(middle)
        result.arrays = result.arrays.merge(thermal, combine_attrs="override")
        result.settings, result.figures = asdict(self), ["samples", *result.figures, *curve_names(thermal)]
        return result

    def temperatures(self, critical: float) -> np.ndarray:
        """Where the networks are evaluated: 2.16 ... 2.44 on the square lattice, in the same proportion on another."""
        return np.arange(2.16, 2.44 + 1e-9, self.step) * critical / TC

    def sampled(
        self, key: Any, part: str, sizes: Iterable[int], T: np.ndarray, samples: int, *, lattice: str = "square",
        chains: int | None = None, progress: ProgressCallable, checkpoint: Path | None,
    ) -> dict[int, Result]:  # fmt: skip
        """Each lattice size by single flips, two measurements in a relaxation time at T_c."""
        found = {}
        for L in sizes:
            thin = max(2, round(relaxation_time(L) / 2))
            found[L] = sample(
                jax.random.fold_in(key, L), Ising((L, L), lattice=lattice), T, method="metropolis", samples=samples,
                chains=chains or self.chains, thin=thin, warmup=80 * thin, effective_samples=None,
                progress=telling(progress, f"{part}, L = {L}"), checkpoint=checkpoint and checkpoint / f"{part}-{L}",
            )  # fmt: skip
        return found

    def judged(self, found: Result, name: str, method: str) -> Result:
        """The result with the claims about T_c as checks."""
        of, source = f"critical_temperature/{name}", "Onsager 1944"
        Tc, plain = found.estimates[of], "critical_temperature" if name == "supervised_mlp" else of
        found.checks += [
            critical_temperature(Tc, TC, tolerance=self.tolerance, method=method, of=plain),
            honest(Tc, TC, largest_error=self.tolerance, name=f"T_c, {method}", source=source, of=of),
        ]
        return found

    def convolution(self, sizes: list[int]) -> Supervised:
        """One convolutional network that serves every size."""
        train_size = max(L for L in sizes if L <= 32)
        return Supervised(network="cnn", odd=True, members=self.cnn_members, train_size=train_size)

    def transfer(self, key: Any, perceptron: Result, plan: dict[str, Any]) -> Result:
        """The same networks, trained on the square lattice alone, applied to the triangular one."""
        exact = exact_critical_temperature("ising", "triangular").value
        key_data, key_read = jax.random.split(key)
        T, name = self.temperatures(exact), "transfer_triangular"
        plan = plan | {"lattice": "triangular"}
        data = self.sampled(key_data, "triangular", self.triangular_sizes, T, self.samples, **plan)
        networks = {L: perceptron.models[f"supervised_mlp/L={L}"] for L in data}
        knobs = Supervised(members=self.members)
        found = infer(key_read, data, method=knobs, networks=networks, label=name, progress=plan["progress"])
        law = "T_c of the triangular lattice, networks of the square one"
        of = f"critical_temperature/{name}"
        check = honest(found.estimates[of], exact, largest_error=0.02, name=law, source="Houtappel 1950", of=of)
        return Result(name, found.estimates, [*found.checks, check], status=found.status)

    def confusion(self, key: Any, plan: dict[str, Any]) -> Result:
        """Learning by confusion, without use of T_c."""
        key_data, key_read = jax.random.split(key)
        few, chains, T = min(self.samples, 800), min(self.chains, 64), np.linspace(1.8, 2.8, 26)
        data = self.sampled(key_data, "confusion", self.confusion_sizes, T, few, chains=chains, **plan)
        found = infer(key_read, data, method="confusion", progress=plan["progress"])
        name = "critical_temperature/confusion"
        Tc, result = found.estimates[name], merged("confusion", {"blind": found})
        result.estimates = {name: Tc}
        result.checks = [critical_temperature(Tc, TC, tolerance=self.view_tolerance, method="confusion", of=name)]
        return result

    def components(self, key: Any, middle: dict[int, Result], progress: ProgressCallable) -> Result:
        """Principal components, without labels: Binder's ratio of the leading one crosses at T_c."""
        result = infer(key, middle, method=Components(rows=2048), progress=progress)
        tolerance = self.view_tolerance  # the exact value decides what components by themselves leave open
        result.checks = [critical_temperature(Tc, TC, tolerance=tolerance, method="PCA", of=name)
                         for name, Tc in result.estimates.items()]  # fmt: skip
        return result

    def bayes(self, key: Any, plan: dict[str, Any]) -> Result:
        """Accuracy on unseen chains, T = 1.0(0.1)3.5 with label T < T_c, beside the exact Bayes ceiling."""
        L, T = 16, np.arange(10, 36) / 10
        key_data, key_train = jax.random.split(key)
        data = self.sampled(key_data, "bayes", [L], T, self.bayes_samples, **plan)[L]
        found = infer(key_train, data, method=ISING_MLP, boundary=TC, progress=plan["progress"])
        c = kept(from_dataset(data.arrays), found.arrays["held_out"].to_numpy())
        hit = found.arrays["hit_mlp"].to_numpy()[0]
        ceiling = bayes.bayes_accuracy(bayes.energy_law(L, T), T < TC)
        return Result(
            "bayes",
            {"accuracy": Estimate(*accuracy(hit, c.group, c.parameter)), "accuracy/bayes_ceiling": Estimate(ceiling)},
            [law(hit, c.group, c.parameter, ceiling, of="accuracy") for law in (at_most_bayes, near_bayes)],
        )
