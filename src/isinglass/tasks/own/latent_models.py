# SPDX-License-Identifier: Apache-2.0
"""Densities of rows by models without a likelihood that can be computed: autoencoder, adversarial pair, deep energy."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from isinglass import checks, nets, sampling, systems, training
from isinglass.result import Check, Estimate
from isinglass.run.progress import ProgressCallable
from isinglass.tasks.sample_by_model import rows_of

if TYPE_CHECKING:
    from isinglass.nets.flow.rescaled import Rescaled
    from isinglass.tasks.own.approximate_density import ApproximateDensity, Sides

__all__ = ["DRAWN_AT_ONCE", "LATENT_METHODS", "LatentModel", "LatentEvidence", "drawn_rows", "fit_latent", "told_of"]

LATENT_METHODS = ("vae", "gan", "energy")
CHUNK, DRAWN_AT_ONCE = 64, 512  # rows, samples
USED = 0.01  # nat of divergence from which a latent is used
CHAINS, WARMUP, THIN = 1000, 1000, 5
WALKERS, ANNEALING = 500, 200


class LatentModel(NamedTuple):
    """A trained model."""

    base: Any  # GaussianVAE, ImplicitGenerator or LearnedEnergy, of standardized rows
    model: Any  # the same in the units of the rows
    status: str
    metrics: list[dict[str, float]]


class LatentEvidence(NamedTuple):
    """What is known of a model beside its samples."""

    drawn: np.ndarray  # samples, in the units of the rows
    log_likelihood: np.ndarray | None  # ln q of every held-out row, a bound of it, or nothing
    estimates: dict[str, Estimate]
    checks: list[Check]
    notes: list[str]
    mixed: bool = True  # chains that sample it


def fit_latent(
    key: Any, task: "ApproximateDensity", units: "Rescaled", sides: "Sides", checkpoint: Path | None,
    progress: ProgressCallable,
) -> LatentModel:  # fmt: skip
    """Train on standardized rows.  The best of the blocks by rows of a validation side is taken for vae alone."""
    import jax

    z, v = (nets.flow.rescaled.standardized_rows(units, side) for side in (sides.trained, sides.validated))
    key_net, key_fit = jax.random.split(key)
    D, hidden = z.shape[1], (task.width,) * task.layers
    path = checkpoint and checkpoint / f"{task.method}.safetensors"
    batch = min(task.batch, len(z))
    if task.method == "vae":
        blank = nets.GaussianVAE(key=key_net, in_shape=(D,), latent=task.latents(D), hidden=hidden)
        optimizer = training.Optimizer("adam", task.learning_rate, "cosine", clip=1.0)
        settings = training.Training(optimizer, steps=task.steps, batch_size=batch, block=min(50, task.steps))
        tell = lambda r: progress(r.step, task.steps, f"training the vae: loss {float(np.mean(r.loss)):.5g}")  # noqa: E731
        loss = sampling.VariationalBound(task.beta)
        trained = training.fit.fit(
            key_fit, blank, loss, (z,), settings=settings, validation=(v,), checkpoint=path, progress=tell
        )
        model = nets.RescaledGenerator(trained.model, units)
        return LatentModel(trained.model, model, str(trained.status), rows_of(trained.history))
    if task.method == "gan":
        how = sampling.AdversarialTraining(sampling.Adversarial(task.critic), task.steps, batch=batch,
                                           rate=task.learning_rate)  # fmt: skip
        blank = sampling.objective.adversarial.untrained_pair(key_net, D, latent=task.latents(D), hidden=hidden)
        made = sampling.train_pair(key_fit, blank, z, how, checkpoint=path, progress=progress)
        base = made.pair.generator
        model = nets.RescaledGenerator(base, units)
        return LatentModel(base, model, status_of(made.diverged), table_of(made.history))
    net = nets.MLP(key=key_net, in_shape=D, out=1, hidden=hidden, activation="tanh")
    how = sampling.LangevinLikelihood(task.steps, batch, step_size=task.step_size, rate=task.learning_rate)
    found = sampling.train_energy(key_fit, net, z, how, checkpoint=path, progress=progress)
    model = systems.LearnedEnergy(found.system.net, units.center, units.width)
    return LatentModel(found.system, model, status_of(found.diverged), table_of(found.history))


def status_of(diverged: int | None) -> str:
    """In words."""
    return "step limit" if diverged is None else f"diverged at step {diverged}"


def table_of(history: dict[str, np.ndarray]) -> list[dict[str, float]]:
    """Row by row; the training loss under its usual name."""
    names = {"apart": "loss", "value": "loss"}
    return [{names.get(n, n): float(v) for n, v in zip(history, row, strict=True)}
            for row in zip(*history.values(), strict=True)]  # fmt: skip


def drawn_rows(key: Any, model: Any, n: int) -> np.ndarray:
    """n samples, a chunk at a time."""
    import equinox as eqx
    import jax

    draw = eqx.filter_jit(lambda model, keys: jax.lax.map(model.draw, keys, batch_size=min(DRAWN_AT_ONCE, n)))
    return np.asarray(draw(model, jax.random.split(key, n)))


def told_of(
    key: Any, task: "ApproximateDensity", found: LatentModel, units: "Rescaled", sides: "Sides", n: int
) -> LatentEvidence:
    """Samples, likelihoods and checks of a trained model."""
    if task.method == "energy":
        return told_of_energy(key, found, units, sides, n)
    import jax

    key_draw, key_bound = jax.random.split(key)
    drawn = drawn_rows(key_draw, found.model, n)
    if task.method == "gan":
        return LatentEvidence(drawn, None, {}, [], ["a generator has no density: no likelihood is told"])
    return told_of_vae(key_bound, task, found.base, units, sides, drawn)


def told_of_vae(
    key: Any, task: "ApproximateDensity", base: Any, units: "Rescaled", sides: "Sides", drawn: np.ndarray
) -> LatentEvidence:
    """The bound of k samples of held-out rows, beside that of one; how many latents are used."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    z = nets.flow.rescaled.standardized_rows(units, sides.held)
    slope = np.asarray(jax.vmap(units.log_slope)(z), float)

    @eqx.filter_jit
    def bounds(base, z, keys):
        each = lambda a: (base.bound(a[0], a[1], task.bound_samples), base.elbo(a[0], a[1]), base.divergences(a[1]))  # noqa: E731
        return jax.lax.map(each, (keys, z), batch_size=min(CHUNK, len(z)))

    bound, elbo, kl = (np.asarray(a, float) for a in bounds(base, z, jax.random.split(key, len(z))))
    used = int((kl.mean(axis=0) > USED).sum())
    gain = bound - elbo
    error = float(gain.std(ddof=1) / len(gain) ** 0.5)
    ordered = Check.at_least(f"bound of {task.bound_samples} samples, above that of one", float(gain.mean()), 0.0,
                             tolerance=4 * error, error=error, source="arXiv:1509.00519")  # fmt: skip
    told = {
        "log_likelihood/one_sample": Estimate(
            float((elbo - slope).mean()), float((elbo - slope).std(ddof=1) / len(elbo) ** 0.5), "nat"
        ),
        "divergence_of_latents": Estimate(
            float(kl.sum(axis=1).mean()), float(kl.sum(axis=1).std() / len(kl) ** 0.5), "nat"
        ),
        "latents_used": Estimate(used, 0.0),
        "noise": Estimate(float(jnp.exp(base.log_noise)), None, "widths of the rows"),
    }
    notes = [f"log_likelihood is a lower bound, of {task.bound_samples} samples"]
    if used < base.latent:
        notes.append(f"{base.latent - used} of {base.latent} latents are those of the prior and tell nothing"
                     + ("" if used else ": the posterior has collapsed, and the model is a normal law"))  # fmt: skip
    return LatentEvidence(drawn, bound - slope, told, [ordered], notes)


