# SPDX-License-Identifier: Apache-2.0
"""Approximate the law of binary numbers or spins by a restricted Boltzmann machine, beside rows unseen."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np

from isinglass import checks
from isinglass.errors import InputError
from isinglass.memory import require_memory
from isinglass.result import Check, Estimate, Result
from isinglass.run.precision import require_double
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.energy.discrete_rows import DiscreteRows, RowsFile, checked_discrete, split_sides
from isinglass.tasks.own.approximate_density import mean_over
from isinglass.tasks.own.density_rows import UNDECIDED
from isinglass.tasks.task import ARRAY, AbstractTask, Verb, setting

if TYPE_CHECKING:
    import xarray as xr

    from isinglass.data.arrays import ArrayLike
    from isinglass.sampling.objective.contrastive_divergence import TrainedMachine
    from isinglass.sampling.weight.annealed_partition import AnnealedPartition
    from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine

    RowChains = ArrayLike | list | None
else:
    RowChains = Any

__all__ = ["ApproximateBoltzmannMachine"]

BATCH = 100  # rows of a step
STEPS = 20_000  # of training where no epochs are given
ENUMERATED = 20  # units of a side that is enumerated
SHARES = 10  # of the weights, in chains that are kept
WARMUP, THIN = 500, 25  # sweeps
DIRECTIONS = 8  # principal axes of the rows, which chains are followed along


class LogPartition(NamedTuple):
    """ln Z, and how it was found."""

    value: Estimate
    annealed: "AnnealedPartition | None"


@dataclass(frozen=True)
class ApproximateBoltzmannMachine(AbstractTask):
    """A restricted Boltzmann machine p(v) = Σ_h exp(-E(v, h))/Z from rows of 0 and 1, or of ±1.

        result = approximate(0, x, method="rbm", hidden_units=16)
        more = sample(1, result.models["machine"], method="heat_bath")

    Law: ln p of rows held out, with ln Z by enumeration of a side of at most 20 units, else by annealing both ways.
    Pass: no test of these rows finds a difference.
    Ref: Hinton 2002, doi:10.1162/089976602760128018; Tieleman 2008, doi:10.1145/1390156.1390290.
    """

    verb: ClassVar[Verb] = "approximate"
    problem: ClassVar[tuple[str, ...]] = (ARRAY, "builtins:list")
    guide: ClassVar[str] = "docs/boltzmann_machines.md"
    what: ClassVar[str] = "samples x [n, ...] of 0 and 1 or ±1, with method='rbm'"
    command: ClassVar[str] = "machine"
    source: ClassVar[type] = RowsFile
    least: ClassVar[dict[str, float]] = {"weight_decay": 0}

    method: str = setting("rbm", choices=lambda: ["rbm"])
    """rbm: a restricted Boltzmann machine."""
    hidden_units: int = 16
    """Hidden units; with at most 20, ln Z is exact."""
    hidden: Literal["same", "binary", "spin", "gaussian"] = "same"
    """What they are: the same as the rows, 0 and 1, ±1, or real numbers."""
    negative: Literal["persistent", "contrastive", "tempering"] = "persistent"
    """Chains of the training: kept from step to step, from the rows at each step, or kept and exchanged."""
    sweeps: int = 1
    """Sweeps of the chains in a step, the k of CD-k."""
    epochs: int | None = None
    """Passes over the rows; as many as give 20000 steps if not given, 20 at least."""
    rate: float = 0.05
    """Learning rate; in the second half it falls to a thirtieth."""
    batch: int | None = None
    """Rows of a step, and chains; 100 if not given, or half of the rows trained on where these are few."""
    weight_decay: float = 0.0
    """Shrinks the weights, against overfitting."""
    symmetric: bool = False
    """Of spins: E(-v, -h) = E(v, h), without biases."""
    held_out: float = 0.25
    """Share of the rows that is not trained on."""
    partition: Literal["auto", "exact", "annealed"] = "auto"
    """ln Z by enumeration, or by annealing."""
    annealing_steps: int = 1000
    """Steps of the annealing."""
    samples: int = 2000
    """Samples to keep; of 500 chains."""
    chain: RowChains = setting(None)
    """The Markov chain of each row, a number: no chain is on both sides of the split."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the method is rbm."""
        return settings.get("method") == "rbm"

    def run(
        self, key: Any, problem: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Split the rows, train, sample, find ln Z, and compare."""
        import jax

        begun = time.perf_counter()
        require_double("ln Z of machines")
        rows = checked_discrete(problem)
        self.check_request(rows)
        key_split, key_machine, key_train, key_chains, key_z = jax.random.split(key, 5)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_split)))
        split = split_sides(rng, rows.x, self.chain, self.held_out)
        x, held = rows.x[split.trained], rows.x[split.held]
        trained = self.trained(key_machine, key_train, rows, x, held, checkpoint, progress)
        machine = trained.machine
        progress(0, 1, "sampling, and comparing")
        hot, cold = (chains_of(k, machine, self.samples, start) for k, start in
                     zip(jax.random.split(key_chains), (None, x[rng.choice(len(x), 500)]), strict=True))  # fmt: skip
        log_z = self.log_partition(key_z, machine, hot)
        chains = None if self.chain is None else np.asarray(self.chain)[split.held]
        told = likelihoods(machine, log_z.value, x, held, chains, rows.kind)
        found = self.judged(machine, hot, cold, x, held, rows.x, log_z, told)
        if trained.diverged is not None:
            law = f"training stays finite: it does not in epoch {trained.diverged}; lower the rate"
            found.append(Check(law, None, None, None, "fail"))
        return Result(
            "machine", estimates=told, checks=found, arrays=arrays(machine, hot, held, rows),
            models={"machine": machine}, settings={"rows": len(rows.x), "units": rows.kind, **self.described()},
            seconds=time.perf_counter() - begun, figures=["moments", "machine_weights"],
            status="done" if trained.diverged is None else f"diverged in epoch {trained.diverged}",
            metrics=[{"epoch": float(e), "free_energy_gap": float(g)}
                     for e, g in zip(trained.history["epoch"], trained.history["gap"], strict=True)],
        )  # fmt: skip

    def check_request(self, rows: DiscreteRows) -> None:
        """Errors: InputError for enumeration of too many units, a batch larger than the rows, too large machines."""
        D = rows.x.shape[1]
        smaller = D if self.hidden == "gaussian" else min(self.hidden_units, D)
        if self.partition == "exact" and smaller > ENUMERATED:
            fix = "choose fewer hidden units, or partition='annealed'"
            raise InputError(f"a side of at most {ENUMERATED} units for exact ln Z", f"{smaller}", fix)
        most = self.most_in_a_batch(len(rows.x))
        if self.batch is not None and self.batch > most:
            raise InputError(f"a batch of at most {most}, half of the rows trained on", f"{self.batch}", "lower batch")
        if self.symmetric and "binary" in (rows.kind, self.hidden):
            raise InputError("spins for a symmetric machine", "units of 0 and 1", "give 2*x - 1, or leave it out")
        numbers = 8 * max(self.batch or BATCH, 500) * SHARES * (D + self.hidden_units) + 24 * D * self.hidden_units
        require_memory("chains and weights", numbers, f"{D} units with {self.hidden_units} hidden ones")

    def most_in_a_batch(self, n: int) -> int:
        """Half of the rows trained on, of n rows."""
        return max(int(n * (1 - self.held_out)) // 2, 1)

    def described(self) -> dict[str, Any]:
        """The settings as plain numbers and words."""
        return vars(self) | {"chain": None if self.chain is None else "given"}

    def trained(
        self, key: Any, key_train: Any, rows: DiscreteRows, x: np.ndarray, held: np.ndarray, checkpoint: Path | None,
        progress: ProgressCallable,
    ) -> "TrainedMachine":  # fmt: skip
        """By contrastive divergence."""
        from isinglass.sampling.objective import contrastive_divergence as cd

        hidden = rows.kind if self.hidden == "same" else self.hidden
        machine = cd.untrained(key, 0 * x if self.symmetric else x, self.hidden_units, rows.kind, hidden, rows.sides)
        batch = self.batch or min(BATCH, self.most_in_a_batch(len(rows.x)))
        epochs = self.epochs or max(20, -(-STEPS * batch // len(x)))
        how = cd.ContrastiveDivergence(self.negative, self.sweeps, batch, self.rate, epochs,
                                       weight_decay=self.weight_decay, symmetric=self.symmetric)  # fmt: skip
        if checkpoint is not None:
            checkpoint.mkdir(parents=True, exist_ok=True)
        return cd.train(key_train, machine, x, how, held=held, progress=progress,
                        checkpoint=checkpoint and checkpoint / "machine.safetensors")  # fmt: skip

    def log_partition(self, key: Any, machine: "RestrictedBoltzmannMachine", hot: np.ndarray) -> LogPartition:
        """By enumeration, or both ways from samples at the end of the chains."""
        from isinglass.sampling.weight.annealed_partition import annealed_partition

        if self.partition != "annealed" and machine.enumerable <= ENUMERATED:
            return LogPartition(Estimate(float(machine.log_partition()), 0.0, "nat"), None)
        found = annealed_partition(key, machine, hot[:, -1], steps=self.annealing_steps)
        return LogPartition(Estimate(found.both.value, found.both.error, "nat"), found)

    def judged(
        self, machine: "RestrictedBoltzmannMachine", hot: np.ndarray, cold: np.ndarray, x: np.ndarray,
        held: np.ndarray, rows: np.ndarray, log_z: LogPartition, told: dict[str, Estimate],
    ) -> list[Check]:  # fmt: skip
        """Rows, chains, ln Z, likelihoods, samples against held-out rows."""
        of = checks.boltzmann_machine
        independent = checks.density.rows_independent(rows, 0.0, known=self.chain is not None)
        axes = principal_axes(x)
        follow = lambda v: np.concatenate([v @ axes, energies(machine, v)[..., None]], axis=-1)  # noqa: E731
        mixed = of.chains_mixed(follow(hot), follow(cold))
        rng = np.random.default_rng(0)
        flat = hot[:, -1]
        found = [of.moments_agree(hot, held, len(x), 0), checks.density.laws_agree(flat, held, rng, joint=True),
                 checks.density.neighbors_mixed(flat, held, rng)]  # fmt: skip
        if mixed.verdict != "pass" or (independent.verdict != "pass" and self.chain is None):
            found = [c.doubted(UNDECIDED) for c in found]
        found += [of.better_than_independent(told["log_likelihood_gain"]),
                  of.not_overfitted(told["log_likelihood/training"], told["log_likelihood"],
                                    told["log_likelihood_gain"])]  # fmt: skip
        if log_z.annealed is not None:
            both = log_z.annealed
            found.append(checks.generative.log_z_agrees(both.forward, both.reverse, source="annealing in reverse"))
            if machine.enumerable <= ENUMERATED:
                exact = float(machine.log_partition())
                found.append(checks.generative.log_z_agrees(both.both, exact, source="enumeration"))
        return [independent, mixed, *found]


def chains_of(key: Any, machine: Any, samples: int, start: np.ndarray | None) -> np.ndarray:
    """v [chains, draws, D] of 500 chains, beside chains of weaker weights."""
    import jax
    import jax.numpy as jnp

    from isinglass.sampling.objective.contrastive_divergence import sampled

    single = jax.tree.map(lambda a: jnp.asarray(a, jnp.float32), machine)
    begin = None if start is None else jnp.asarray(start, jnp.float32)
    v = sampled(key, single, begin, chains=500, shares=SHARES, warmup=WARMUP, samples=-(-samples // 500), thin=THIN)
    return np.asarray(v, float).swapaxes(0, 1)


def energies(machine: Any, v: np.ndarray) -> np.ndarray:
    """F(v) of each row."""
    import jax.numpy as jnp

    from isinglass.systems.lattice.boltzmann_machine import free_energies

    return np.asarray(free_energies(machine, jnp.asarray(v.reshape(-1, v.shape[-1])))).reshape(v.shape[:-1])


def principal_axes(x: np.ndarray) -> np.ndarray:
    """The axes [D, K] along which the rows vary most."""
    vectors = np.linalg.eigh(np.cov(x, rowvar=False).reshape(x.shape[1], -1))[1]
    return vectors[:, -DIRECTIONS:]


def likelihoods(
    machine: Any, log_z: Estimate, x: np.ndarray, held: np.ndarray, chains: np.ndarray | None, kind: str
) -> dict[str, Estimate]:
    """Mean ln p of held-out and training rows, of independent units, what is gained over these, and ln Z."""
    ours, some = (-energies(machine, rows) - log_z.value for rows in (held, x[: 4 * len(held)]))
    high = (x == 1).mean(axis=0)
    p = (high * len(x) + 0.5) / (len(x) + 1)
    alone = np.where(held == 1, np.log(p), np.log1p(-p)).sum(axis=1)
    error = log_z.error or 0.0
    wide = lambda e: Estimate(e.value, None if e.error is None else float(np.hypot(e.error, error)), "nat")  # noqa: E731
    held_out = wide(mean_over(ours, chains))
    D = x.shape[1]
    return {
        "log_likelihood": held_out,
        "log_likelihood_per_unit": Estimate(held_out.value / D, held_out.error and held_out.error / D, "nat"),
        "log_likelihood/training": wide(mean_over(some, None)),
        "log_likelihood/independent": mean_over(alone, chains),
        "log_likelihood_gain": wide(mean_over(ours - alone, chains)),
        "log_partition_function": log_z,
    }


def arrays(machine: Any, hot: np.ndarray, held: np.ndarray, rows: DiscreteRows) -> "xr.Dataset":
    """Samples, held-out rows, weights, and the moments of both."""
    import xarray as xr

    sites = tuple(f"axis_{i}" for i in range(len(rows.sides)))
    flat = hot.reshape(-1, hot.shape[-1])
    kind = "ising" if rows.kind == "spin" else "potts"
    i, j = np.triu_indices(flat.shape[1], 1)
    some = np.random.default_rng(0).choice(len(i), min(len(i), 2000), replace=False)
    pair = lambda v: (v[:, i[some]] * v[:, j[some]]).mean(axis=0)  # noqa: E731
    whole = lambda v: v.reshape(-1, *rows.sides).astype(np.int8)  # noqa: E731
    return xr.Dataset(
        {
            "configurations": (("sample", *sites), whole(flat), {"kind": kind}),
            "held_out": (("row", *sites), whole(held)),
            "weights": (("hidden", *sites), np.asarray(machine.weights).T.reshape(-1, *rows.sides)),
            "mean": ("site", flat.mean(axis=0)), "held_out_mean": ("site", held.mean(axis=0)),
            "pair": ("pair", pair(flat)), "held_out_pair": ("pair", pair(held)),
        }
    )  # fmt: skip
