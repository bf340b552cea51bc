"""Torsions turned at once follow exp(-β E(φ, ψ)), all else held, against quadrature; biased acceptance is caught."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from isinglass.sampling.chain.torsion_turn import TorsionTurn
from isinglass.systems import AlanineDipeptide

SYSTEM = AlanineDipeptide(temperature=600.0)


class TooCold(eqx.Module):
    """Planted: the acceptance is of another temperature."""

    def step(self, key, x, system):
        return TorsionTurn().step(key, x, AlanineDipeptide(temperature=400.0))


def expected():
    """<cos φ>, <sin φ>, <cos ψ>, <sin ψ> on a grid of 5 degrees, bonds and angles as in the minimum of energy."""
    grid = jnp.linspace(-jnp.pi, jnp.pi, 72, endpoint=False)
    phi, psi = (a.ravel() for a in jnp.meshgrid(grid, grid, indexing="ij"))
    x = jnp.asarray(SYSTEM.start)
    log_w = jax.jit(jax.vmap(lambda phi, psi: SYSTEM.log_weight(SYSTEM.with_angles(x, phi, psi))))(phi, psi)
    p = jnp.exp(log_w - log_w.max())
    return np.array([float(jnp.sum(p * f) / jnp.sum(p)) for f in map_angles(phi, psi)])


def map_angles(phi, psi):
    """What is averaged."""
    return jnp.cos(phi), jnp.sin(phi), jnp.cos(psi), jnp.sin(psi)


def means(key, sampler, chains=256, sweeps=80):
    """The same averages over chains, and their errors."""

    @jax.jit
    @jax.vmap
    def chain(key):
        def sweep(x, key):
            x, _ = sampler.step(key, x, SYSTEM)
            return x, jnp.stack(map_angles(*SYSTEM.ramachandran(x)))

        return jax.lax.scan(sweep, jnp.asarray(SYSTEM.start), jax.random.split(key, sweeps))[1][16:].mean(axis=0)

    each = np.asarray(chain(jax.random.split(key, chains)))
    return each.mean(axis=0), each.std(axis=0, ddof=1) / chains**0.5


def test_turns_follow_the_boltzmann_law(key):
    exact = expected()
    mean, error = means(key, TorsionTurn())
    assert error.max() < 0.02
    assert np.abs((mean - exact) / error).max() < 4.5
    mean, error = means(key, TooCold())
    assert np.abs((mean - exact) / error).max() > 6
