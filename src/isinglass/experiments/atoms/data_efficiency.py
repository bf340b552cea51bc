# SPDX-License-Identifier: Apache-2.0
"""How many labelled configurations a potential needs: equivariant, invariant, augmented and plain networks."""

from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float, Key

from isinglass import data
from isinglass.errors import InputError
from isinglass.experiments.atoms.power_law import DataRatio, ForceCurve, data_ratio
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.layer.mlp import MLP
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.symmetry.euclidean import Euclidean, random_orthogonal
from isinglass.systems.particle.potential.stillinger_weber import StillingerWeber
from isinglass.training.augmentation import augmented
from isinglass.training.ensemble import fit_ensemble
from isinglass.training.loss import MeanSquare
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training
from isinglass.verbs import approximate

__all__ = ["CoordinateForces", "DataEfficiency"]

NETWORKS = ("equivariant", "invariant", "augmented", "plain")
COORDINATES = NETWORKS[2:]  # those that are given coordinates
BOND = 2.35  # Å
RATE = {"augmented": 1e-2, "plain": 5e-3}  # learning rates, the better of these two for each
TESTS = 200
CUTOFF = 6.0  # Å


class CoordinateForces(eqx.Module):
    """F = -dE/dx, E a perceptron of x - x̄: conservative, and without any symmetry but translations."""

    net: MLP
    scale: float = eqx.field(static=True)  # of forces, eV/Å

    def __call__(self, x: Float[Array, "n 3"], *, key: Key[Array, ""] | None = None) -> Float[Array, "n 3"]:
        energy = lambda x: self.scale * self.net((x - x.mean(axis=0)[None]) / BOND)[0]  # noqa: E731
        return -jax.grad(energy)(x)


class LabelledClusters(NamedTuple):
    """Clusters with forces; all that are trained on, and others for the test."""

    train: Any
    test: Any


