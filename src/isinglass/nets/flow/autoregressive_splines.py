# SPDX-License-Identifier: Apache-2.0
"""Autoregressive density of angles and real variables together: each is a spline, set by those before it, and by a
context, if there is one: q(u given c).

Refs: Durkan et al. 2019, arXiv:1906.04032; on the circle Rezende et al. 2020, arXiv:2002.02428; masks: Germain et al.
2015, arXiv:1502.03509.
"""

import math
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.nets.density import AbstractDensity
from isinglass.nets.flow.circular_coupling import circular_knots, wrapped
from isinglass.nets.layer.rational_quadratic import Knots, knots, spline, spline_inverse

__all__ = ["AutoregressiveSplines"]

BOUND = 4.0  # splines of real variables bend on [-BOUND, BOUND], in units of their deviation
LARGEST = 3.0  # |s| of a real variable


class AutoregressiveSplines(AbstractDensity):
    """q(u) = Π_i q(u_i given u_<i), in the order of the array: first `angles` angles, then real variables.

    Angle: z = g(u - t), uniform on the circle.  Real: z = g((v - t) exp(-s - r)), normal, v = (u - c)/d, r one number
    for each variable; g has `bins` bins.  With `correlated` z ~ N(0, L Lᵀ), L = 1 until it is set.
    A hidden unit of degree m depends on the variables before number m, and those of number m or later depend on it; the
    shift t of v is linear in the earlier variables besides.  Begins as independent uniform and normal variables.
    With `conditions` numbers c, every variable may depend on all of them, and half of the hidden units on them alone;
    `q.given(c)` is the density for one c.
    Law: ∂z_i/∂u_j = 0 exactly for j > i; 2π-periodic in every angle.
    Cost: hidden² + N hidden bins for ln q; for a sample N times hidden².
    """

    weights: tuple[Float[Array, "in out"], ...]
    biases: tuple[Float[Array, " out"], ...]
    head: Float[Array, "N hidden outputs"]
    head_bias: Float[Array, "N outputs"]
    linear: Float[Array, "N inputs"]
    offset: Float[Array, " reals"]
    log_scale: Float[Array, " reals"]
    log_residual: Float[Array, " reals"]  # r
    log_spread: Float[Array, " reals"]  # of z
    factor: Float[Array, " reals2"] | None  # L, row by row, and its inverse, which are not trained
    inverse: Float[Array, " reals2"] | None
    context: Float[Array, " C"]  # c, which is given and not trained
    shape: tuple[int, ...] = eqx.field(static=True)
    angles: int = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    bins: int = eqx.field(static=True)
    conditions: int = eqx.field(static=True)
    correlated: bool = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        angles: int = 0,
        hidden: Sequence[int] = (128, 128),
        bins: int = 8,
        conditions: int = 0,
        correlated: bool = False,
    ):
        self.shape, self.angles, self.hidden, self.bins = tuple(shape), angles, tuple(hidden), bins
        N = math.prod(self.shape)
        widths = (conditions + N + angles, *self.hidden)
        pairs = zip(jax.random.split(key, len(self.hidden)), widths[:-1], widths[1:], strict=True)
        # half of the weights are masked, so that a sum of n/2 terms has variance 1
        scaled = lambda k, n, m: jax.random.normal(k, (n, m), jnp.float32) * jnp.sqrt(jnp.float32(2 / n))  # noqa: E731
        self.weights = tuple(scaled(*pair) for pair in pairs)
        self.biases = tuple(jnp.zeros(m, jnp.float32) for m in self.hidden)
        self.head = jnp.zeros((N, widths[-1], 3 * bins + 3), jnp.float32)
        self.head_bias = jnp.zeros((N, 3 * bins + 3), jnp.float32)
        self.linear = jnp.zeros((N, widths[0]), jnp.float32)
        self.offset, self.log_scale = jnp.zeros(N - angles, jnp.float32), jnp.zeros(N - angles, jnp.float32)
        self.log_residual, self.log_spread = self.log_scale, self.log_scale
        self.factor = self.inverse = jnp.eye(N - angles, dtype=jnp.float32).ravel() if correlated else None
        self.conditions, self.context = conditions, jnp.zeros(conditions, jnp.float32)
        self.correlated = correlated

    def given(self, c: Float[Array, " C"]) -> "AutoregressiveSplines":
        """q(u given c), a density of u."""
        return eqx.tree_at(lambda q: q.context, self, c.astype(self.offset.dtype))

    def of_data(self, u: Float[Array, "n *site"]) -> "AutoregressiveSplines":
        """The same, with mean and deviation of the real variables as in the data."""
        r = u.reshape(len(u), -1)[:, self.angles :].astype(jnp.float32)
        where = lambda q: (q.offset, q.log_scale)  # noqa: E731
        return eqx.tree_at(where, self, (jnp.mean(r, axis=0), jnp.log(jnp.std(r, axis=0))))

    def latent(self, u: Float[Array, "*site"]) -> Float[Array, " reals"]:
        """The normal variables z of the real ones."""
        u = u.ravel().astype(self.offset.dtype)
        v = jnp.concatenate([u[: self.angles], self.unit(u)])
        a = self.settings(v)[self.angles :]
        s = bounded(a[:, -2]) + self.log_residual
        z, _ = spline((self.unit(u) - a[:, -1]) * jnp.exp(-s), self.real_spline(a), BOUND)
        return self.whitened(z * jnp.exp(-self.log_spread))

    def whitened(self, z: Float[Array, " reals"]) -> Float[Array, " reals"]:
        """L⁻¹ z."""
        return z if self.inverse is None else square(self.inverse) @ z

    def unwhitened(self, z: Float[Array, " reals"]) -> Float[Array, " reals"]:
        """L z."""
        return z if self.factor is None else square(self.factor) @ z

    def with_factor(self, L: Float[np.ndarray, "reals reals"]) -> "AutoregressiveSplines":
        """The same with z ~ N(0, L Lᵀ), L lower triangular, of a flow that was made `correlated`."""
        of = lambda a: jnp.asarray(a, jnp.float32).ravel()  # noqa: E731
        return eqx.tree_at(lambda q: (q.factor, q.inverse), self, (of(L), of(np.linalg.inv(L))))

    def degrees(self) -> list[Int[np.ndarray, " width"]]:
        """Degrees 0, ..., N of inputs and of hidden units: the number of the last variable that they depend on."""
        N, n, C = math.prod(self.shape), self.angles, self.conditions
        inputs = np.concatenate([np.zeros(C, int), 1 + np.arange(n), 1 + np.arange(n), 1 + np.arange(n, N)])
        free = [width // 2 if C else 0 for width in self.hidden]  # units of the context alone
        cycle = lambda width: 1 + np.arange(width) % max(1, N - 1)  # noqa: E731
        units = [np.concatenate([np.zeros(k, int), cycle(m - k)]) for k, m in zip(free, self.hidden, strict=True)]
        return [inputs, *units]

    def unit(self, u: Float[Array, " N"]) -> Float[Array, " reals"]:
        """v = (u - c)/d of the real variables."""
        return (u[self.angles :] - self.offset) * jnp.exp(-self.log_scale)

    def features(self, v: Float[Array, " N"]) -> Float[Array, " inputs"]:
        """cos and sin of the angles, and the real variables as they are."""
        a = v[: self.angles]
        return jnp.concatenate([jnp.cos(a), jnp.sin(a), v[self.angles :]])

    def of_context(self) -> list[Float[Array, " _"]]:
        """The context, and the units of every hidden layer that depend on it alone: the same for all samples."""
        units, degrees = [self.context], self.degrees()
        for weight, bias, b in zip(self.weights, self.biases, degrees[1:], strict=True):
            free = np.sum(b == 0)
            units.append(jax.nn.silu(units[-1] @ weight[: len(units[-1]), :free] + bias[:free]))
        return units

    def trunk(self, free: list[Float[Array, " _"]], y: Float[Array, " inputs"]) -> Float[Array, " units"]:
        """The last hidden layer, of what depends on the context alone and of the variables."""
        degrees, h = self.degrees(), y
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            k, m = len(free[i]), len(free[i + 1])
            mask = jnp.asarray(degrees[i][k:, None] <= degrees[i + 1][None, m:], h.dtype)
            h = jax.nn.silu(free[i] @ weight[:k, m:] + h @ (weight[k:, m:] * mask) + bias[m:])
        return h

    def masks(self) -> tuple[Float[Array, "N hidden 1"], Float[Array, "N inputs"]]:
        """1 where variable number i = 0, ..., N-1 may depend on a unit of the last hidden layer, or on an input."""
        i, degrees = np.arange(math.prod(self.shape))[:, None], self.degrees()
        hidden, direct = (jnp.asarray(degrees[k][None] <= i, self.head.dtype) for k in (-1, 0))
        return hidden[:, :, None], direct

    def settings(self, v: Float[Array, " N"]) -> Float[Array, "N outputs"]:
        """Parameters of the splines of all variables at once; the last one is the shift t."""
        free, y, (hidden, direct) = self.of_context(), self.features(v), self.masks()
        h = jnp.concatenate([free[-1], self.trunk(free, y)])
        outputs = jnp.einsum("h,nho->no", h, self.head * hidden) + self.head_bias
        return outputs.at[:, -1].add((self.linear * direct) @ jnp.concatenate([free[0], y]))

    def angle_spline(self, a: Float[Array, "*n outputs"]) -> Knots:
        """Knots of the spline of an angle, on [-π, π] with equal slopes at both ends."""
        w, h, d = jnp.split(a[..., : 3 * self.bins], 3, axis=-1)
        return circular_knots(w, h, d)

    def real_spline(self, a: Float[Array, "*n outputs"]) -> Knots:
        """Knots of the spline of a real variable, on [-BOUND, BOUND]; linear beyond."""
        K = self.bins
        return knots(a[..., :K], a[..., K : 2 * K], a[..., 2 * K : 3 * K + 1], BOUND)

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """ln q(u), all variables in one pass."""
        u, n = x.ravel().astype(self.offset.dtype), self.angles
        v = jnp.concatenate([u[:n], self.unit(u)])
        a = self.settings(v)
        _, circles = spline(wrapped(v[:n] - a[:n, -1]), self.angle_spline(a[:n]), math.pi)
        s = bounded(a[n:, -2]) + self.log_residual
        z, slopes = spline((v[n:] - a[n:, -1]) * jnp.exp(-s), self.real_spline(a[n:]), BOUND)
        z, log_slope = z * jnp.exp(-self.log_spread), slopes - s - self.log_scale - self.log_spread
        if self.inverse is not None:
            z, log_slope = self.whitened(z), log_slope + jnp.log(jnp.diag(square(self.inverse)))
        normal = jnp.sum(log_slope - 0.5 * (z * z + math.log(2 * math.pi)))
        return jnp.sum(circles - math.log(2 * math.pi)) + normal

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        u = self.draw(key)
        return u, self.log_prob(u)

    def draw(self, key: Key[Array, ""]) -> Shaped[Array, "*site"]:
        """u_i = g_i⁻¹(z_i) from the spline that u_<i sets, one variable after the other."""
        n, N = self.angles, math.prod(self.shape)
        key_angle, key_real = jax.random.split(key)
        z = jnp.concatenate(
            [
                jax.random.uniform(key_angle, (n,), self.offset.dtype, -math.pi, math.pi),
                jax.random.normal(key_real, (N - n,), self.offset.dtype),
            ]
        )
        hidden, direct = self.masks()
        head, linear, free = self.head * hidden, self.linear * direct, self.of_context()
        C, m = len(free[0]), len(free[-1])
        head_bias = self.head_bias + jnp.einsum("h,nho->no", free[-1], head[:, :m])
        head_bias = head_bias.at[:, -1].add(linear[:, :C] @ free[0])
        head, linear = head[:, m:], linear[:, C:]

        r, spread = (jnp.concatenate([jnp.zeros(n, z.dtype), a]) for a in (self.log_residual, self.log_spread))
        z = jnp.concatenate([z[:n], self.unwhitened(z[n:])]) * jnp.exp(spread)

        def one_more(v, i, bend):
            y = self.features(v)
            a = self.trunk(free, y) @ head[i] + head_bias[i]
            value = bend(z[i], a, a[-1] + linear[i] @ y, r[i])
            return jnp.where(jnp.arange(N) == i, value, v), None

        rotate = lambda z, a, t, _: wrapped(spline_inverse(z, self.angle_spline(a), math.pi)[0] + t)  # noqa: E731
        stretch = lambda z, a, t, r: spline_inverse(z, self.real_spline(a), BOUND)[0] * jnp.exp(bounded(a[-2]) + r) + t  # noqa: E731
        v, _ = jax.lax.scan(lambda v, i: one_more(v, i, rotate), jnp.zeros_like(z), jnp.arange(n))
        v, _ = jax.lax.scan(lambda v, i: one_more(v, i, stretch), v, jnp.arange(n, N))
        return jnp.concatenate([v[:n], v[n:] * jnp.exp(self.log_scale) + self.offset]).reshape(self.shape)


def square(a: Float[Array, " n2"]) -> Float[Array, "n n"]:
    """A matrix of its numbers, which are given and not trained."""
    return jax.lax.stop_gradient(a).reshape(math.isqrt(len(a)), -1)


def bounded(s: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """s for small s, and never beyond LARGEST: no rare sample can send a scale to infinity."""
    return LARGEST * jnp.tanh(s / LARGEST)
