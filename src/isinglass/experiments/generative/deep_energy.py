# SPDX-License-Identifier: Apache-2.0
"""Deep energy models in the plane: the learned energy beside the true one, ln Z and moments by quadrature."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.density import StandardNormal
from isinglass.nets.layer.mlp import MLP
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.chain.langevin import MALA
from isinglass.sampling.objective.langevin_likelihood import LangevinLikelihood, train_energy
from isinglass.sampling.weight.annealed_importance import annealed_importance
from isinglass.systems.learned_energy import LearnedEnergy
from isinglass.systems.surface.gaussian_mixture import GaussianMixture
from isinglass.verbs import sample

__all__ = ["DeepEnergy"]

SOURCE = "quadrature of the plane"
BOX, NODES = 6.0, 241
CORRELATION = 0.8  # of the normal law


class KnownPlane(NamedTuple):
    """A known density of the plane."""

    x: np.ndarray  # rows
    log_p: np.ndarray  # at the nodes


@dataclass(frozen=True)
class DeepEnergy(AbstractExperiment):
    """A network E(x) from rows of a correlated normal law, and of three modes; persistent Langevin chains."""

    name: ClassVar[str] = "deep-energy"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "deep energy models: learned beside true energies, ln Z, Langevin chains"
    rows: ClassVar[tuple[int, ...]] = (89,)
    paper: ClassVar[str] = "Du and Mordatch 2019, arXiv:1903.08689; Nijkamp et al. 2019, arXiv:1903.12370"
    claim: ClassVar[str] = (
        "the learned energy is the true one plus a constant, within 0.2 (root mean square over the law), with a "
        "divergence below 0.03 nat; ln Z by annealing, and moments of Langevin chains with a Metropolis test, as by "
        "quadrature"
    )
    guide: ClassVar[str] = "docs/latent_models.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"n": 10_000, "steps": 1200, "samples": 1000},
        "laptop": {},
        "paper": {"n": 200_000, "steps": 20_000, "batch": 2048, "samples": 20_000},
    }

    n: int = 20_000
    """Rows of each density."""
    steps: int = 3000
    """Steps of training."""
    batch: int = 256
    """Rows of a step, and chains."""
    step_size: float = 0.01
    """Langevin step of the training."""
    samples: int = 4000
    """Samples of each trained model, by chains with a Metropolis test."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Train, and integrate over the plane.  Errors: InputError for a Langevin step that is not stable."""
        if self.step_size > 0.1:  # noqa: PLR2004
            raise InputError("a step_size of at most 0.1", f"{self.step_size:g}", "try 0.01")
        told, checks, arrays, models = {}, [], {}, {}
        for i, (name, make) in enumerate((("normal", normal), ("modes", modes))):
            progress(i, 2, name)
            key_rows, key_net, key_fit, key_z, key_x = jax.random.split(jax.random.fold_in(key, i), 5)
            plane = make(key_rows, self.n)
            net = MLP(key=key_net, in_shape=2, out=1, hidden=(64, 64), activation="tanh")
            how = LangevinLikelihood(self.steps, self.batch, step_size=self.step_size, rate=5e-3)
            trained = train_energy(
                key_fit, net, plane.x, how, checkpoint=checkpoint and checkpoint / f"{name}.safetensors"
            )
            system = trained.system
            E = np.asarray(jax.jit(jax.vmap(system.energy))(jnp.asarray(grid(), jnp.float32)), float)
            found = compared(name, plane, E)
            told |= found.estimates
            checks += found.checks
            log_z = told[f"log_partition_function/{name}"].value
            walkers = annealed_importance(key_z, MALA(0.05), StandardNormal((2,)), system, steps=100, walkers=500)
            annealed = Estimate(float(walkers.log_z), float(walkers.log_z_error), "nat")
            told[f"log_partition_function/{name}_annealed"] = annealed
            checks.append(Check.within(f"ln Z by annealing ({name})", annealed.value, log_z, 4 * (annealed.error or 0),
                                       error=annealed.error, source=SOURCE,
                                       of=f"log_partition_function/{name}_annealed"))  # fmt: skip
            checks += self.moments(key_x, name, system, np.exp(-E - log_z))
            shape = (NODES, NODES)
            arrays |= {
                f"{name}_energy": (("x", "y"), (E + log_z).reshape(shape)),
                f"{name}_exact": (("x", "y"), -plane.log_p.reshape(shape)),
                "x": ("x", line()),
                "y": ("y", line()),
            }
            models[name] = system
        return Result(
            self.name,
            estimates=told,
            checks=checks,
            settings=asdict(self),
            models=models,
            arrays=xr.Dataset(arrays),
            figures=["learned_energy"],
        )

    def moments(self, key: Any, name: str, system: LearnedEnergy, q: np.ndarray) -> list[Check]:
        """<x_1> and <|x|²> of chains by the verb, beside those of the learned law by quadrature."""
        observables = {"first": lambda x: x[0], "square": lambda x: (x**2).sum()}
        drawn = sample(key, system, method="mala", samples=self.samples, chains=200, thin=20, observables=observables,
                       progress=False)  # fmt: skip
        step, x, checks = (line()[1] - line()[0]) ** 2, grid(), []
        for what, f in (("first", x[:, 0]), ("square", (x**2).sum(axis=1))):
            e = next(e for label, e in drawn.estimates.items() if label.startswith(what))
            law = {"first": "<x_1>", "square": "<|x|²>"}[what]
            checks.append(
                Check.within(
                    f"{law} of Langevin chains with a Metropolis test ({name})",
                    e.value,
                    float((q * f).sum() * step),
                    4 * (e.error or 0),
                    error=e.error,
                    source=SOURCE,
                )
            )
        return checks


