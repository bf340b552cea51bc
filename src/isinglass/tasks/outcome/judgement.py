# SPDX-License-Identifier: Apache-2.0
"""What a run of Markov chains shows: estimates of all that was followed, and the checks that earn its verdict."""

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass import checks, sampling, systems
from isinglass.result import Check, Estimate
from isinglass.run.class_name import is_foreign

if TYPE_CHECKING:
    from isinglass.sampling.ensemble.driver import Draws

__all__ = ["followed_columns", "followed_estimates", "verdicts", "with_least_error", "worst_of"]

EACH = 4  # coordinates whose R-hat and effective samples are estimates too; of more they are in the arrays


def verdicts(draws: "Draws", system: Any, ensemble: Any, temperature: Any, wanted: float | None) -> list[Check]:
    """Finite draws; chains that move, agree and are long enough; the exact energy and an identity, where known."""
    found = draws.diagnosis
    finite = checks.finite_draws(found.names, found.finite, configurations=bool(np.isfinite(draws.x).all()))
    if finite.verdict == "fail":
        return [finite]
    exact = system.exact_energy(temperature)
    frozen = np.asarray(np.isnan(found.error[1:]).all(axis=0) & found.rare[0])
    jump = jumps(draws, system)
    energy = checks.energy_checks(draws.energy / system.n_sites, exact, jump / system.n_sites)
    continuous = system.variable.continuous
    return [
        finite,
        *checks.chains_move(frozen, draws.acceptance, continuous=continuous, known=bool(energy)),
        *checks.convergence_checks(found.names, found.each_r_hat, found.r_hat_bound, found.enough, found.rare,
                                   found.effective_samples, wanted),
        *energy,
        *identity(draws, system, ensemble, decided=bool(energy)),
        *stated_bias(ensemble),
    ]  # fmt: skip


def jumps(draws: "Draws", system: Any) -> Any:
    """The least change of energy at temperatures where it hardly ever changes; 0 at the others."""
    rare = draws.diagnosis.rare[0]
    return np.array([least_change(system, x) if few else 0.0 for x, few in zip(draws.x, rare, strict=True)])


def with_least_error(draws: "Draws", system: Any) -> "Draws":
    """An energy that never changed in n measurements has the standard error jump/n, that of one event; not 0."""
    found, jump = draws.diagnosis, jumps(draws, system)
    error, n = found.error.copy(), draws.energy.shape[1] * draws.energy.shape[2]
    error[0] = np.where(np.isnan(error[0]) & (jump > 0), jump / n, error[0])
    return draws._replace(diagnosis=found._replace(error=error))


def identity(draws: "Draws", system: Any, ensemble: Any, *, decided: bool) -> list[Check]:
    """The identity of the system at the temperatures where its energy changes; unknown where another package's
    sampler is not tested by anything.
    """
    tell = ~draws.diagnosis.rare[0]
    if draws.law is None or draws.identity is None or not tell.any():
        foreign = any(is_foreign(move) for move in sampling.chain.sampler.movers(ensemble))
        law = "samples follow exp(-E/T)/Z: nothing known of this system can find another package's sampler wrong"
        return [Check(law, None, None, None, "unknown")] if foreign and not decided else []
    check = checks.identity_check(draws.identity[tell], draws.law.law, draws.law.expected)
    if check.verdict == "fail" and draws.law.kind == "virial" and not smooth(system, draws.x[tell]):
        law = f"{draws.law.law} (the energy ends or jumps, so that it need not hold)"
        return [Check(law, check.measured, check.expected, None, "unknown", check.error)]
    return [check]


def stated_bias(ensemble: Any) -> list[Check]:
    """What a method that is not exact has to say."""
    biased = [m for m in sampling.chain.sampler.movers(ensemble) if m.bias]
    return [Check(f"samples follow exp(-E/T)/Z: not these, {m.bias}", None, None, None, "unknown") for m in biased]


def least_change(system: Any, x: Any) -> float:
    """The least |ΔE| > 0 of a change of one variable of the last configuration; 0 where it cannot be had."""
    if not isinstance(system, systems.AbstractLatticeSystem) or system.variable.values is None or not x.size:
        return 0.0
    last, sites = jnp.asarray(x[0, -1]), jnp.arange(int(np.prod(system.shape)), dtype=jnp.int32)
    change = lambda v: system.energy_changes(last, jnp.full(sites.shape, v), sites)  # noqa: E731
    dE = np.abs(np.concatenate([np.asarray(change(jnp.asarray(v, last.dtype))) for v in system.variable.values]))
    return float(dE[dE > 0].min(initial=np.inf)) if (dE > 0).any() else 0.0


