# SPDX-License-Identifier: Apache-2.0
"""Phases without an order parameter: Ising gauge theory and square ice, T = 0 against T = ∞, by networks."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
from jaxtyping import Float, Shaped

from isinglass.checks.classifier import hit_rate
from isinglass.checks.energy import grouped_mean, mean_value
from isinglass.data.configurations import Configurations, snapshots
from isinglass.data.files import from_dataset
from isinglass.exact.lattice import gauge
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.inference.phases import GAUGE_CNN, GAUGE_MLP, TwoPhases
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.systems import IsingGauge, SquareIce
from isinglass.tasks.cases import labelled
from isinglass.verbs import infer, sample

__all__ = ["GaugePhases"]

ICE_LADDER = np.array([0.16, 0.19, 0.24, 0.32])  # T = 0.32 forgets in a few sweeps; at 0.16 most rows are ice
# By heat bath: Metropolis, which always accepts ΔE = 0, would move the defects in step, so that few ever meet.
METHOD: dict[str, Any] = {"method": "tempering", "effective_samples": None}
LABELS = {"ground_state_share": "fraction of configurations with all plaquettes +1", "plaquette": "mean plaquette"}
GROUND_SOURCE = "exact Z of the torus, Wegner 1971, doi:10.1063/1.1665530"


@dataclass(frozen=True)
class GaugePhases(AbstractExperiment):
    """Networks against a constraint: plaquettes Π s = +1 of the gauge theory, two arrows in and two out of ice."""

    name: ClassVar[str] = "gauge-phases"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "phases without order parameter: gauge theory and square ice"
    rows: ClassVar[tuple[int, ...]] = (7, 8)
    paper: ClassVar[str] = "Carrasquilla and Melko 2017, arXiv:1605.01735"
    claim: ClassVar[str] = "gauge theory: a CNN is always right, a perceptron half of the time; square ice: both 99 %"
    guide: ClassVar[str] = "docs/course/02_phases.py"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            "size": 8, "samples": 2048, "chains": 32, "members": 1, "translations": 16,
            "cnn_steps": 250, "mlp_steps": 1500, "temperature": (0.4, 0.5, 0.7, 1.0, 2.0),
        },
        "laptop": {},
        "paper": {"samples": 40_000, "chains": 256, "members": 10},
    }  # fmt: skip

    size: int = 16
    """Side L of both lattices."""
    samples: int = 8192
    """Configurations of each phase; a quarter of the chains is held out."""
    chains: int = 64
    """Independent Markov chains, where chains are needed."""
    members: int = 3
    """Independently trained networks of each kind."""
    translations: int = 32
    """Random translations of each training configuration that the perceptron is trained on."""
    cnn_steps: int = 800
    """Training steps of the convolutional network."""
    mlp_steps: int = 10_000
    """Training steps of the perceptron."""
    temperature: tuple[float, ...] = (0.3, 0.36, 0.4, 0.5, 0.6, 0.8, 1.2, 1.6, 2.0, 3.0)
    """Where the gauge theory is sampled and the network, trained at T = 0 and ∞ alone, is evaluated."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Gauge theory, then ice."""
        keys = jax.random.split(key, 5)
        constrained, ice = IsingGauge((self.size, self.size)), SquareIce((self.size, self.size))
        phases = independent_phases(keys[0], constrained, self.samples)
        result = Result(self.name, settings=asdict(self))
        unbroken = jax.vmap(lambda x: (constrained.plaquette(x) == 1).all())
        self.classify(keys[1], "gauge", phases, unbroken, result, progress)
        checkpoints = [checkpoint and checkpoint / name for name in ("gauge", "ice")]
        self.against_temperature(keys[2], constrained, result, progress, checkpoints[0])
        phases = self.ice_phases(keys[3], ice, progress, checkpoints[1])
        uncharged = jax.vmap(lambda x: ice.energy(x) == 0)
        self.classify(keys[4], "ice", phases, uncharged, result, progress)
        result.notes.append(
            "The network was shown T = 0 and T = ∞ alone. It follows the mean plaquette, not the exact rule: it calls "
            "configurations ordered at temperatures where hardly one is a ground state. There is no transition "
            "at T > 0."
        )
        result.checks = accuracy_checks(result.estimates) + result.checks
        result.arrays = result.arrays.assign(accuracy_table(result.estimates))
        result.figures = [
            "accuracy", "samples", "network_output/cnn", "curve_vs_parameter/ground_state_share",
            "curve_vs_parameter/plaquette",
        ]  # fmt: skip
        return result

    def plan(self, samples: int, checkpoint: Path | None) -> dict[str, Any]:
        """Defects meet by diffusion, in some L² sweeps."""
        sweeps = {"thin": max(5, self.size**2 // 24), "warmup": 5 * self.size**2}
        return METHOD | sweeps | {"samples": samples, "chains": self.chains, "checkpoint": checkpoint}

    def networks(self) -> dict[str, TwoPhases]:
        """The settings of both kinds of network."""
        cnn = replace(GAUGE_CNN, members=self.members, steps=self.cnn_steps)
        mlp = replace(
            GAUGE_MLP, members=self.members, steps=self.mlp_steps, batch_size=128, schedule="cosine",
            translations=self.translations,
        )  # fmt: skip
        return {"cnn": cnn, "mlp": mlp}

    def classify(
        self, key: Any, system: str, phases: Configurations, exact: Callable, result: Result,
        progress: ProgressCallable = silent,
    ) -> None:  # fmt: skip
        """Accuracies of both kinds of network, and of the exact rule, on held-out chains: every fourth."""
        test = np.asarray(phases.chain) % 4 == 0
        for i, (name, knobs) in enumerate(self.networks().items()):
            k, report = jax.random.fold_in(key, i), telling(progress, system)
            found = infer(k, phases, method=knobs, held_out=test, progress=report)
            result.estimates[f"{system}_accuracy/{name}"] = found.estimates[f"accuracy/{name}"]
            result.models[f"{system}/{name}"] = found.models[name]
        ordered = phases.parameter[test] == 0
        hits = np.asarray(exact(phases.x[test])) == ordered
        group = phases.group[test]
        result.estimates[f"{system}_accuracy/exact"] = hit_rate(hits[None], group, ordered.astype(float))

    def against_temperature(
        self, key: Any, system: IsingGauge, result: Result, progress: ProgressCallable, checkpoint: Path | None
    ) -> None:
        """Plaquettes and share of ground states against their exact values, and what the network says in between."""
        T, Np = np.array(sorted(self.temperature)), self.size**2
        drawn = sample(key, system, T, progress=telling(progress, "gauge"), **self.plan(16 * self.chains, checkpoint))
        cnn = result.models["gauge/cnn"]
        result.arrays = infer(key, drawn, method=self.networks()["cnn"], networks=cnn, progress=progress).arrays
        energy, plaquette, temperature, chain = (
            drawn.arrays[name].to_numpy() for name in ("energy", "order_parameter", "temperature", "chain")
        )
        ground = (energy == -Np).astype(float)
        for name, values in {"ground_state_share": ground, "plaquette": plaquette}.items():
            curve = np.array([grouped_mean(values[temperature == t], chain[temperature == t]) for t in T])
            result.arrays[name] = (("size", "temperature"), curve[None, :, 0], {"long_name": LABELS[name]})
            result.arrays[f"{name}_error"] = (("size", "temperature"), curve[None, :, 1])
        exact = np.array([ground_state_probability(1 / t, Np) for t in T])
        result.arrays["ground_state_share_exact"] = ("temperature", exact)
        result.arrays["plaquette_exact"] = ("temperature", [gauge.plaquette(1 / t, Np) for t in T])
        result.arrays = result.arrays.assign(snapshots(from_dataset(drawn.arrays)))
        law = "fraction of configurations in a ground state, over all temperatures"
        result.checks += labelled(drawn.checks, "gauge theory", estimates=False)
        result.checks.append(mean_value(law, ground, chain, float(exact.mean()), source=GROUND_SOURCE))

    def ice_phases(
        self, key: Any, system: SquareIce, progress: ProgressCallable, checkpoint: Path | None
    ) -> Configurations:
        """Ice states and random arrows.

        At every temperature the rows without charge are equally likely, so all of them serve.
        """
        key_cold, key_hot = jax.random.split(key)
        plan = self.plan(-(-self.samples * 2 // 3), checkpoint)
        drawn = sample(key_cold, system, ICE_LADDER, progress=telling(progress, "ice"), **plan)
        ice = np.flatnonzero(drawn.arrays["energy"].to_numpy() == 0)[: self.samples]
        cold, chain = drawn.arrays["configurations"].to_numpy()[ice], drawn.arrays["chain"].to_numpy()[ice]
        return two_phases(cold, at_infinite_temperature(key_hot, system, len(ice)), chain)


def independent_phases(key, system: IsingGauge, n: int) -> Configurations:
    """n ground states and n states of infinite temperature, each by itself."""
    key_cold, key_hot = jax.random.split(key)
    cold = np.asarray(jax.vmap(system.ground_state)(jax.random.split(key_cold, n)))
    return two_phases(cold, at_infinite_temperature(key_hot, system, n), np.arange(n))


def at_infinite_temperature(key, system: Any, n: int) -> Shaped[np.ndarray, "n *site"]:
    """Independent links s = ±1: T = ∞."""
    return np.asarray(jax.vmap(system.random_configuration)(jax.random.split(key, n)))


def two_phases(cold, hot, chain) -> Configurations:
    """T = 0 and T = ∞; the order of rows says nothing to the networks, whose batches are random."""
    T = np.repeat([0.0, np.inf], len(cold))
    return Configurations(np.concatenate([cold, hot]), T, "ising", chain=np.tile(chain, 2), channels=True)


def accuracy_checks(estimates: dict[str, Estimate]) -> list[Check]:
    """The accuracies against published and exact ones."""
    source = GaugePhases.paper
    found = {name: (estimate.value, estimate.error) for name, estimate in estimates.items()}

    def at_least(law: str, name: str, bound: float, source: str = source) -> Check:
        value, error = found[name]
        return Check.at_least(law, value, bound, error=error, source=source, of=name).resolved()

    value, error = found["gauge_accuracy/mlp"]
    return [
        at_least("gauge theory: accuracy of the CNN", "gauge_accuracy/cnn", 0.99),
        Check.at_most(
            "gauge theory: the perceptron fails", value, 0.55, error=error, source=source, of="gauge_accuracy/mlp"
        ).resolved(),
        at_least("gauge theory: 'all plaquettes +1' decides", "gauge_accuracy/exact", 1.0, "exact but for 2^-Np"),
        at_least("square ice: accuracy of the perceptron", "ice_accuracy/mlp", 0.99),
        at_least("square ice: accuracy of the CNN", "ice_accuracy/cnn", 0.99),
        at_least("square ice: 'no charge at any vertex' decides", "ice_accuracy/exact", 1.0, "the ice rule"),
    ]


def accuracy_table(estimates: dict[str, Estimate]) -> dict[str, Any]:
    """The accuracies as an array for the figure."""
    systems, networks = ("gauge", "ice"), ("cnn", "mlp", "exact")
    table = [[estimates[f"{system}_accuracy/{network}"] for network in networks] for system in systems]
    return {
        "accuracy": (("system", "network"), [[e.value for e in row] for row in table]),
        "accuracy_error": (("system", "network"), [[e.error for e in row] for row in table]),
        "system": ["Ising gauge theory", "square ice"],
        "network": list(networks),
    }


def ground_state_probability(beta: float, Np: int) -> Float[np.ndarray, ""] | float:
    """P(all plaquettes +1) = 2^(Np + 1) exp(beta Np) / Z, J = 1."""
    return float(np.exp((Np + 1) * np.log(2) + beta * Np - gauge.log_partition_function(beta, Np)))
