# SPDX-License-Identifier: Apache-2.0
"""The deepest minima of Lennard-Jones clusters by basin hopping, on the true surface and on a learned one."""

from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass import data
from isinglass.approximation.harmonic.basin_hopping import BasinHopping, Cluster, hops, quenched, started
from isinglass.errors import InputError
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.particle.potential.pair_lennard_jones import PairLennardJones
from isinglass.systems.particle.structure import AtomsInPotential
from isinglass.verbs import approximate

__all__ = ["LJClusters"]

DEEPEST = {7: -16.505384, 13: -44.326801, 19: -72.659782, 38: -173.928427}  # ε
SOURCE = "Cambridge Cluster Database; Wales and Doye 1997, doi:10.1021/jp970984n"
SECOND = {7: -15.935, 13: -41.472, 38: -173.252}  # ε: what is deeper belongs to the deepest minimum
ROUNDED = 1e-6  # ε
HOT = 1.2  # ε, of hops: with 0.8 the deepest of 38 atoms takes several times as many
AROUND = 0.05  # of the frames, added in a round
AWAY = (0.4, 0.45, 0.5)  # σ: steps along each axis from what was found
WALKERS, STAGES = 32, (20, 40, 500)  # that frames are taken from, after so many evaluations on the way down from a hop


