# SPDX-License-Identifier: Apache-2.0
"""A binary of black holes in the noise of a detector: data whose likelihood is exact.

ln p(d given θ) = -½ (d - h(θ), d - h(θ)) + constant, the inner product that of the noise.  The whitened data are given
as their projections on a basis of templates, x = B d, orthonormal in that product: the noise of x is N(0, 1), and what
is left out, orthogonal to all templates, tells nothing of θ.  Ref: Field et al. 2011, arXiv:1101.3765; Canizares et al.
2013, arXiv:1304.0462 (h at a few frequencies gives B h; there it is a `TemplateFit`).
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key
from numpyro import distributions as dist
from scipy.linalg import qr
from scipy.signal.windows import tukey

from isinglass.errors import InputError
from isinglass.systems.gravitational_wave.matched_filter import TAPER
from isinglass.systems.gravitational_wave.noise_curve import NoiseCurve
from isinglass.systems.gravitational_wave.strain import Strain
from isinglass.systems.gravitational_wave.template_fit import DEGREE, TemplateFit, fit_nodes, template_fit
from isinglass.systems.gravitational_wave.waveform import binary_black_hole
from isinglass.systems.simulator.prior import Prior, make_prior
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["BlackHoleBinary", "black_hole_binary"]

NAMES = ("chirp_mass", "mass_ratio", "distance", "time", "phase")
RANGES = ((25.0, 35.0), (0.4, 1.0), (1000.0, 4000.0), (-0.01, 0.01), (0.0, 2 * np.pi))
REFERENCE = 80.0  # Hz, in the most sensitive band
TEMPLATES, SPANNING, LARGEST, CHUNK = 1200, 800, 400, 256
MORE = 10  # vectors than are needed for the basis: for the interpolation
LEFT = 0.05  # of any template, in deviations of the noise, outside of the basis, or missed by the fit


class BlackHoleBinary(AbstractSimulator):
    """x = B h(θ) + n, n ~ N(0, 1): chirp mass (Suns, detector frame), m2/m1, distance (Mpc), time (s), phase (rad).

    Seen face on, overhead, without spin; uniform priors.  The phase is that of h̃(80 Hz), whatever the time,
    and therefore known to about 1/ρ.  Made by `black_hole_binary`.
    """

    frequency: Float[Array, " k"]
    weight: Float[Array, " k"]  # √(4 df/S): whitens
    basis: Float[Array, "m two_k"]  # B, of real parts, then imaginary ones
    at_nodes: TemplateFit  # h at the frequencies that determine all others
    weights: Float[Array, "m two_l"]  # B h from h at the nodes
    ranges: tuple[tuple[float, float], ...] = eqx.field(static=True, default=RANGES)

    def prior(self) -> Prior:
        """Uniform in each parameter."""
        return make_prior({name: dist.Uniform(*ends) for name, ends in zip(NAMES, self.ranges, strict=True)})

    def template(self, theta: Float[Array, "5"]) -> Float[Array, " two_k"]:
        """Whitened h̃: real parts, then imaginary ones; its square is ρ²."""
        return jnp.tile(self.weight, 2) * parts(theta, self.frequency)

    def mean(self, theta: Float[Array, "5"]) -> Float[Array, " m"]:
        """B h(θ), from h at the nodes alone."""
        return self.weights @ self.at_nodes(theta)

    def simulate(self, key: Key[Array, ""], theta: Float[Array, "5"]) -> Float[Array, " m"]:
        x = self.mean(theta)
        return x + jax.random.normal(key, x.shape)

    def log_likelihood(self, theta: Float[Array, "5"], x: Float[Array, " m"]) -> Float[Array, ""]:
        return jnp.sum(dist.Normal(self.mean(theta), 1.0).log_prob(x))  # pyright: ignore

    def snr(self, theta: Float[Array, "5"]) -> Float[Array, ""]:
        """ρ = √(h, h)."""
        return jnp.sqrt(jnp.sum(self.template(theta) ** 2))

    def observed(self, strain: Strain, time: float) -> Float[np.ndarray, " m"]:
        """B d of a stretch of strain, its time counted from a GPS second near the merger.

        Errors: InputError where the stretch is not as long as 1/df, or is not of good quality.
        """
        f = np.asarray(self.frequency)
        if abs(strain.seconds * (f[1] - f[0]) - 1) > 1e-6:
            raise InputError(f"{1 / (f[1] - f[0]):g} s of strain", f"{strain.seconds:g} s", "use .between(begin, end)")
        n, x = len(strain.x), strain.usable().x
        d = np.fft.rfft(x * tukey(n, TAPER)) * strain.step
        at = np.round(f * strain.seconds).astype(int)
        whitened = d[at] * np.exp(-2j * np.pi * f * (strain.start - time)) * np.asarray(self.weight)
        return np.asarray(self.basis) @ np.concatenate([whitened.real, whitened.imag])


def parts(theta: Float[Array, "5"], f: Float[Array, " k"]) -> Float[Array, " two_k"]:
    """Real parts of h̃, then imaginary ones."""
    mass, ratio, distance, time, phase = theta
    fixed = phase + 2 * jnp.pi * REFERENCE * time
    h = binary_black_hole(f, mass, ratio, distance, time=time, phase=fixed, reference=REFERENCE)
    return jnp.concatenate([h.real, h.imag])


def black_hole_binary(
    curve: NoiseCurve, *, low: float = 20.0, high: float = 512.0, seconds: float = 4.0,
    ranges: tuple[tuple[float, float], ...] = RANGES,
) -> BlackHoleBinary:  # fmt: skip
    """The simulator in this noise, data of so many seconds between two frequencies.

    The basis is that of the largest singular values of 800 templates of the prior, as many as leave 0.05 deviations of
    the noise, at most, of each of 400 others; the nodes are the pivots of its columns (empirical interpolation).
    The fit at the nodes misses these by as little.  Errors: InputError for ranges whose templates differ too much.
    """
    f = np.arange(np.ceil(low * seconds), np.floor(high * seconds) + 1) / seconds
    weight = np.sqrt(4 / seconds / curve.power(f))
    if len(f) < 2 or not (weight > 0).any():
        raise InputError("a band in which the noise is known", f"{low:g} to {high:g} Hz", "choose another")
    low_ends, high_ends = np.transpose(ranges)
    theta = np.random.default_rng(0).uniform(low_ends, high_ends, (TEMPLATES, len(NAMES)))
    nodes = fit_nodes(low_ends[:2], high_ends[:2])
    each = jax.jit(lambda theta: jax.lax.map(lambda one: parts(one, jnp.asarray(f)), theta, batch_size=CHUNK))
    asked = np.concatenate([theta, nodes])
    whole = np.resize(asked, (-(-len(asked) // CHUNK) * CHUNK, len(NAMES)))  # a rest would be compiled once more
    spanning, others, h = np.split(np.asarray(each(jnp.asarray(whole)))[: len(asked)], [SPANNING, TEMPLATES])
    whitened, others = np.tile(weight, 2) * spanning, np.tile(weight, 2) * others
    basis = spanned(whitened, others)
    at = np.unique(qr(basis, mode="r", pivoting=True)[1][: len(basis)] % len(f))
    both = np.concatenate([at, at + len(f)])
    weights = np.linalg.pinv(basis[:, both]).T * np.tile(weight, 2)[both]
    real, imaginary = np.split(h, 2, axis=1)
    fit = template_fit(real + 1j * imaginary, f, at, low_ends[:2], high_ends[:2], REFERENCE)
    made = BlackHoleBinary(jnp.asarray(f), jnp.asarray(weight), jnp.asarray(basis), fit, jnp.asarray(weights), ranges)
    missed = np.linalg.norm(np.asarray(jax.jit(jax.vmap(made.mean))(theta[SPANNING:])) - others @ basis.T, axis=1).max()
    if missed > LEFT:
        found = f"{missed:.2g} deviations of the noise beside them"
        raise InputError(f"templates that polynomials of degree {DEGREE} follow", found, "choose narrower masses")
    return made


def spanned(made: Float[np.ndarray, "n two_k"], others: Float[np.ndarray, "k two_k"]) -> Float[np.ndarray, "m two_k"]:
    """An orthonormal basis of the whitened templates, as large as it takes to leave LEFT of the others."""
    vectors = np.linalg.eigh(made @ made.T)[1][:, ::-1].T @ made  # the right singular vectors, largest first
    basis = np.linalg.qr(vectors[:LARGEST].T)[0].T
    left = np.sum(others**2, axis=1)[:, None] - np.cumsum((others @ basis.T) ** 2, axis=1)
    enough = np.sqrt(np.maximum(left, 0).max(axis=0)) < LEFT
    if not enough.any():
        raise InputError(f"templates that {LARGEST} of them span", "more variety", "choose narrower ranges")
    return basis[: int(np.argmax(enough)) + 1 + MORE]
