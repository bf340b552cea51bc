# SPDX-License-Identifier: Apache-2.0
"""Equivariant network for particles, F_i = Σ_j (x_i - x_j) φ(h_i, h_j, r_ij, λ): a force between pairs, made many-body
by what each particle knows of its surroundings.  Ref: Satorras et al. 2021, arXiv:2102.09844.
"""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.nets.noise_embedding import NoiseEmbedding

__all__ = ["ScoreParticles"]


class Pairs(eqx.Module):
    """silu(A h_i + B h_j + C ρ(r_ij) + D e + b), then a linear layer: what pair i, j says."""

    of_i: eqx.nn.Linear
    of_j: eqx.nn.Linear
    of_r: eqx.nn.Linear
    of_noise: eqx.nn.Linear
    last: eqx.nn.Linear

    def __init__(self, width: int, radial: int, out: int, *, key: Key[Array, ""]):
        keys = jax.random.split(key, 5)
        plain = lambda n, m, k: eqx.nn.Linear(n, m, use_bias=False, dtype=jnp.float32, key=k)  # noqa: E731
        self.of_i, self.of_j = plain(width, width, keys[0]), plain(width, width, keys[1])
        self.of_r, self.of_noise = plain(radial, width, keys[2]), plain(width, width, keys[3])
        self.last = eqx.nn.Linear(width, out, dtype=jnp.float32, key=keys[4])

    def __call__(
        self, h: Float[Array, "n width"], rho: Float[Array, "n n radial"], e: Float[Array, " width"]
    ) -> Float[Array, "n n out"]:
        """For every pair."""
        shape = (*rho.shape[:2], h.shape[1])
        over = lambda a: jnp.broadcast_to(a, shape)  # noqa: E731
        u = over((h @ self.of_i.weight.T)[:, None]) + over((h @ self.of_j.weight.T)[None])
        u = jax.nn.silu(u + rho @ self.of_r.weight.T + over(self.of_noise(e)))
        return u @ self.last.weight.T + over_bias(self.last, shape)


def over_bias(layer: eqx.nn.Linear, shape: tuple[int, ...]) -> Float[Array, "n n out"]:
    """The bias of a layer for every pair."""
    assert layer.bias is not None
    return jnp.broadcast_to(layer.bias, (*shape[:2], layer.bias.shape[0]))


class ScoreParticles(eqx.Module):
    """F(x, λ), x (particles, d) -> the same shape.  Zero at first.

    Law: F(P x) = P F(x) for permutations, F(R x) = R F(x) for rotations and reflections, F(x + a) = F(x); Σ_i F_i = 0.
    Cost: (particles)² width.
    """

    embedding: NoiseEmbedding
    messages: Pairs
    update: eqx.nn.Linear
    force: Pairs
    shape: tuple[int, ...] = eqx.field(static=True)
    width: int = eqx.field(static=True)
    radial: int = eqx.field(static=True)
    reach: float = eqx.field(static=True)  # largest distance told apart, in standard deviations of a coordinate

    def __init__(
        self, *, key: Key[Array, ""], shape: Sequence[int], width: int = 32, radial: int = 16, reach: float = 6.0
    ):
        self.shape, self.width, self.radial, self.reach = tuple(shape), width, radial, reach
        keys = jax.random.split(key, 4)
        self.embedding = NoiseEmbedding(width, key=keys[0])
        self.messages = Pairs(width, radial + 1, width, key=keys[1])
        self.update = eqx.nn.Linear(width, width, dtype=jnp.float32, key=keys[2])
        force = Pairs(width, radial + 1, 1, key=keys[3])
        self.force = eqx.tree_at(lambda p: p.last.weight, force, jnp.zeros_like(force.last.weight))
        self.force = eqx.tree_at(lambda p: p.last.bias, self.force, jnp.zeros(1, jnp.float32))

    def __call__(self, x: Float[Array, "n d"], log_snr: Float[Array, ""]) -> Float[Array, "n d"]:
        """The sum of pair forces; made symmetric in i and j, so that they add up to zero."""
        x, e = x.astype(jnp.float32), self.embedding(log_snr)
        n = x.shape[0]
        apart = x[:, None] - x[None]
        rho = self.radial_features(jnp.sum(apart**2, axis=-1))
        others = 1 - jnp.eye(n, dtype=jnp.float32)
        h = jnp.zeros((n, self.width), jnp.float32)
        heard = jnp.einsum("ij,ijc->ic", others, self.messages(h, rho, e)) / n
        h = jax.nn.silu(heard @ self.update.weight.T)
        phi = self.force(h, rho, e)[..., 0]
        return jnp.einsum("ij,ijd->id", (phi + phi.T) / 2, apart) / n

    def radial_features(self, squared: Float[Array, "n n"]) -> Float[Array, "n n radial_and_one"]:
        """Bumps exp(-(r - c)²/(2 w²)) along the distance, and ln(1 + r²); smooth at r = 0."""
        r = jnp.sqrt(squared + 1e-4)[..., None]
        centers = jnp.asarray(np.linspace(0.0, self.reach, self.radial), jnp.float32)
        width = self.reach / (self.radial - 1)
        bumps = jnp.exp(-0.5 * ((r - jnp.broadcast_to(centers, (*squared.shape, self.radial))) / width) ** 2)
        return jnp.concatenate([bumps, jnp.log1p(squared)[..., None]], axis=-1)