@dataclass(frozen=True)
class DataEfficiency(AbstractExperiment):
    """Forces on eight silicon atoms by Stillinger-Weber, each cluster distorted and turned at random, independently.

    Errors: means of |F - F'| by those of |F|.

    Equivariant: MACE or NequIP; invariant: SchNet, of distances alone; plain: a perceptron of the coordinates, its
    forces the derivative of an energy; augmented: the same, each example rotated and reflected anew at each step.
    A fifth of the N configurations of each training chooses its best step.
    """

    name: ClassVar[str] = "data-efficiency"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "configurations that equivariant, invariant, augmented, plain potentials need"
    rows: ClassVar[tuple[int, ...]] = (35, 37)
    paper: ClassVar[str] = "Batzner et al. 2022, arXiv:2101.03164"
    claim: ClassVar[str] = "at least 10 times fewer configurations than the better of augmented and plain, equal error"
    guide: ClassVar[str] = "docs/potentials.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"equivariant": "nequip", "graph_sizes": (10, 40), "configurations": (20, 100), "graph_steps": 1500,
                  "steps": 5000, "channels": 16, "trainings": 2, "factor": 2.0, "atoms": 4},
        "laptop": {},
        "paper": {"graph_sizes": (5, 10, 20, 40, 80, 160, 320, 640), "configurations": (20, 100, 1000, 10_000, 100_000),
                  "graph_steps": 20_000, "steps": 500_000, "channels": 64, "width": 512},
    }  # fmt: skip

    graph_sizes: tuple[int, ...] = (5, 10, 20)
    """Numbers of configurations for the equivariant and the invariant network: 5 times powers of 2, ascending."""
    configurations: tuple[int, ...] = (10, 30, 100, 300, 1000)
    """Numbers of configurations for the plain and the augmented network, ascending."""
    trainings: int = 4
    """Trainings for each of them, with other configurations and weights."""
    equivariant: Literal["mace", "nequip"] = "mace"
    """The equivariant network."""
    channels: int = 32
    """Its width, and that of the invariant one."""
    width: int = 128
    """Width of the two hidden layers of the perceptron."""
    graph_steps: int = 5000
    """Training steps of four configurations, of the equivariant and the invariant network."""
    steps: int = 30_000
    """Training steps of 32 configurations, of the others."""
    factor: float = 10.0
    """Times fewer configurations that are claimed."""
    atoms: int = 8
    """Atoms of a cluster, 3 to 8: one, its four neighbors, and those of the first of them."""
    distortion: float = 0.25
    """Å: largest displacement along each axis."""

    def __post_init__(self):
        """Errors: InputError for numbers that do not ascend, or that powers of 2 do not divide."""
        AbstractExperiment.__post_init__(self)
        for name in ("graph_sizes", "configurations"):
            if list(getattr(self, name)) != sorted(set(getattr(self, name))) or len(getattr(self, name)) < 2:
                raise InputError(f"two {name} or more that ascend", str(getattr(self, name)), "sort them")
        if not 3 <= self.atoms <= 8:  # noqa: PLR2004
            raise InputError("3 to 8 atoms", str(self.atoms), "choose a number between them")
        if any(n % 5 or max(self.graph_sizes) % n for n in self.graph_sizes):
            raise InputError("graph_sizes that divide the largest, multiples of 5", str(self.graph_sizes), "5, 10, 20")

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Label, train all, compare."""
        keys = jax.random.split(key, 3)
        labelled = self.labelled(keys[0])
        curves, result = {}, None
        for network in NETWORKS[:2]:
            curves[network], last = self.graph_curve(keys[1], network, labelled, progress, checkpoint)
            result = last if result is None else result  # of the equivariant one
        for k, network in enumerate(COORDINATES):
            progress(k, 2, f"{network}: {', '.join(map(str, self.configurations))} configurations")
            file = checkpoint and checkpoint / f"{network}.safetensors"
            curves[network] = self.coordinate_curve(keys[2], network, labelled, file)
        assert result is not None  # noqa: S101
        return self.judged(result, curves)

    def labelled(self, key: Any) -> LabelledClusters:
        """Independent clusters."""
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        most = self.trainings * max(*self.configurations, *self.graph_sizes)
        frames = clusters(rng, most + TESTS, self.atoms, self.distortion)
        exact: Any = StillingerWeber()  # pyright: ignore[reportCallIssue]  # its cutoff is a property
        found = data.atoms.calculated(frames, data.atoms.InteratomicCalculator(exact))
        return LabelledClusters(found.kept(np.arange(most)), found.kept(np.arange(most, most + TESTS)))

    def graph_curve(
        self, key: Any, network: str, labelled: LabelledClusters, progress: ProgressCallable, checkpoint: Path | None
    ) -> tuple[ForceCurve, Result]:
        """Trainings one after another; few configurations are repeated, so that all compile to one program."""
        model = self.equivariant if network == "equivariant" else "schnet"
        most, size = max(self.graph_sizes) // 5, float(np.abs(labelled.test.forces).mean())
        errors, result = np.zeros((len(self.graph_sizes), self.trainings)), None
        for i, n in enumerate(self.graph_sizes):
            for t in range(self.trainings):
                order = t * max(self.graph_sizes) + np.arange(n)
                repeats = max(self.graph_sizes) // n
                train, valid = (
                    labelled.train.kept(np.tile(part, repeats)) for part in (order[n // 5 :], order[: n // 5])
                )
                part = f"{network}_{n}_{t}"
                how = {"model": model, "channels": self.channels, "cutoff": CUTOFF, "optimizer": "adam", "batch": 4}
                result = approximate(
                    jax.random.fold_in(key, i * self.trainings + t), train, valid=valid, test=labelled.test,
                    epochs=max(1, self.graph_steps // most), energy_weight=1.0, progress=progress,
                    checkpoint=checkpoint and checkpoint / part, **how,
                )  # fmt: skip
                errors[i, t] = result.estimates["forces_mae"].value / 1000 / size
        assert result is not None  # noqa: S101
        return ForceCurve(np.array(self.graph_sizes, float), errors), result

    def coordinate_curve(self, key: Any, network: str, labelled: LabelledClusters, file: Path | None) -> ForceCurve:
        """All trainings at once, those of fewer configurations with repeated rows."""
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        n = int(labelled.test.n_atoms[0])
        x, y, x_test, y_test = (
            jnp.asarray(a.reshape(-1, n, 3), jnp.float32)
            for part in labelled for a in (part.positions, part.forces)
        )  # fmt: skip
        members, most = (
            [(size, t) for size in self.configurations for t in range(self.trainings)],
            max(self.configurations),
        )
        rows = np.stack([t * most + size // 5 + np.arange(most) % (size - size // 5) for size, t in members])
        held = np.stack([t * most + np.arange(most // 5) % (size // 5) for size, t in members])
        loss = augmented(Euclidean(3), output="vector") if network == "augmented" else MeanSquare()
        settings = Training(Optimizer("adam", RATE[network], "cosine", clip=10.0), steps=self.steps, batch_size=32,
                            block=min(250, self.steps))  # fmt: skip
        made = partial(self.untrained, n, rms(labelled.train.forces))
        trained = fit_ensemble(
            jax.random.split(key, len(members)), made, loss, (x, y), settings=settings,
            rows=jnp.asarray(rows, jnp.int32), validation_rows=jnp.asarray(held, jnp.int32), checkpoint=file,
        )  # fmt: skip
        each = eqx.filter_jit(eqx.filter_vmap(lambda net, x: jax.vmap(net)(x), in_axes=(eqx.if_array(0), None)))
        off = np.asarray(each(trained.model, x_test), float) - np.asarray(y_test)[None]
        error = np.abs(off).mean(axis=(1, 2, 3)) / np.abs(np.asarray(y_test)).mean()
        return ForceCurve(np.array(self.configurations, float), error.reshape(len(self.configurations), self.trainings))

    def untrained(self, n: int, scale: float, key: Any) -> CoordinateForces:
        """A perceptron of n atoms."""
        net = MLP(key=key, in_shape=(n, 3), out=1, hidden=(self.width,) * 2, activation="silu")
        return CoordinateForces(net, scale)

    def judged(self, result: Result, curves: dict[str, ForceCurve]) -> Result:
        """Errors, exponents, ratios; the claim is on the equivariant one beside the better of augmented and plain."""
        found: dict[str, Estimate] = {}
        for name, curve in curves.items():
            found[f"error/{name}"] = Estimate(float(np.exp(curve.log_mean[-1])), spread_of(curve))
            found[f"exponent/{name}"] = curve.falling.exponent
        better = min(COORDINATES, key=lambda name: curves[name].log_mean.min())
        ratios = {name: data_ratio(curves["equivariant"], curves[name]) for name in NETWORKS[1:]}
        found |= {f"fewer_configurations/{name}": ratio.ratio for name, ratio in ratios.items()}
        held = self.checks(found, curves, ratios[better], better)
        laws = [replace(check, law=f"equivariant: {check.law}", of="") for check in result.checks]
        return Result(self.name, estimates=found, checks=held + laws, arrays=arrays(curves),
                      models={"equivariant": result.models["potential"]}, settings=asdict(self),
                      figures=["data_efficiency"], notes=notes(ratios, better))  # fmt: skip

    def checks(
        self, found: dict[str, Estimate], curves: dict[str, ForceCurve], ratio: DataRatio, better: str
    ) -> list[Check]:
        """The claim; and that the others have learned, without which it would say nothing."""
        law = f"times fewer configurations than {better}, the better of augmented and plain, at error {ratio.error:.3g}"
        claim = Check.at_least(law, ratio.ratio.value, self.factor, error=ratio.ratio.error,
                               of=f"fewer_configurations/{better}", source=f"up to 1000: {self.paper}")  # fmt: skip
        law = f"relative error of the better of them ({better}) with {self.configurations[-1]} configurations"
        learned = Check.at_most(law, found[f"error/{better}"].value, 0.5, of=f"error/{better}")
        law = f"relative error of the equivariant network by that of the invariant one, {self.graph_sizes[-1]} each"
        off = curves["equivariant"].log_mean[-1] - curves["invariant"].log_mean[-1]
        error = float(np.exp(off)) * float(np.hypot(curves["equivariant"].log_spread, curves["invariant"].log_spread))
        return [resolved_factor(claim), learned, Check.at_most(law, float(np.exp(off)), 1.0, error=error).resolved()]


def clusters(rng: np.random.Generator, n: int, atoms: int, distortion: float) -> list[Any]:
    """The first atoms of two bonded tetrahedra of diamond, displaced along each axis, turned at random."""
    from ase import Atoms

    bonds = BOND / np.sqrt(3) * np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    x = np.concatenate([np.zeros((1, 3)), bonds, bonds[0] - bonds[1:]])[:atoms]
    moved = x + rng.uniform(-distortion, distortion, (n, *x.shape))
    keys = jax.random.split(jax.random.key(int(rng.integers(2**31))), n)
    R = np.asarray(jax.vmap(lambda key: random_orthogonal(key, 3))(keys))
    return [Atoms(numbers=[14] * len(x), positions=one @ turn.T) for one, turn in zip(moved, R, strict=True)]


def resolved_factor(claim: Check) -> Check:
    """A factor is shown where it is above the bound by 2 of its errors, in logarithms, and refuted by 4 below it.

    Between them, and without an error, it is `unknown`: a learning curve that is flat has any number at its error.
    """
    assert claim.measured is not None  # noqa: S101
    assert claim.expected is not None  # noqa: S101
    error = np.inf if claim.error is None else claim.error / claim.measured
    above = np.log(claim.measured / claim.expected)
    if above >= 2 * error or above <= -4 * error:
        return claim
    more = f"its logarithm is known to {error:.2g}, and {above:.2g} above the bound's: more trainings decide"
    return replace(claim, law=f"{claim.law} ({more})", verdict="unknown")


def rms(a: np.ndarray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(a))))


def spread_of(curve: ForceCurve) -> float | None:
    """The error of its last point."""
    s = curve.log_spread
    return float(np.exp(curve.log_mean[-1])) * s if np.isfinite(s) else None


def arrays(curves: dict[str, ForceCurve]) -> xr.Dataset:
    """Points of all curves, one after another: errors differ in their numbers of configurations."""
    names = [name for name, curve in curves.items() for _ in curve.size]
    each = list(curves.values())
    value = np.concatenate([np.exp(curve.log_mean) for curve in each])
    error = np.concatenate([np.exp(curve.log_mean) * curve.log_spread for curve in each])
    return xr.Dataset({
        "network": ("point", names), "configurations": ("point", np.concatenate([curve.size for curve in each])),
        "force_error": ("point", value), "force_error_spread": ("point", error),
    })  # fmt: skip


def notes(ratios: dict[str, DataRatio], better: str) -> list[str]:
    """At which errors ratios are, and which are bounds."""
    said = [
        f"{better} is the better of augmented and plain; ratios by straight lines through logarithms, none continued"
    ]
    said += [f"ratio to {name}: at relative error {ratio.error:.3g}" +
             (", a bound from below: the smallest number is more than enough" if ratio.bound else "")
             for name, ratio in ratios.items()]  # fmt: skip
    return said
