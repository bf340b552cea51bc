# SPDX-License-Identifier: Apache-2.0
"""Phases without an order parameter: Ising gauge theory and square ice, T = 0 against T = ∞, told apart by networks."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int, Shaped

from isinglass.checks.classifier import accuracy
from isinglass.checks.energy import mean_value
from isinglass.data.files import from_dataset
from isinglass.exact.lattice import gauge
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.lattice.ising_data import snapshots
from isinglass.inference.phases.classifier import logits, train_classifiers
from isinglass.inference.phases.two_phases import GAUGE_CNN, GAUGE_MLP, TwoPhases
from isinglass.nets.classifier.classifier import Classifier
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems import IsingGauge, SquareIce
from isinglass.verbs import sample

__all__ = ["GaugePhases"]

ICE_LADDER = np.array([0.16, 0.19, 0.24, 0.32])  # T = 0.32 forgets in a few sweeps; at 0.16 most rows are ice
# By heat bath: Metropolis, which always accepts ΔE = 0, would march the defects in step, so that few ever meet.
METHOD: dict[str, Any] = {"method": "tempering", "effective_samples": None}
LABELS = {
    "output_cnn": "P(ordered)",
    "ground_state_share": "share with all plaquettes +1",
    "plaquette": "mean plaquette",
}
GROUND_SOURCE = "exact Z of the torus, Wegner 1971, doi:10.1063/1.1665530"


class Phases(NamedTuple):
    """Configurations of two phases, half and half, and which of them no network is shown."""

    x: Shaped[np.ndarray, "n *site"]
    ordered: Bool[np.ndarray, " n"]
    chain: Int[np.ndarray, " n"]  # the Markov chain that a row comes from; where rows are independent, its number
    test: Bool[np.ndarray, " n"]  # every fourth chain


@dataclass(frozen=True)
class GaugePhases(AbstractExperiment):
    """Networks against a constraint: plaquettes Π s = +1 of the gauge theory, two arrows in and two out of ice."""

    name: ClassVar[str] = "gauge-phases"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "phases without order parameter: gauge theory and square ice"
    rows: ClassVar[tuple[int, ...]] = (7, 8)
    paper: ClassVar[str] = "Carrasquilla and Melko 2017, arXiv:1605.01735"
    claim: ClassVar[str] = "gauge theory: a CNN is right always, a perceptron half the time; square ice: both 99 %"
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
    """The perceptron is shown each training configuration in so many random translations."""
    cnn_steps: int = 800
    """Training steps of the convolutional network."""
    mlp_steps: int = 10_000
    """Training steps of the perceptron."""
    temperature: tuple[float, ...] = (0.3, 0.36, 0.4, 0.5, 0.6, 0.8, 1.2, 1.6, 2.0, 3.0)
    """Where the gauge theory is sampled and the network, trained at T = 0 and ∞ alone, is read."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Gauge theory, then ice."""
        keys = jax.random.split(key, 5)
        result = Result(self.name, settings=asdict(self))
        progress(0, 4, "gauge theory: networks")
        constrained, ice = IsingGauge((self.size, self.size)), SquareIce((self.size, self.size))
        phases = independent_phases(keys[0], constrained, self.samples)
        cnn = self.tell_apart(keys[1], phases, "gauge", result)["cnn"]
        result.estimates["gauge_accuracy/exact"] = hit_rate(unbroken(constrained, phases)[None], phases)
        progress(1, 4, "gauge theory: sampling")
        self.against_temperature(keys[2], constrained, cnn, result, checkpoint and checkpoint / "gauge")
        progress(2, 4, "square ice: sampling")
        phases = self.ice_phases(keys[3], ice, checkpoint and checkpoint / "ice")
        progress(3, 4, "square ice: networks")
        self.tell_apart(keys[4], phases, "ice", result)
        result.estimates["ice_accuracy/exact"] = hit_rate(frozen(ice, phases)[None], phases)
        result.notes.append(
            "The network was shown T = 0 and T = ∞ alone. It follows the mean plaquette, not the exact rule: it calls "
            "configurations ordered at temperatures where hardly one is a ground state. No transition is at T > 0."
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
        """The knobs of both kinds."""
        cnn = replace(GAUGE_CNN, members=self.members, steps=self.cnn_steps)
        return {
            "cnn": cnn,
            "mlp": replace(GAUGE_MLP, members=self.members, steps=self.mlp_steps, batch_size=128, schedule="cosine"),
        }

    def tell_apart(self, key, phases: Phases, system: str, result: Result) -> dict[str, Classifier]:
        """Train both kinds of network and count their hits on rows from chains they have not seen.

        The law of both systems is translation invariant, so translated copies of the training rows are as good as
        new ones; a convolution has them built in, the perceptron must be shown them.
        """
        models = {}
        for i, (name, knobs) in enumerate(self.networks().items()):
            key_copies, key_train = jax.random.split(jax.random.fold_in(key, i))
            x, ordered = phases.x[~phases.test], phases.ordered[~phases.test]
            if name == "mlp":
                x = translated(key_copies, x, self.translations)
                ordered = np.tile(ordered, len(x) // len(ordered))
            models[name] = train_classifiers(key_train, x, ordered, knobs)
            said = logits(models[name], phases.x[phases.test], chunk=256) > 0
            result.estimates[f"{system}_accuracy/{name}"] = hit_rate(said == phases.ordered[phases.test], phases)
        result.models |= {f"{system}/{name}": model for name, model in models.items()}
        return models

    def against_temperature(self, key, system: IsingGauge, cnn: Classifier, result: Result, checkpoint) -> None:
        """Plaquettes and share of ground states against their exact values, and what the network says in between."""
        T = np.array(sorted(self.temperature))
        drawn = sample(key, system, T, **self.plan(16 * self.chains, checkpoint))
        configurations = from_dataset(drawn.arrays)
        Np = self.size**2
        plaquette = drawn.arrays["order_parameter"].to_numpy()
        ground = -drawn.arrays["energy"].to_numpy() == Np
        exact = np.array([ground_state_probability(1 / t, Np) for t in T])
        law = "share of configurations in a ground state, over all temperatures"
        chain = drawn.arrays["chain"].to_numpy()
        result.checks += [replace(check, law=f"{check.law} (gauge theory)", of="") for check in drawn.checks]
        result.checks.append(mean_value(law, ground.astype(float), chain, float(exact.mean()), source=GROUND_SOURCE))
        said = jax.nn.sigmoid(jnp.asarray(logits(cnn, configurations.x, chunk=256))).mean(axis=0)
        by_chain = {"output_cnn": np.asarray(said), "ground_state_share": ground.astype(float), "plaquette": plaquette}
        shape = (len(T), self.chains, -1)  # rows of one chain at one temperature are correlated: one mean of each
        order = np.lexsort((chain, drawn.arrays["temperature"].to_numpy()))
        result.arrays = xr.Dataset(coords={"size": [self.size], "temperature": T})
        for name, values in by_chain.items():
            means = values[order].reshape(shape).mean(axis=2)
            error = means.std(axis=1, ddof=1) / self.chains**0.5
            result.arrays[name] = (("size", "temperature"), means.mean(axis=1)[None], {"long_name": LABELS[name]})
            result.arrays[f"{name}_error"] = (("size", "temperature"), error[None])
        result.arrays["ground_state_share_exact"] = ("temperature", exact)
        result.arrays["plaquette_exact"] = ("temperature", [gauge.plaquette(1 / t, Np) for t in T])
        result.arrays = result.arrays.assign(snapshots(configurations))

    def ice_phases(self, key, system: SquareIce, checkpoint: Path | None) -> Phases:
        """Ice states and random arrows.

        At every temperature the rows without charge are equally likely, so all of them serve.
        """
        key_cold, key_hot = jax.random.split(key)
        drawn = sample(key_cold, system, ICE_LADDER, **self.plan(-(-self.samples * 2 // 3), checkpoint))
        ice = np.flatnonzero(drawn.arrays["energy"].to_numpy() == 0)[: self.samples]
        cold, chain = drawn.arrays["configurations"].to_numpy()[ice], drawn.arrays["chain"].to_numpy()[ice]
        return two_phases(cold, at_infinite_temperature(key_hot, system, len(ice)), chain)


def independent_phases(key, system: IsingGauge, n: int) -> Phases:
    """n ground states and n states of infinite temperature, each by itself."""
    key_cold, key_hot = jax.random.split(key)
    cold = np.asarray(jax.vmap(system.ground_state)(jax.random.split(key_cold, n)))
    return two_phases(cold, at_infinite_temperature(key_hot, system, n), np.arange(n))


def at_infinite_temperature(key, system: Any, n: int) -> Shaped[np.ndarray, "n *site"]:
    """Every link at random."""
    return np.asarray(jax.vmap(system.random_configuration)(jax.random.split(key, n)))


def two_phases(cold, hot, chain) -> Phases:
    """The order of rows says nothing to the networks, which draw batches at random."""
    ordered = np.repeat([True, False], len(cold))
    chain = np.tile(chain, 2)
    return Phases(np.concatenate([cold, hot]), ordered, chain, chain % 4 == 0)


def translated(key, x: Shaped[np.ndarray, "n Lx Ly 2"], copies: int) -> Shaped[np.ndarray, "m Lx Ly 2"]:
    """All rows in `copies` translations around the torus (or all there are), drawn at random, all different."""
    Lx, Ly = x.shape[1:3]
    steps = np.asarray(jax.random.permutation(key, Lx * Ly))[:copies]
    return np.concatenate([np.roll(x, divmod(int(step), Ly), axis=(1, 2)) for step in steps])


def unbroken(system: IsingGauge, phases: Phases) -> Bool[np.ndarray, " test"]:
    """Hits of the exact classifier: ordered where all plaquettes are +1."""
    said = (jax.vmap(system.plaquette)(jnp.asarray(phases.x[phases.test])) == 1).all(axis=1)
    return np.asarray(said) == phases.ordered[phases.test]


def frozen(system: SquareIce, phases: Phases) -> Bool[np.ndarray, " test"]:
    """Hits of the exact classifier: ordered where no vertex has a charge."""
    return (np.asarray(jax.vmap(system.energy)(jnp.asarray(phases.x[phases.test]))) == 0) == phases.ordered[phases.test]


def hit_rate(hits: Bool[np.ndarray, "members test"], phases: Phases) -> Estimate:
    """Share of hits; its error from chains and from networks, never below one miss in the test rows."""
    chain, phase = phases.chain[phases.test], phases.ordered[phases.test].astype(float)
    p, error = np.transpose([accuracy(hit, chain, phase) for hit in hits])
    networks = p.std(ddof=1) / len(p) ** 0.5 if len(p) > 1 else 0.0
    return Estimate(float(p.mean()), float(max(np.hypot(error.mean(), networks), 1 / hits.shape[1])))


def accuracy_checks(estimates: dict[str, Estimate]) -> list[Check]:
    """What was published, and what is exact."""
    source = GaugePhases.paper
    found = {name: (estimate.value, estimate.error) for name, estimate in estimates.items()}

    def at_least(law: str, name: str, bound: float, source: str = source) -> Check:
        value, error = found[name]
        return Check.at_least(law, value, bound, error=error, source=source, of=name)

    value, error = found["gauge_accuracy/mlp"]
    return [
        at_least("gauge theory: accuracy of the CNN", "gauge_accuracy/cnn", 0.99),
        Check.at_most(
            "gauge theory: the perceptron fails", value, 0.55, error=error, source=source, of="gauge_accuracy/mlp"
        ),
        at_least("gauge theory: 'all plaquettes +1' decides", "gauge_accuracy/exact", 1.0, "exact but for 2^-Np"),
        at_least("square ice: accuracy of the perceptron", "ice_accuracy/mlp", 0.99),
        at_least("square ice: accuracy of the CNN", "ice_accuracy/cnn", 0.99),
        at_least("square ice: 'no charge at any vertex' decides", "ice_accuracy/exact", 1.0, "the ice rule"),
    ]


def accuracy_table(estimates: dict[str, Estimate]) -> dict[str, Any]:
    """The accuracies as the figure wants them."""
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
