# SPDX-License-Identifier: Apache-2.0
"""Neural ratio estimation: ln r(θ, x) = ln p(x given θ)/p(x), by telling which of K parameters an x was made with.

Of θ_0 that made x, and θ_1, ..., θ_K of other x, the first is found with probability r_0/Σ_k r_k.
Durkan, Murray and Papamakarios 2020, arXiv:2002.03712; Hermans, Begy and Louppe 2020, arXiv:1903.04057.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.inference.posterior.linear_baseline import LinearRegression, linear_regression
from isinglass.inference.posterior.neural_posterior import EMBEDDINGS, features_of, standardized, units_of_data
from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.rescaled import Rescaled, rescaled, standardized_rows
from isinglass.nets.layer.mlp import MLP
from isinglass.systems.constraint import Interval

__all__ = ["ContrastiveLoss", "NeuralRatio", "RatioNetwork", "contrast", "untrained_ratio"]

OTHERS = 15  # parameters of other pairs, K


class RatioNetwork(eqx.Module):
    """f(u, z) = network + that of linear regression: ln N(u; A z + b, C) + u²/2, up to a number for each z."""

    network: MLP
    embedding: Any
    A: Float[Array, "d C"]
    b: Float[Array, " d"]
    precision: Float[Array, "d d"]  # C⁻¹
    in_shape: tuple[int, ...] = eqx.field(static=True)

    def features(self, z: Float[Array, " m"]) -> Float[Array, " C"]:
        """f(z), z in the shape of the data."""
        return z if self.embedding is None else self.embedding(z.reshape(self.in_shape)).reshape(-1)

    def __call__(self, u: Float[Array, " d"], c: Float[Array, " C"]) -> Float[Array, ""]:
        """ln r of free parameters u and features c of the data."""
        rest = u - self.A @ c - self.b
        return self.network(jnp.concatenate([u, c]))[0] - 0.5 * rest @ self.precision @ rest + 0.5 * u @ u


class NeuralRatio(eqx.Module):
    """ln r(θ, x), by a network of the free numbers u of θ, and of x; both in units of the simulations."""

    net: RatioNetwork
    range: Interval
    parameters: Rescaled  # the units of u
    data: Rescaled  # the units of x

    def log_ratio(self, theta: Float[Array, " d"], x: Shaped[Array, "*data"]) -> Float[Array, ""]:
        """ln p(θ given x)/p(θ), and a number that is the same for all θ."""
        u = self.parameters.standardized(self.range.inverse(theta))
        return self.net(u, self.net.features(standardized(self.data, x))).astype(float)


class ContrastiveLoss(eqx.Module):
    """-ln r_0/Σ_k r_k, the mean over a batch; the other θ are those of the next K pairs.  Law: at least -I(θ, x)."""

    def __call__(self, key: Any, net: RatioNetwork, batch: Any) -> Float[Array, ""]:
        u, z = batch
        c = jax.vmap(net.features)(z)
        shifted = jnp.stack([jnp.roll(u, k, axis=0) for k in range(min(OTHERS + 1, len(u)))], axis=1)
        f = jax.vmap(lambda u, c: jax.vmap(lambda one: net(one, c))(u))(shifted, c)
        return -jnp.mean(jax.nn.log_softmax(f, axis=1)[:, 0])


@eqx.filter_jit
def contrast(net: Any, u: Float[Array, "n d"], z: Float[Array, "n m"]) -> Float[Array, " n"]:
    """ln r(θ_i, x_i) - ln (1/n) Σ_j r(θ_j, x_i): its mean is at most the mutual information, in nat, and ln n."""

    def one(row):
        i, z = row
        f = jax.vmap(lambda u: net(u, net.features(z)))(u)
        return f[i] - jax.nn.logsumexp(f) + jnp.log(jnp.asarray(len(f), f.dtype))

    return jax.lax.map(one, (jnp.arange(len(u)), z), batch_size=32)


def untrained_ratio(
    key: Key[Array, ""], range_: Interval, theta: Float[np.ndarray, "n d"], x: Shaped[np.ndarray, "n *data"], *,
    hidden: tuple[int, ...] = (64, 64), embedding: Any = None,
) -> tuple[NeuralRatio, tuple[Float[Array, "n d"], Float[Array, "n m"]]]:  # fmt: skip
    """The ratio of linear regression with normal errors, and the pairs in its units: (u, z) for the training."""
    key_net, key_embedding = jax.random.split(key)
    free = np.asarray(jax.jit(jax.vmap(range_.inverse))(jnp.asarray(theta)))
    of_u, of_x = rescaled(StandardNormal((theta.shape[1],)), free), units_of_data(x, embedding)
    u, z = standardized_rows(of_u, free), jax.jit(jax.vmap(lambda x: standardized(of_x, x)))(jnp.asarray(x, float))
    made = EMBEDDINGS[embedding](key_embedding, x.shape[1:]) if isinstance(embedding, str) else embedding
    C, d = z.shape[1] if made is None else features_of(made, x.shape[1:]), u.shape[1]
    mlp = MLP(key=key_net, in_shape=d + C, hidden=hidden, out=1, activation="silu")
    mlp = eqx.tree_at(lambda m: m.layers[-1], mlp, jax.tree.map(jnp.zeros_like, mlp.layers[-1]))
    A, b, cov = linear_regression(np.asarray(u), np.asarray(z)) if made is None else none(d, C)
    of = lambda a: jnp.asarray(a, jnp.float32)  # noqa: E731
    net = RatioNetwork(mlp, made, of(A), of(b), of(np.linalg.inv(cov)), x.shape[1:])
    return NeuralRatio(net, range_, of_u, of_x), (u, z)


def none(d: int, C: int) -> LinearRegression:
    """Of data whose features are not known yet: r = 1."""
    return LinearRegression(np.zeros((d, C)), np.zeros(d), np.eye(d))