def compared(name: str, plane: KnownPlane, E: np.ndarray) -> Result:
    """E + ln Z beside -ln p, over p."""
    step, p = (line()[1] - line()[0]) ** 2, np.exp(plane.log_p)
    log_z = float(np.log(np.exp(-E + E.min()).sum() * step) - E.min())
    off = E + log_z + plane.log_p
    divergence = float((p * off).sum() * step)
    spread = float(((p * (off - divergence) ** 2).sum() * step) ** 0.5)
    told = {
        f"log_partition_function/{name}": Estimate(log_z, 0.0, "nat"),
        f"divergence/{name}": Estimate(divergence, 0.0, "nat"),
        f"energy_off/{name}": Estimate(spread, 0.0),
    }
    checks = [
        Check.at_most(
            f"learned energy off the true one, but for a constant, root mean square ({name})",
            spread,
            0.2,
            source=SOURCE,
            of=f"energy_off/{name}",
        ),
        Check.at_most(
            f"divergence KL(p | q) of the model ({name}), nat", divergence, 0.03, source=SOURCE, of=f"divergence/{name}"
        ),
    ]
    return Result(name, told, checks)


def line() -> np.ndarray:
    """Nodes of one axis."""
    return np.linspace(-BOX, BOX, NODES)


def grid() -> np.ndarray:
    """All nodes [n, 2]."""
    return np.stack(np.meshgrid(line(), line(), indexing="ij"), axis=-1).reshape(-1, 2)


def normal(key: Any, n: int) -> KnownPlane:
    """Two correlated normal variables."""
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    C = np.array([[1.0, CORRELATION], [CORRELATION, 1.0]])
    x = rng.multivariate_normal(np.zeros(2), C, n)
    log_p = (
        -0.5 * np.einsum("ni,ij,nj->n", grid(), np.linalg.inv(C), grid()) - 0.5 * np.linalg.slogdet(2 * np.pi * C)[1]
    )
    return KnownPlane(x, log_p)


def modes(key: Any, n: int) -> KnownPlane:
    """Three modes that overlap a little."""
    mean = [[-1.2, -0.5], [1.0, 0.8], [0.6, -1.2]]
    system = GaussianMixture(mean, scale=[[0.5, 0.4], [0.5, 0.4], [0.4, 0.5]], weight=[0.4, 0.35, 0.25])
    log_p = np.asarray(jax.jit(jax.vmap(system.log_prob))(jnp.asarray(grid())))
    return KnownPlane(np.asarray(system.sample(key, n)), log_p)
