# SPDX-License-Identifier: Apache-2.0
"""The main job: the critical temperature of the 2D Ising model by networks, beside Onsager's exact value."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.checks.classifier import accuracy, at_most_bayes, near_bayes
from isinglass.checks.critical import critical_temperature, exponent, honest
from isinglass.checks.symmetry import invariance
from isinglass.data.configurations import Configurations
from isinglass.exact.lattice import bayes, onsager
from isinglass.exact.lattice.critical import critical_temperature as exact_critical_temperature
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.lattice import confusion
from isinglass.experiments.lattice.ising_data import Spins, ising_by_size, snapshots
from isinglass.inference.phases.supervised import Supervised, keep, locate_transition, train_at_the_ends
from isinglass.inference.phases.two_phases import ISING_MLP, held_out
from isinglass.inference.phases.unsupervised import pca_transition, subset
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["IsingPhases"]

TC = onsager.critical_temperature()
ENDS = (np.linspace(1.3, 1.85, 4), np.linspace(2.75, 3.3, 4))  # what the networks are shown: order and disorder


@dataclass(frozen=True)
class IsingPhases(AbstractExperiment):
    """Networks trained far from the transition find it: T_c and nu from several sizes, with errors."""

    name: ClassVar[str] = "ising-phases"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "critical temperature and exponent of the Ising model by networks"
    rows: ClassVar[tuple[int, ...]] = (1, 2, 6, 9, 10, 11, 13, 14, 15, 17)
    paper: ClassVar[str] = "Carrasquilla and Melko 2017, arXiv:1605.01735"
    claim: ClassVar[str] = "T_c within 0.005 of Onsager's 2.269185, nu = 1 within 0.1; triangular T_c by transfer"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            "sizes": (24, 48), "samples": 512, "chains": 64, "members": 2, "cnn_members": 0, "step": 0.04,
            "triangular_sizes": (), "bayes_samples": 512, "tolerance": 0.08, "nu_tolerance": 0.5,
            "confusion_sizes": (16,), "view_tolerance": 0.15,
        },
        "laptop": {},
        "paper": {"sizes": (12, 16, 24, 32, 48, 64), "samples": 16_384, "chains": 256, "members": 10},
    }  # fmt: skip

    sizes: tuple[int, ...] = (12, 16, 24, 32, 48)
    """Lattice sizes L."""
    samples: int = 4096
    """Configurations for each size and temperature."""
    chains: int = 128
    """Independent Markov chains for each temperature."""
    step: float = 0.02
    """Spacing of the temperatures 2.16 ... 2.44 at which the networks are read."""
    members: int = 3
    """Independently trained perceptrons for each size."""
    cnn_members: int = 2
    """Independently trained convolutional networks; 0: none."""
    triangular_sizes: tuple[int, ...] = (12, 24, 48)
    """Sizes of the triangular lattice for the transfer: among `sizes`, multiples of 3."""
    bayes_samples: int = 512
    """Configurations at each of T = 1.0(0.1)3.5, L = 16, for the Bayes ceiling."""
    confusion_sizes: tuple[int, ...] = (32, 48)
    """Sizes for learning by confusion; with several, the error says how far the peak moved from one to the next."""
    view_tolerance: float = 0.02
    """Allowed |T_c - exact| of confusion and of the principal components."""
    tolerance: float = 0.005
    """Allowed |T_c - exact|, and largest honest error."""
    nu_tolerance: float = 0.1
    """Allowed |nu - 1|."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Sample, train at the ends, read in the middle, compare."""
        keys = jax.random.split(key, 8)
        plan = {"samples": self.samples, "chains": self.chains, "progress": progress, "checkpoint": checkpoint}
        few = plan | {"samples": min(self.samples, 512), "checkpoint": checkpoint and checkpoint / "ends"}
        ends = ising_by_size(keys[0], self.sizes, np.concatenate(ENDS), **few)
        middle = ising_by_size(keys[1], self.sizes, self.temperatures(TC), **plan)
        result = Result(self.name, settings=asdict(self))
        result.checks += [check for spins in middle.values() for check in spins.checks]
        progress(0, 1, "perceptrons: training and reading")
        ensembles = self.perceptron(keys[2], ends, middle, result)
        if self.triangular_sizes:
            self.transfer(keys[3], ensembles, result, plan)
        if self.cnn_members:
            progress(0, 1, "convolutional networks: training and reading")
            self.convolutional(keys[4], ends, middle, result)
        progress(0, 1, "confusion and principal components")
        self.confusion(keys[6], result, plan | {"checkpoint": checkpoint and checkpoint / "confusion"})
        self.components(keys[7], middle, result)
        self.bayes(keys[5], result, plan | {"checkpoint": checkpoint and checkpoint / "bayes"})
        result.arrays = result.arrays.assign(snapshots(middle[max(middle)].configurations)).assign_attrs(
            parameter="temperature", exact_critical_parameter=TC
        )
        result.figures = ["samples", *result.figures]
        return result

    def temperatures(self, critical: float) -> np.ndarray:
        """Where the networks are read: 2.16 ... 2.44 on the square lattice, in the same proportion on another."""
        return np.arange(2.16, 2.44 + 1e-9, self.step) * critical / TC

    def perceptron(self, key, ends: dict[int, Spins], middle: dict[int, Spins], result: Result) -> dict[int, Any]:
        """T_c and nu from perceptrons, one ensemble for each size."""
        ensembles, found = read(key, ends, middle, Supervised(members=self.members))
        self.adopt(found, "supervised_mlp", result)
        plain = found.estimates["critical_temperature/supervised_mlp"]
        result.estimates = {"critical_temperature": plain} | result.estimates
        law = "supervised perceptron"
        result.checks += [
            critical_temperature(plain, TC, tolerance=self.tolerance, method=law, of="critical_temperature"),
            honest(
                plain,
                TC,
                largest_error=self.tolerance,
                name=f"T_c, {law}",
                source="Onsager 1944",
                of="critical_temperature/supervised_mlp",
            ),
        ]
        return ensembles

    def convolutional(self, key, ends: dict[int, Spins], middle: dict[int, Spins], result: Result) -> None:
        """The same from one convolutional network that serves every size."""
        sizes = [L for L in middle if L >= 16]
        train_size = max(s for s in sizes if s <= 32)
        settings = Supervised(network="cnn", odd=True, members=self.cnn_members, train_size=train_size)
        ensembles, found = read(key, {L: ends[L] for L in sizes}, {L: middle[L] for L in sizes}, settings)
        self.adopt(found, "supervised_cnn", result)
        name = "critical_temperature/supervised_cnn"
        estimate = found.estimates[name]
        result.checks += [
            critical_temperature(estimate, TC, tolerance=self.tolerance, method="supervised CNN", of=name),
            honest(
                estimate, TC, largest_error=self.tolerance, name="T_c, supervised CNN", source="Onsager 1944", of=name
            ),
            translations(ensembles[sizes[0]], middle[sizes[0]]),
        ]

    def adopt(self, found: Result, name: str, result: Result) -> None:
        """Put the estimates, curves and networks of one method into the result."""
        result.estimates |= found.estimates
        result.models |= found.models
        result.arrays = xr.merge([result.arrays, found.arrays], join="outer", combine_attrs="drop")
        result.figures += found.figures
        if found.status != "done":
            result.notes.append(f"{name}: {found.status}")
        nu = found.estimates.get(f"correlation_length_exponent/{name}")
        if nu is not None and name == "supervised_mlp":
            result.estimates["correlation_length_exponent"] = nu
            result.checks.append(exponent(nu, 1.0, tolerance=self.nu_tolerance, of="correlation_length_exponent"))

    def transfer(self, key, ensembles: dict[int, Any], result: Result, plan: dict[str, Any]) -> None:
        """The same networks, which have seen the square lattice alone, applied to the triangular one."""
        exact = exact_critical_temperature("ising", "triangular").value
        key_data, key_read = jax.random.split(key)
        data = ising_by_size(key_data, self.triangular_sizes, self.temperatures(exact), lattice="triangular", **plan)
        name = "transfer_triangular"
        found = locate_transition(
            key_read,
            {L: ensembles[L] for L in data},
            {L: spins.configurations for L, spins in data.items()},
            Supervised(members=self.members),
            energies={L: spins.energy for L, spins in data.items()},
            name=name,
        )
        result.estimates |= found.estimates
        estimate = found.estimates[f"critical_temperature/{name}"]
        law = "T_c of the triangular lattice, networks of the square one"
        result.checks.append(honest(estimate, exact, largest_error=0.02, name=law, source="Houtappel 1950",
                                    of=f"critical_temperature/{name}"))  # fmt: skip

    def confusion(self, key, result: Result, plan: dict[str, Any]) -> None:
        """Learning by confusion, told nothing of T_c."""
        key_data, key_read = jax.random.split(key)
        plan = plan | {"samples": min(self.samples, 800), "chains": min(self.chains, 64)}
        data = ising_by_size(key_data, self.confusion_sizes, np.linspace(1.8, 2.8, 26), **plan)
        readings = confusion.read(key_read, data)
        found = confusion.transition(readings)
        result.estimates["critical_temperature/confusion"] = found
        result.checks.append(critical_temperature(found, TC, tolerance=self.view_tolerance, method="confusion",
                                                  of="critical_temperature/confusion"))  # fmt: skip
        result.arrays = result.arrays.merge(confusion.arrays(readings, "blind"))
        result.figures.append("confusion/blind")

    def components(self, key, middle: dict[int, Spins], result: Result) -> None:
        """Principal components, told nothing at all: Binder's ratio of the leading one crosses at T_c."""
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        by_size = {L: some(spins.configurations, rng, 2048) for L, spins in middle.items() if L >= 16}
        found = pca_transition(rng, by_size)
        if found is None:
            result.notes.append("principal components of different sizes do not cross: sample more")
            return
        result.estimates["critical_temperature/pca"] = found
        result.checks.append(critical_temperature(found, TC, tolerance=self.view_tolerance, method="PCA",
                                                  of="critical_temperature/pca"))  # fmt: skip

    def bayes(self, key, result: Result, plan: dict[str, Any]) -> None:
        """Accuracy on unseen chains, T = 1.0(0.1)3.5 with label T < T_c, beside the exact Bayes ceiling."""
        L, T = 16, np.arange(10, 36) / 10
        key_data, key_train = jax.random.split(key)
        plan = plan | {"samples": self.bayes_samples}
        data = ising_by_size(key_data, [L], T, **plan)[L].configurations
        label = data.parameter < TC
        _, test, ordered = held_out(key_train, data, label, ISING_MLP)
        ceiling = bayes.bayes_accuracy(bayes.energy_law(L, T), T < TC)
        hit = (ordered == label[test])[0]
        group, parameter = data.group[test], data.parameter[test]
        result.checks += [f(hit, group, parameter, ceiling, of="accuracy") for f in (at_most_bayes, near_bayes)]
        result.estimates["accuracy"] = Estimate(*accuracy(hit, group, parameter))
        result.estimates["accuracy/bayes_ceiling"] = Estimate(ceiling)