@dataclass(frozen=True)
class LJClusters(AbstractExperiment):
    """Random clusters hop to the minima of the Cambridge Cluster Database.  Unit: ε = 1 eV, σ = 1 Å.

    A potential is learned from clusters on their way down from hops, none of which comes to rest as deep as the second
    minimum; walkers hop on it.  Clusters around what they find, of which again none comes to rest there, are added, it
    is learned anew, and walkers go on.  What they find in the end is brought to rest on the true surface.
    """

    name: ClassVar[str] = "lj-clusters"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "deepest minima of Lennard-Jones clusters on true and learned surfaces"
    rows: ClassVar[tuple[int, ...]] = (3, 37)
    paper: ClassVar[str] = "Wales and Doye 1997, doi:10.1021/jp970984n"
    claim: ClassVar[str] = "the minima of the Cambridge Cluster Database to 1e-6, by the learned surface too"
    guide: ClassVar[str] = "docs/potentials.md"
    least: ClassVar[dict[str, float]] = {"rounds": 0}
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (13,), "learned_sizes": (13,), "frames": 500, "epochs": 60, "hops": 20, "rounds": 0},
        "laptop": {},
        "paper": {
            "sizes": (13, 19, 38),
            "large_hops": 5000,
            "large_learned_hops": 2000,
            "frames": 3000,
            "epochs": 300,
        },
    }

    sizes: tuple[int, ...] = (13, 38)
    """Numbers of atoms on the true surface, among 7, 13, 19 and 38."""
    learned_sizes: tuple[int, ...] = (13, 38)
    """Numbers of atoms on the learned surface, among 7, 13 and 38: one potential for all."""
    model: Literal["mace", "nequip", "moments"] = "moments"
    """The network."""
    frames: int = 900
    """Labelled clusters of the largest of these numbers of atoms; of others in proportion to their atoms."""
    epochs: int = 120
    """Passes over them."""
    hops: int = 100
    """Hops of each of 8 walkers, up to 19 atoms."""
    large_hops: int = 1000
    """Hops of each of 16 walkers on the true surface, more atoms."""
    large_learned_hops: int = 500
    """The same on the learned surface, where a hop costs ten times as much."""
    rounds: int = 2
    """Rounds of active learning: frames around what hops found on the learned surface are added to the training."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Hop on the true surface, learn, hop on what was learned."""
        for name, known in (("sizes", DEEPEST), ("learned_sizes", SECOND)):
            if wrong := [n for n in getattr(self, name) if n not in known]:
                raise InputError(f"{name} among {', '.join(map(str, known))}", str(wrong[0]), "choose some of them")
        keys = jax.random.split(key, 3)
        how = lambda part: {"progress": progress, "checkpoint": checkpoint and checkpoint / part}  # noqa: E731
        true = {
            n: self.hopped(jax.random.fold_in(keys[0], n), lennard_jones(), n, how(f"true_{n}")) for n in self.sizes
        }
        key_train, key_test, key_fit, key_around = jax.random.split(keys[1], 4)
        frames, found, first = self.clusters(key_train), {}, {}
        test = labelled(self.clusters(key_test, share=0.1))
        for k in range(self.rounds + 1):
            result = approximate(key_fit, labelled(frames), model=self.model, test=test, cutoff=3.5, waves=14,
                                 channels=12, repulsion=True, epochs=self.epochs, batch=4,
                                 energy_weight=1e4, weight_growth=30.0, **how(f"potential_{k}"))  # fmt: skip
            learned = {n: self.on_learned(jax.random.fold_in(keys[2], n), result, n, found.get(n),
                                          how(f"learned_{n}_{k}")) for n in self.learned_sizes}  # fmt: skip
            first = first or learned
            found = {n: run.arrays["positions"].to_numpy() for n, run in learned.items() if run is not None}
            if k < self.rounds:
                key_n = partial(jax.random.fold_in, jax.random.fold_in(key_around, k))
                frames += [one for n, x in found.items() for one in around(key_n(n), x, self.count(n, AROUND))]
        self.judge(result, true, learned)
        known = {n: run for n, run in first.items() if run is not None}
        result.estimates |= {f"hops/learned_{n}": run.estimates["hops_to_deepest"] for n, run in known.items()}
        result.name, result.settings = self.name, asdict(self)
        return result

    def count(self, n: int, share: float = 1.0) -> int:
        """Clusters of n atoms to train on, or a share of them."""
        return max(1, round(share * self.frames * n / max(self.learned_sizes)))

    def clusters(self, key: Any, share: float = 1.0) -> list[Any]:
        """Of all sizes, to learn from."""
        return [one for n in self.learned_sizes for one in hopping(key, n, self.count(n, share))]

    def hopped(self, key: Any, potential: Any, n: int, how: dict[str, Any], start: Any = None) -> Result:
        """The deepest minimum from a random start; or from one that is given, by a fifth of the hops."""
        large, known = n > 19, isinstance(potential, PairLennardJones)
        most = (self.large_hops if known else self.large_learned_hops) if large else self.hops
        x = np.asarray(random_positions(key, n)[0]) if start is None else start
        atoms = AtomsInPotential(potential, data.atoms.atomic_structure(random_cluster(x)))
        count = most if start is None else max(1, most // 5)
        return approximate(jax.random.fold_in(key, 1), atoms, cell="none", hops=count,
                           walkers=16 if large else 8, hop_temperature=HOT,
                           properties="phonons" if known else "none", reach=1.0, **how)  # fmt: skip

    def on_learned(self, key: Any, result: Result, n: int, start: Any, how: dict[str, Any]) -> Result | None:
        """The deepest minimum of the learned surface; none where atoms fall into each other."""
        try:
            return self.hopped(key, result.models["potential"], n, how, start)
        except InputError as error:
            law = f"the learned surface of {n} atoms has a minimum whose atoms are apart"
            result.checks.append(Check(law, None, None, None, "fail", source=error.found))
            return None

    def judge(self, result: Result, true: dict[int, Result], learned: dict[int, Result | None]) -> None:
        """Energies beside the database's; the learned one's own is beside that of the true surface there."""
        for n, run in true.items():
            self.deepest(result, f"{n}", n, run, f"deepest minimum of {n} atoms, ε")
            result.estimates[f"hops/{n}"] = run.estimates["hops_to_deepest"]
            result.checks += [replace(check, law=f"{n} atoms: {check.law}", of="") for check in run.checks]
            result.arrays[f"deepest_energy_{n}"] = run.arrays["deepest_energy"].rename(
                hop=f"hop_{n}", walker=f"walker_{n}"
            )
            result.figures.append(f"basin_hopping/{n}")
        for n, run in learned.items():
            if run is not None:
                self.brought_to_rest(result, n, run)

    def brought_to_rest(self, result: Result, n: int, learned: Result) -> None:
        """What the learned surface has, beside the true minimum that it belongs to."""
        atoms = data.atoms.atomic_structure(random_cluster(np.zeros((n, 3))))
        found = atoms._replace(positions=learned.arrays["positions"].to_numpy())
        rest = approximate(0, AtomsInPotential(lennard_jones(), found), cell="none", properties="none")
        result.estimates[f"energy/learned_{n}"] = energy_of(learned, n)
        law = f"minimum of {n} atoms on the learned surface, brought to rest on the true one, ε"
        self.deepest(result, f"learned_{n}_at_rest", n, rest, law)
        off = energy_of(learned, n).value - energy_of(rest, n).value
        law = f"energy of the learned surface of {n} atoms there, beside the true one, ε (half of the gap to the next)"
        result.checks.append(Check.within(law, off, 0.0, (SECOND[n] - DEEPEST[n]) / 2, source="the true surface"))

    def deepest(self, result: Result, name: str, n: int, run: Result, law: str) -> None:
        """E of a run beside the database's."""
        result.estimates[f"energy/{name}"] = energy_of(run, n)
        result.checks.append(Check.within(law, energy_of(run, n).value, DEEPEST[n], ROUNDED, source=SOURCE,
                                          of=f"energy/{name}"))  # fmt: skip


def labelled(frames: list[Any]) -> Any:
    """Clusters with energies and forces of the true surface."""
    return data.atoms.calculated(frames, data.atoms.InteratomicCalculator(lennard_jones()))


def lennard_jones() -> PairLennardJones:
    """ε = 1 eV, σ = 1 Å; as good as uncut: beyond 15 σ, where it begins to fade, no cluster reaches."""
    return PairLennardJones(epsilon=1.0, sigma=1.0, onset=15.0, cutoff=20.0)


def energy_of(run: Result, n: int) -> Estimate:
    """E of all atoms."""
    return Estimate(n * run.estimates["energy_per_atom"].value, None, "ε")


def random_positions(key: Any, n: int, count: int = 1) -> Any:
    """Uniform in a ball of a density a little below the solid's; `count` times."""
    return jax.random.ball(key, 3, shape=(count, n), dtype=float) * (1.2 * n / (4 * jnp.pi / 3)) ** (1 / 3)


def random_cluster(x: np.ndarray) -> Any:
    """Argon in the open."""
    from ase import Atoms

    return Atoms(numbers=[18] * len(x), positions=x)


def hopping(key: Any, n: int, frames: int) -> list[Any]:
    """n atoms on their way down from hops on the true surface.  Errors: InputError where too few are found.

    None comes to rest as deep as the second minimum; a walker that does begins anew.
    """
    kept: list[Any] = []
    cluster, method = Cluster(lennard_jones(), jnp.zeros(n, int)), BasinHopping(temperature=jnp.asarray(HOT / 2))
    at_random = lambda key: started(cluster, method, jnp.asarray(0.0), random_positions(key, n, WALKERS))  # noqa: E731
    walkers = at_random(key)
    for k in range(max(10, frames)):
        key_new, key_x, key_hop = jax.random.split(jax.random.fold_in(key, k), 3)
        if (deep := walkers.value <= SECOND[n]).any():
            anew = partial(jax.vmap(jnp.where), deep)
            walkers = jax.tree.map(anew, at_random(key_new), walkers)
        kept += falling(key_x, cluster, walkers.x, method.step, STAGES[k % len(STAGES)])
        if len(kept) >= frames:
            return kept[:frames]
        walkers, _ = hops(cluster, method, jnp.asarray(0.0), walkers, jax.random.split(key_hop, (10, WALKERS)))
    raise InputError(f"{frames} clusters above the second minimum", f"{len(kept)}", "ask for fewer frames")


def around(key: Any, x: Float[np.ndarray, "n 3"], frames: int) -> list[Any]:
    """Atoms on their way down from steps away from x, of which again none comes to rest as deep as the second minimum.

    As many as are found, and no more than `frames`.
    """
    cluster, many = Cluster(lennard_jones(), jnp.zeros(len(x), int)), jnp.repeat(jnp.asarray(x)[None], WALKERS, axis=0)
    ways = [(step, evaluations) for evaluations in STAGES for step in AWAY]
    each = (falling(jax.random.fold_in(key, k), cluster, many, *way) for k, way in enumerate(ways))
    return [one for some in each for one in some[: -(-frames // len(ways))]][:frames]


def falling(key: Any, cluster: Cluster, x: Float[Array, "walkers n 3"], step: float, evaluations: int) -> list[Any]:
    """Atoms a step away from x, `evaluations` on their way down on the true surface, distorted a little."""
    n = x.shape[1]
    key_step, key_size, key_x = jax.random.split(key, 3)
    x = down(cluster, x + step * jax.random.uniform(key_step, x.shape, float, -1.0, 1.0), evaluations)
    size = jax.random.uniform(key_size, (len(x), 1, 1), float, 0.0, 0.03)
    x = x + size * jax.random.normal(key_x, x.shape, float)
    (E, apart), (at_rest, _) = seen(cluster, x), seen(cluster, down(cluster, x))
    fine = (at_rest > SECOND[n]) & (E < 0.75 * SECOND[n]) & (apart > 0.95)  # noqa: PLR2004
    return [random_cluster(one) for one in np.asarray(x[fine])]


def down(cluster: Cluster, x: Any, evaluations: int = 500) -> Any:
    """All clusters, `evaluations` nearer to their minima."""
    return all_down(cluster, BasinHopping(evaluations=jnp.asarray(evaluations)), x)


@eqx.filter_jit
def all_down(cluster: Cluster, method: BasinHopping, x: Any) -> Any:
    """Side by side."""
    return jax.vmap(lambda x: quenched(cluster, method, x)[0])(x)


@eqx.filter_jit
def seen(cluster: Cluster, x: Any) -> tuple[Any, Any]:
    """Energies and shortest distances."""
    return jax.vmap(cluster.energy)(x), jax.vmap(cluster.nearest)(x)