def told_of_energy(key: Any, found: LatentModel, units: "Rescaled", sides: "Sides", n: int) -> LatentEvidence:
    """Langevin chains with a Metropolis test, from the normal law and from rows; ln Z by annealing from that law."""
    import jax
    import jax.numpy as jnp

    from isinglass.nets.density import StandardNormal

    system = found.base
    key_hot, key_cold, key_z, key_rows = jax.random.split(key, 4)
    D, plan = system.shape[0], sampling.SamplingPlan(max(n, CHAINS), CHAINS, THIN, WARMUP)
    method = sampling.Adapted(sampling.MALA(0.05))
    batch = systems.system.at_temperatures(system, np.ones(1))
    z = np.asarray(nets.flow.rescaled.standardized_rows(units, sides.trained))
    some = z[np.asarray(jax.random.choice(key_rows, len(z), (CHAINS,)))]
    normal = jax.random.normal(key_hot, (1, CHAINS, D))
    hot = sampling.ensemble.driver.draw(key_hot, method, batch, normal, plan)
    cold = sampling.ensemble.driver.draw(key_cold, method, batch, jnp.asarray(some, float)[None], plan)
    follow = lambda d: np.concatenate([np.asarray(d.x[0], float), energies(found.base, d.x[0])[..., None]], axis=-1)  # noqa: E731
    mixed = checks.boltzmann_machine.chains_mixed(follow(hot), follow(cold))
    accepted = float(hot.acceptance[0])
    moving = Check.at_least("share of Langevin proposals that are accepted", accepted, 0.2)
    walkers = sampling.annealed_importance(
        key_z, sampling.MALA(0.05), StandardNormal((D,)), system, steps=ANNEALING, walkers=WALKERS
    )
    log_z = Estimate(float(walkers.log_z), float(walkers.log_z_error), "nat")
    told = {"log_partition_function": log_z, "acceptance": Estimate(accepted, None)}
    weights = checks.generative.light_weights(np.asarray(walkers.log_weight))
    held = nets.flow.rescaled.standardized_rows(units, sides.held)
    slope = np.asarray(jax.vmap(units.log_slope)(held), float)
    log_q = -energies(found.base, np.asarray(held)) - log_z.value - slope
    flat = np.asarray(hot.x[0]).swapaxes(0, 1).reshape(-1, D)
    drawn = np.asarray(jax.vmap(units.in_units)(jnp.asarray(flat[-n:])))
    whole = mixed.verdict == "pass"
    found_checks = [moving, mixed, weights if whole else weights.doubted("undecided with such chains")]
    return LatentEvidence(drawn, log_q, told, found_checks, [], whole)


def energies(system: Any, x: np.ndarray) -> np.ndarray:
    """E of every configuration [..., D]."""
    import jax
    import jax.numpy as jnp

    flat = jnp.asarray(x.reshape(-1, x.shape[-1]), jnp.float32)
    return np.asarray(jax.jit(jax.vmap(system.energy))(flat), float).reshape(x.shape[:-1])