def some(c: Configurations, rng: np.random.Generator, n: int) -> Configurations:
    """At most n rows at each temperature."""
    rows = np.isin(np.arange(c.n), subset(rng, c, n * len(c.points)))
    return keep(c, rows)


def read(key, ends: dict[int, Spins], middle: dict[int, Spins], settings: Supervised) -> tuple[dict[int, Any], Result]:
    """Train at the ends, read off the middle."""
    key_train, key_read = jax.random.split(key)
    ensembles = train_at_the_ends(key_train, {L: spins.configurations for L, spins in ends.items()}, settings)
    by_size = {L: spins.configurations for L, spins in middle.items()}
    energies = {L: spins.energy for L, spins in middle.items()}
    return ensembles, locate_transition(key_read, ensembles, by_size, settings, energies=energies)


def translations(classifiers: Any, spins: Spins) -> Check:
    """The convolutional network holds the lattice's translations exactly."""
    network = jax.tree.map(lambda leaf: leaf[0], eqx.filter(classifiers, eqx.is_array))
    network = eqx.combine(network, classifiers)
    shifts = [lambda x, d=d: jnp.roll(x, d, axis=(0, 1)) for d in ((1, 0), (0, 1), (3, 5))]
    return invariance(network, spins.configurations.x[:64], shifts, name="translations (CNN)")