def smooth(system: Any, x: Any, pairs: int = 8, points: int = 512) -> bool:
    """E(b) - E(a) = ∫ ∇E·dx along lines through samples a, b of different chains and twice as far: no jump, no end.

    Law: within 5 % of the variation of E along the line, by the trapezoidal rule.
    """
    last = jnp.asarray(x[0, :, -1], float)
    a, b = last[:pairs], jnp.roll(last, 1, axis=0)[:pairs]
    t = jnp.linspace(-1.0, 2.0, points)

    def line(a, b):
        at = lambda t: jax.value_and_grad(systems.at_unit_beta(system).energy)(a + t * (b - a))  # noqa: E731
        E, slope = jax.lax.map(lambda t: (at(t)[0], jnp.sum(at(t)[1] * (b - a))), t)
        rise = jnp.cumsum(0.5 * (slope[1:] + slope[:-1])) * (t[1] - t[0])
        return jnp.max(jnp.abs(E[1:] - E[0] - rise)), jnp.max(E) - jnp.min(E)

    off, size = (np.asarray(v) for v in jax.jit(jax.vmap(line))(a, b))
    return bool(np.isfinite(off).all() and (off <= 0.05 * size + 1e-9).all())


def number_or_none(value: Any) -> float | None:
    """A finite number, or None."""
    return float(value) if np.isfinite(value) else None


def labelled(draws: "Draws") -> list[str]:
    """Names of what is judged: absolute values say so."""
    return [f"absolute_{q}" if fold else q for q, fold in zip(draws.diagnosis.names, draws.folded, strict=True)]


def followed_estimates(draws: "Draws") -> dict[str, Estimate]:
    """Mean, error, effective samples and R-hat of all that was followed, at one temperature."""
    found, names = draws.diagnosis, labelled(draws)
    if len(found.effective_samples) > 1:
        return {}
    estimates = {
        name: Estimate(float(found.mean[s, 0]), number_or_none(found.error[s, 0])) for s, name in enumerate(names)
    }
    coordinates = [name for name in names if name.removeprefix("absolute_").startswith(("x_", "cos_x_", "sin_x_"))]
    for s, name in enumerate(names):
        if name not in coordinates or len(coordinates) <= EACH:
            estimates[f"effective_sample_size/{name}"] = Estimate(float(found.each_effective_samples[s, 0]))
            estimates[f"r_hat/{name}"] = Estimate(float(found.each_r_hat[s, 0]))
    return {name: one for name, one in estimates.items() if np.isfinite(one.value)}


def followed_columns(draws: "Draws") -> xr.Dataset:
    """The same at every temperature."""
    found, columns = draws.diagnosis, {}
    for s, name in enumerate(labelled(draws)):
        columns |= {
            f"mean_{name}": ("point", found.mean[s]),
            f"mean_{name}_error": ("point", found.error[s]),
            f"effective_sample_size_{name}": ("point", found.each_effective_samples[s]),
            f"r_hat_{name}": ("point", found.each_r_hat[s]),
        }
    return xr.Dataset(columns)


def worst_of(draws: "Draws") -> dict[str, Estimate]:
    """Effective samples, R-hat, autocorrelation time and acceptance of the worst temperature of each."""
    diagnosis = draws.diagnosis
    worst = {
        "effective_sample_size": Estimate(float(np.min(diagnosis.effective_samples))),
        "sweeps": Estimate(float(draws.sweeps)),
    }
    judged = diagnosis.finite & diagnosis.enough & ~diagnosis.rare
    if np.isfinite(diagnosis.r_hat).all():
        excess = np.where(judged, np.minimum(diagnosis.each_r_hat, 1e6) ** 2 - diagnosis.r_hat_bound**2, -np.inf)
        one = diagnosis.each_r_hat.ravel()[int(np.argmax(excess))] if judged.any() else np.max(diagnosis.r_hat)
        worst["r_hat"] = Estimate(float(one))
        tau = float(np.max(diagnosis.autocorrelation_time)) * draws.thin
        worst["autocorrelation_time"] = Estimate(tau, unit="sweeps")
    if np.isfinite(draws.acceptance).all():
        worst["acceptance"] = Estimate(float(np.min(draws.acceptance)))
    if draws.seconds > 0:  # of all temperatures together, each measurement counted, kept or not
        rate = np.sum(draws.energy[0].size / (2 * diagnosis.autocorrelation_time)) / draws.seconds
        worst["effective_samples_per_second"] = Estimate(float(rate), unit="1/s")
    return worst
