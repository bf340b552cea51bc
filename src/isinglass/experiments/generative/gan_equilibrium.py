# SPDX-License-Identifier: Apache-2.0
"""Generators and critics beside their exact optimum in one dimension; a ring of modes; fields."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.checks.density import modes_covered
from isinglass.errors import InputError
from isinglass.exact.field import phi4
from isinglass.exact.generative import divergence
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.generative import one_dimension as line
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.objective.adversarial import Adversarial, AdversarialTraining, train_pair, untrained_pair
from isinglass.systems.field.phi4 import Phi4
from isinglass.systems.surface.gaussian_mixture import ring
from isinglass.verbs import approximate, sample

__all__ = ["GANEquilibrium"]

GOODFELLOW, CONGESTED = "Goodfellow et al., arXiv:1406.2661", "Milne and Nachman, arXiv:2109.00528"
KINDS = ("non-saturating", "wasserstein")
MODES, RADIUS, SCALE = 8, 2.0, 0.15
LOST = 3  # modes of the planted error
M2, LAM = -1.0, 1.0  # of the field


@dataclass(frozen=True)
class GANEquilibrium(AbstractExperiment):
    """Critics between two known densities, generators of one of them, of eight modes on a ring, and of fields."""

    name: ClassVar[str] = "gan-equilibrium"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "generators against critics: exact divergences, transport distance, lost modes"
    rows: ClassVar[tuple[int, ...]] = (84,)
    paper: ClassVar[str] = "Goodfellow et al. 2014, arXiv:1406.2661; Gulrajani et al. 2017, arXiv:1704.00028"
    claim: ClassVar[str] = (
        "a trained discriminator is p/(p + q) with value 2 JSD - 2 ln 2, and at equilibrium -2 ln 2; a critic with "
        "gradient penalty has the cost of congested transport, two penalties tell the Wasserstein distance; trained "
        "generators are within 0.02 nat of the density; eight modes are covered, and a generator of five fails"
    )
    guide: ClassVar[str] = "docs/latent_models.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            "n": 20_000,
            "critic_steps": 600,
            "kinds": KINDS[:1],
            "generator_steps": 1200,
            "ring_steps": 1500,
            "fields": 0,
        },
        "laptop": {},
        "paper": {
            "n": 400_000,
            "critic_steps": 10_000,
            "generator_steps": 20_000,
            "ring_steps": 20_000,
            "fields": 20_000,
        },
    }
    least: ClassVar[dict[str, float]] = {"fields": 0}

    n: int = 40_000
    """Samples of each density."""
    critic_steps: int = 2000
    """Steps of a critic alone."""
    kinds: tuple[str, ...] = KINDS
    """Losses of the generators of one variable: non-saturating, wasserstein."""
    generator_steps: int = 2000
    """Steps of a generator of one variable."""
    penalty: float = 1.0
    """Penalty λ of the slope of the critic, and twice as much."""
    ring_steps: int = 4000
    """Steps of the generator of the ring."""
    fields: int = 4000
    """Configurations of a phi^4 ring of 8 sites; 0: without."""
    field_steps: int = 4000
    """Steps of the generator of fields."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Each part beside its exact values.  Errors: InputError for an unknown kind."""
        if odd := set(self.kinds) - set(KINDS):
            raise InputError(f"kinds among {', '.join(KINDS)}", ", ".join(sorted(odd)), "leave it out")
        keys = jax.random.split(key, 5)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(keys[0])))
        estimates, checks, arrays, models = {}, [], {}, {}
        parts = [
            ("discriminators", lambda: self.discriminators(keys[1], rng)),
            ("critics", lambda: self.critics(keys[2], rng)),
            ("generators", lambda: self.generators(keys[3], rng)),
            ("ring", lambda: self.on_ring(keys[4])),
        ]
        if self.fields:
            parts.append(("fields", lambda: self.of_fields(jax.random.fold_in(keys[4], 1))))
        for i, (what, part) in enumerate(parts):
            progress(i, len(parts), what)
            told = part()
            estimates |= told.estimates
            checks += told.checks
            arrays |= told.arrays.variables
            models |= told.models
        return Result(
            self.name,
            estimates=estimates,
            checks=checks,
            settings=asdict(self),
            models=models,
            arrays=xr.Dataset(arrays),
            figures=["critic_slope", "generated_density", "generated_modes"],
        )

    def discriminators(self, key: Any, rng: np.random.Generator) -> Result:
        """Between p and q, and between p and p."""
        keys, step = jax.random.split(key, 2), line.NODES[1] - line.NODES[0]
        p, q = line.density_p(line.NODES), line.density_q(line.NODES)
        best, told, checks, arrays = divergence.best_value(p, q, step), {}, [], {}
        for name, key_fit, other, exact in (("apart", keys[0], line.sampled_q, best),
                                            ("equal", keys[1], line.sampled_p, -2 * float(np.log(2)))):  # fmt: skip
            x, y, new_x, new_y = (of(rng, self.n) for of in (line.sampled_p, other) * 2)
            critic = line.trained_critic(key_fit, x, y, Adversarial(penalty=0.0), self.critic_steps)
            value = line.measured_value(critic, new_x, new_y)
            told[f"value/{name}"] = value
            law = {"apart": "value of the discriminator, 2 JSD - 2 ln 2", "equal": "value at equal laws, -2 ln 2"}[name]
            checks.append(Check.within(law, value.value, exact, 3 * (value.error or 0) + 2e-3, error=value.error,
                                       source=GOODFELLOW, of=f"value/{name}").resolved())  # fmt: skip
            if name == "apart":
                found = line.by_quadrature(critic)
                told["value/by_quadrature"] = Estimate(found.value, None, "nat")
                told["jensen_shannon"] = Estimate(divergence.jensen_shannon(p, q, step), None, "nat")
                checks += [
                    Check.at_most("value of the discriminator by quadrature, no more than the best", found.value, best,
                                  tolerance=1e-9, source=GOODFELLOW),
                    Check.at_most("its discriminator, root mean square off p/(p + q)", found.off_optimum, 0.02,
                                  source=GOODFELLOW),
                ]  # fmt: skip
                arrays = {"logit": ("node", found.T), "exact_logit": ("node", np.log(p + 1e-300) - np.log(q)),
                          "node": ("node", line.NODES), "p": ("node", p), "q": ("node", q)}  # fmt: skip
        return Result("discriminators", told, checks, xr.Dataset(arrays))

    def critics(self, key: Any, rng: np.random.Generator) -> Result:
        """With penalties λ and 2λ: the objective is W_1 + c/λ, so that both tell W_1."""
        keys, p, q = jax.random.split(key, 2), line.density_p(line.NODES), line.density_q(line.NODES)
        W, told, checks, objectives, arrays = divergence.wasserstein(p, q, line.NODES), {}, [], [], {}
        x, y = line.sampled_p(rng, self.n), line.sampled_q(rng, self.n)
        for key_fit, penalty in zip(keys, (self.penalty, 2 * self.penalty), strict=True):
            best = divergence.penalized_critic(p, q, line.NODES, penalty)
            critic = line.trained_critic(key_fit, x, y, Adversarial("wasserstein", penalty), self.critic_steps)
            found, label = line.by_quadrature(critic), f"{penalty:g}"
            objectives.append(line.penalized_objective(found, penalty))
            told |= {f"objective/{label}": Estimate(objectives[-1]), f"gap/{label}": Estimate(found.gap)}
            checks += [
                Check.within(f"objective of the critic at λ = {label} over that of congested transport",
                             objectives[-1] / best.objective, 1.0, 0.01, source=CONGESTED),
                Check.at_most(f"<T>_p - <T>_q over the largest slope, λ = {label}: no more than W_1",
                              found.gap / found.steepest, W, source="Kantorovich duality"),
            ]  # fmt: skip
            arrays |= {f"slope_{len(objectives)}": ("node", np.gradient(found.T, line.NODES)),
                       f"exact_slope_{len(objectives)}": ("node", best.slope)}  # fmt: skip
        distance = 2 * objectives[1] - objectives[0]
        told["wasserstein"] = Estimate(distance)
        checks.append(Check.within("Wasserstein distance by two penalties, over the exact one", distance / W, 1.0, 0.02,
                                   source="∫ |F_p - F_q|"))  # fmt: skip
        return Result("critics", told, checks, xr.Dataset(arrays, attrs={"penalty": self.penalty}))

    def generators(self, key: Any, rng: np.random.Generator) -> Result:
        """Of p from one latent, whose law is known by quadrature; a discriminator trained anew cannot tell."""
        told, checks, models, arrays = {}, [], {}, {}
        x = line.sampled_p(rng, self.n)
        for kind, key_kind in zip(self.kinds, jax.random.split(key, len(self.kinds)), strict=True):
            key_fit, key_draw, key_new = jax.random.split(key_kind, 3)
            loss = Adversarial(kind, 0.1 if kind == "non-saturating" else 1.0)
            made = line.trained_generator(key_fit, x, loss, self.generator_steps)
            found = line.masses_of(made)
            y = np.asarray(made.sample(key_draw, self.n))
            value = line.fresh_value(key_new, line.sampled_p(rng, self.n), y, self.critic_steps // 2)
            best = 2 * found.jensen_shannon - 2 * float(np.log(2))
            told |= {f"jensen_shannon/{kind}": Estimate(found.jensen_shannon, None, "nat"),
                     f"wasserstein/{kind}": Estimate(found.wasserstein), f"value/{kind}": value}  # fmt: skip
            checks += [
                Check.at_most(
                    f"Jensen-Shannon divergence of the {kind} generator, nat",
                    found.jensen_shannon,
                    0.02,
                    source="quadrature over its latent",
                    of=f"jensen_shannon/{kind}",
                ),
                Check.at_most(
                    f"value of a new discriminator, no more than 2 JSD - 2 ln 2 ({kind})",
                    value.value,
                    best,
                    tolerance=4 * (value.error or 0),
                    error=value.error,
                    source=GOODFELLOW,
                    of=f"value/{kind}",
                ),
                Check.within(
                    f"value of a new discriminator at equilibrium, -2 ln 2 ({kind})",
                    value.value,
                    -2 * float(np.log(2)),
                    0.02,
                    error=value.error,
                    source=GOODFELLOW,
                    of=f"value/{kind}",
                ),
            ]
            models[kind] = made
            arrays[f"mass_{kind.replace('-', '_')}"] = ("bin", found.mass / np.diff(line.EDGES))
        arrays |= {"bin": ("bin", (line.EDGES[1:] + line.EDGES[:-1]) / 2),
                   "exact_mass": ("bin", line.masses_p() / np.diff(line.EDGES))}  # fmt: skip
        return Result("generators", told, checks, xr.Dataset(arrays), models)

    def on_ring(self, key: Any) -> Result:
        """Eight modes: each is covered; samples without three of them fail the same check."""
        keys, system = jax.random.split(key, 4), ring(MODES, radius=RADIUS, scale=SCALE)
        x = np.asarray(system.sample(keys[0], self.n), np.float32)
        how = AdversarialTraining(Adversarial(), self.ring_steps)
        pair = train_pair(keys[1], untrained_pair(keys[2], 2, hidden=(64, 64, 64)), x, how).pair
        y = np.asarray(pair.generator.sample(keys[3], 8000), float)
        mode = np.asarray(jax.jit(jax.vmap(system.component))(jnp.asarray(y)))
        near = np.linalg.norm(y - np.asarray(system.mean)[mode], axis=1) < 3 * SCALE
        counts = np.bincount(mode[near], minlength=MODES)
        covered = modes_covered(counts, np.ones(MODES))
        fewer = modes_covered(counts * (np.arange(MODES) >= LOST), np.ones(MODES))
        share = float(near.mean())
        told = {"share_near_modes": Estimate(share, float((share * (1 - share) / len(y)) ** 0.5)),
                "least_mode": Estimate(float(covered.measured or 0), covered.error)}  # fmt: skip
        checks = [covered, Check.at_least("the same check fails a generator that has lost three modes",
                                          float(fewer.verdict == "fail"), 1.0)]  # fmt: skip
        arrays = xr.Dataset({"generated": (("sample", "axis"), y[:2000]), "data": (("sample", "axis"), x[:2000]),
                             "count": ("mode", counts), "expected_count": len(y) / MODES})  # fmt: skip
        return Result("ring", told, checks, arrays, {"ring": pair.generator})

    def of_fields(self, key: Any) -> Result:
        """A phi^4 ring of 8 sites by the verb: <φ²> of the generator beside the exact one, and what the verdict is."""
        keys, system = jax.random.split(key, 2), Phi4((8,), m2=M2, lam=LAM)
        drawn = sample(keys[0], system, samples=self.fields, chains=min(500, self.fields), thin=5, progress=False)
        x, chain = drawn.arrays["configurations"].to_numpy(), drawn.arrays["chain"].to_numpy()
        found = approximate(keys[1], x, method="gan", chain=chain, steps=self.field_steps, samples=4000, progress=False)
        exact = phi4.chain(8, J=2.0, r=M2 + 2, lam=LAM).moments
        square = (found.arrays["configurations"].to_numpy() ** 2).mean(axis=1)
        e = Estimate(float(square.mean()), float(square.std(ddof=1) / len(square) ** 0.5))
        failed = sum(check.verdict == "fail" for check in found.checks)
        told = {"phi2/fields": e, "failed_tests/fields": Estimate(failed, 0.0)}
        checks = [Check.within("<φ²> of the generator of fields over the exact one", e.value / exact.phi2, 1.0, 0.1,
                               error=(e.error or 0) / exact.phi2, source="transfer operator")]  # fmt: skip
        return Result("fields", told, checks, models={"fields": found.models["density"]})
