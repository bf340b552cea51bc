# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 7. Diffusion
#
# **The question.** Here are some thousand maps of a fluctuating field, and nothing
# else: no action, no energy. Draw more of them. And if a new map comes with noise and
# with a hole in it, what was there?
#
# **The idea.** Spoiling a map is easy: add noise, $x = x_0 + \sigma \varepsilon$, until
# nothing but noise is left. Drawing is the same film backwards, and the way back needs
# one function only, the *score* $\nabla \ln p_\sigma$ of the law of the spoiled maps:
# points that move along
#
# $$\frac{dx}{d \ln \sigma} = -\sigma^2 \, \nabla \ln p_\sigma(x)$$
#
# follow the law $p_\sigma$ at every $\sigma$, from noise to data (Song et al.
# [2021](https://arxiv.org/abs/2011.13456), the *probability flow*). And the score is
# the best guess at the clean map,
#
# $$\sigma^2 \, \nabla \ln p_\sigma(x) = \langle x_0 \,|\, x \rangle - x :$$
#
# to take off noise and to draw are one task. A network that was taught, by least
# squares, to guess $x_0$ from $x$ and $\sigma$ is a sampler.

# %%
import jax
import matplotlib.pyplot as plt
import numpy as np
from jax.scipy.special import erf

from isinglass import infer, sample
from isinglass.checks import power_agrees
from isinglass.course import Exercise, near
from isinglass.exact.field import gaussian_field
from isinglass.exact.surface import gaussian_mixture
from isinglass.observables import Curve, power_spectrum
from isinglass.sampling import field_denoiser
from isinglass.systems import FieldSamples, NoisyField
from isinglass.training import Optimizer, Training

rng = np.random.default_rng(0)

# %% [markdown]
# ## One number, by hand
#
# Two peaks, whose score is known at every $\sigma$: noise only widens them. Euler steps
# in $\ln \sigma$, from pure noise down.

# %%
w, mu, width = np.array([0.7, 0.3]), np.array([[-1.0], [1.5]]), np.array([[0.3], [0.2]])
levels = np.geomspace(30, 0.01, 400)
x = levels[0] * rng.normal(size=(4000, 1))
path = [x]
for sigma, next_sigma in zip(levels[:-1], levels[1:], strict=True):
    score = gaussian_mixture.score(x, w, mu, np.sqrt(width**2 + sigma**2))
    x = x - sigma**2 * score * np.log(next_sigma / sigma)
    path.append(x)
share = np.mean(x < 0)
print(f"left peak: {share:.3f} ± {np.sqrt(0.21 / 4000):.3f}, exact {w[0]}")
assert abs(share - w[0]) < 5 * np.sqrt(0.21 / 4000)

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
scaled = np.array(path)[:, :60, 0] / np.sqrt(1 + levels[:, None] ** 2)
left.plot(levels, scaled, "C0", lw=0.5)
left.set(xscale="log", xlabel="$\\sigma$", ylabel="$x / \\sqrt{1 + \\sigma^2}$")
left.invert_xaxis()
grid = np.linspace(-2.5, 2.5, 301)
exact_density = np.exp(gaussian_mixture.log_density(grid[:, None], w, mu, width))
right.hist(x[:, 0], 60, density=True, color="C0", label="end of the flow")
right.plot(grid, exact_density, "C1", label="exact")
right.set(xlabel="x", ylabel="density")
right.legend()
plt.show()

# %% [markdown]
# Noise goes in at the left, two peaks come out at the right. The paths do not cross:
# the flow is one to one, and which noise becomes which sample is settled.
#
# ## The experiment
#
# Maps of a mixture: $u = -1$ is one fluid, $u = 1$ the other, all compositions between
# are equally frequent, and neighboring sites are alike. They are made from a Gaussian
# field $g$ by $u = \mathrm{erf}(g / \sqrt 2) = 2 \Phi(g) - 1$, with the distribution
# function $\Phi$ of $g$ itself, so that $u$ is uniform. Its correlation is an arcsine,
# $\langle u_0 u_r \rangle = \tfrac 2 \pi \arcsin (\langle g_0 g_r \rangle / 2)$ (Van
# Vleck and Middleton [1966](https://doi.org/10.1109/PROC.1966.4567)). The model sees
# the maps alone.
#
# Its network begins as the denoiser of the *Gaussian* field that has the spectrum of
# the data, and learns the rest. For comparison: maps of that Gaussian field.

# %%
shape = (10, 10)
P = gaussian_field.spectrum(shape, variance=1.0)
g = gaussian_field.gaussian_field(rng.normal(size=(5120, *shape)), P)
maps = np.asarray(erf(g / np.sqrt(2)))


optimizer = Optimizer("adam", 5e-3, schedule="cosine", warmup=50, clip=1.0)
trained = sample(
    0,
    FieldSamples(maps[:4096]),
    odd=True,  # u and -u are alike
    channels=8,
    training=Training(optimizer, steps=400, batch_size=32, ema=0.99, block=50),
    samples=384,
)
print(trained)

# %%
xi = 2 / np.pi * np.arcsin(gaussian_field.correlation(P) / 2)
P_u = gaussian_field.spectrum_of(xi)
drawn = {
    "data": maps[4096:],
    "Gaussian": gaussian_field.gaussian_field(rng.normal(size=(384, *shape)), P_u),
    "trained": trained.arrays["fields"].to_numpy(),
}
figure, axes = plt.subplots(1, 6, figsize=(10, 2))
for number, axis in enumerate(axes):
    label = list(drawn)[number // 2]
    image = axis.imshow(drawn[label][number % 2], vmin=-1.2, vmax=1.2)
    axis.set(title=label, xticks=[], yticks=[])
figure.colorbar(image, ax=axes, label="u", shrink=0.8)
plt.show()

# %% [markdown]
# ## The exact check
#
# The spectrum is the Fourier transform of the arcsine, the law of a site is flat, and
# its fourth moment is $\langle u^4 \rangle = 1/5$. For a Gaussian of the same variance,
# $1/3$, it would be $3 \cdot (1/3)^2 = 1/3$.

# %%
exact_power = power_spectrum.in_shells(P_u, shape)
wave_number = power_spectrum.wave_number(shape)
edges = np.linspace(-2, 2, 61)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
left.axhline(1, color="C1", label="exact")
right.plot([-1, -1, 1, 1], [0, 0.5, 0.5, 0], "C1", lw=2, label="exact")
for label, color, shift in (("Gaussian", "C7", -0.03), ("trained", "C0", 0.03)):
    u = drawn[label]
    power = power_spectrum.power_spectrum(u)
    value, error = power.value / exact_power, power.error / exact_power
    left.errorbar(wave_number + shift, value, error, fmt=".", color=color, label=label)
    law, _ = np.histogram(u, edges, density=True)
    right.stairs(law, edges, color=color, label=label)
left.set(xlabel="wave number", ylabel="power / exact power", ylim=(0.7, 1.2))
left.legend(loc="lower right")
right.set(xlabel="u of a site", ylabel="density", ylim=(0, 1))
right.legend()
plt.show()

# %%
known = Curve(exact_power, np.zeros_like(exact_power))
fourth = {}
for label in ("Gaussian", "trained"):
    u = drawn[label]
    check = power_agrees(power_spectrum.power_spectrum(u), known, 0.1)
    assert check.verdict == "pass"
    of_map = (u**4).mean(axis=(1, 2))
    fourth[label], error = of_map.mean(), of_map.std(ddof=1) / np.sqrt(len(u))
    print(f"{label:9} <u⁴> = {fourth[label]:.4f} ± {error:.4f}, exact 0.2;", end=" ")
    print(f"outside of [-1, 1]: {np.mean(np.abs(u) > 1):.1%} of the sites")
assert abs(fourth["Gaussian"] - 1 / 3) < 0.04
assert abs(fourth["trained"] - 1 / 5) < 0.015

# %% [markdown]
# Both have the right spectrum, in every shell within ten percent and three errors, and
# one of them is wrong: two-point functions do not see the shape of a law. The trained
# model still puts some sites outside of $[-1, 1]$, where no composition can be, though
# not far. It is an approximation, and unlike a flow whose action is known it has
# nothing to be corrected by: it knows the data only.
#
# ## A map with a hole
#
# A denoiser is also a prior. Given $y = x + \mathrm{noise}$ on some sites, the guess
# $\langle x_0 | x \rangle$ becomes $\langle x_0 | x, y \rangle$, and the same flow
# draws from the posterior. For a Gaussian field this is exact, and the answer is known,
# the Wiener filter ([Zaroubi et al. 1995](https://doi.org/10.1086/176070)).

# %%
truth = gaussian_field.gaussian_field(rng.normal(size=(1, *shape)), P)[0]
prior = field_denoiser(jax.random.key(1), g, odd=True)
mask, noise = np.ones(shape), 0.5
mask[3:7, 3:7] = 0
y = mask * (truth + noise * rng.normal(size=shape))
posterior = infer(
    2,
    NoisyField(y, mask, noise),
    prior=prior,
    samples=384,
    solver_steps=10,
)
wiener = gaussian_field.wiener_posterior(P, y, noise, mask)
mean = posterior.arrays["posterior_mean"].to_numpy()
spread = posterior.arrays["posterior_deviation"].to_numpy()
print(posterior)

# %%
figure, axes = plt.subplots(1, 5, figsize=(10, 2.3))
titles = ("truth", "observed", "Wiener filter", "mean of 384", "one of 384")
one = posterior.arrays["fields"].to_numpy()[0]
observed = np.where(mask == 1, y, np.nan)
panels = (truth, observed, wiener.mean, mean, one)
for axis, title, panel in zip(axes, titles, panels, strict=True):
    axis.imshow(panel, vmin=-2.5, vmax=2.5, cmap="RdBu")
    axis.set(title=title, xticks=[], yticks=[])
plt.show()

# %%
off = (mean - wiener.mean) / np.sqrt(wiener.variance / 384)
ratio = np.mean(spread**2 / wiener.variance)
print(f"mean: {np.sqrt(np.mean(off**2)):.2f} standard errors off, rms over all sites")
print(f"variance: {ratio:.3f} of the exact one, mean over all sites")
assert np.sqrt(np.mean(off**2)) < 1.5
assert abs(ratio - 1) < 0.1
assert posterior.verdict == "pass"
assert trained.verdict == "pass"

# %% [markdown]
# The mean is smooth, and in the hole it goes back to zero, where it knows nothing; each
# *draw* looks like a map, in the hole too. Not shown: a posterior whose prior is
# not Gaussian. There the guess given $y$ is an approximation, good at low noise.

# %% [markdown]
# ## Exercise 1: the best guess
#
# A number $x_0$ has mean 0 and variance $P$ and is normal; seen is $y = x_0 + \sigma
# \varepsilon$. Write the best guess `guess(y, P, sigma)`, $\langle x_0 | y \rangle$.


# %% tags=["grader"]
def is_best(guess):
    """guess - y = σ² d ln p(y)/dy, by numerical derivative of the law of y."""

    def log_p(y, P, sigma):
        return -(y**2) / (2 * (P + sigma**2))

    h = 1e-4
    return all(
        np.isclose(
            guess(y, P, sigma) - y,
            sigma**2 * (log_p(y + h, P, sigma) - log_p(y - h, P, sigma)) / (2 * h),
        )
        for y, P, sigma in ((1.0, 1.0, 1.0), (-2.0, 0.5, 2.0), (0.3, 4.0, 0.1))
    )


exercise_1 = Exercise(
    1,
    is_best,
    hint="complete the square in p(x_0) p(y | x_0); or use the score of the law of y.",
    wrong=(
        lambda y, P, sigma: y,
        lambda y, P, sigma: y * sigma**2 / (P + sigma**2),
        lambda y, P, sigma: y * np.sqrt(P) / (np.sqrt(P) + sigma),
    ),
)

# %% tags=["answer"]
guess = ...
exercise_1(guess)

# %% tags=["solution"]
# The Wiener filter of one mode: signal over signal and noise
exercise_1(lambda y, P, sigma: y * P / (P + sigma**2))

# %% [markdown]
# ## Exercise 2: one site is missing
#
# Observe the Gaussian field again, with noise 0.05, everywhere but at the site (5, 5).
# How large is the variance of the posterior there? Use the `prior` above and hand in
# what 384 draws say. (On paper: for $p \propto e^{-x K x / 2}$, what is the variance of
# one variable, all others given? Here $K$ is a multiple of $4 + m^2 - $ hops, $m =
# 0.5$, such that the variance of a site is one.)

# %% tags=["grader"]
K_diagonal = np.mean(1 / P)  # of the inverse of the covariance; 1 / P in its modes
exercise_2 = Exercise(
    2,
    near(1 / K_diagonal, 0.2 / K_diagonal),
    hint="a mask of ones with one zero, y = mask * (truth + 0.05 * noise), and then "
    "posterior_deviation of the result, squared.",
    wrong=(1.0, 1 / np.sqrt(K_diagonal), 0.05**2, wiener.variance[5, 5]),
)

# %% tags=["answer"]
variance_there = ...
exercise_2(variance_there)

# %% tags=["solution"]
all_but_one = np.ones(shape)
all_but_one[5, 5] = 0
seen = all_but_one * (truth + 0.05 * rng.normal(size=shape))
there = infer(
    3,
    NoisyField(seen, all_but_one, 0.05),
    prior=prior,
    samples=384,
    solver_steps=10,
)
deviation = there.arrays["posterior_deviation"].to_numpy()[5, 5]
print(f"measured {deviation**2:.3f}, 1 / K_xx = {1 / K_diagonal:.3f}")
exercise_2(deviation**2)

# %% [markdown]
# ## Exercise 3: the perfect copy
#
# The loss has an exact minimum on $n$ training maps: the guess is the mean of the maps,
# weighted by how well each explains $x$. It is worthless: its flow ends at the training
# maps themselves. Every check of spectrum and one-point law would pass. Write
# `copied(drawn, train, held_out)`, for arrays of maps, `train` and `held_out` of equal
# length: the share of the maps drawn whose nearest neighbor is a training map. (What
# is it for honest draws?)


# %% tags=["grader"]
def tells_copies(copied):
    """1 for copies with a little noise, 0 for copies of what is held out, else 1/2."""
    train, held_out, fresh = maps[:1000], maps[1000:2000], maps[2000:3000]
    noisy = train + 0.01 * np.random.default_rng(1).normal(size=train.shape)
    return (
        copied(noisy, train, held_out) > 0.99
        and copied(held_out + 0.01, train, held_out) < 0.01
        and abs(copied(fresh, train, held_out) - 0.5) < 0.08  # 5 standard errors
    )


exercise_3 = Exercise(
    3,
    tells_copies,
    hint="|a - b|² = |a|² + |b|² - 2 a·b for all pairs at once, maps as rows.",
    wrong=(
        lambda drawn, train, held_out: np.mean(drawn.var() < train.var()),
        lambda drawn, train, held_out: 0.5,
        lambda drawn, train, held_out: float(drawn in train),
    ),
)

# %% tags=["answer"]
copied = ...
exercise_3(copied)


# %% tags=["solution"]
def nearer_to_training(drawn, train, held_out):
    def nearest(a, b):
        a, b = a.reshape(len(a), -1), b.reshape(len(b), -1)
        squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
        return squares.min(axis=1)

    return np.mean(nearest(drawn, train) < nearest(drawn, held_out))


exercise_3(nearer_to_training)
seen_by_it, never_seen = maps[:1024], maps[4096:]
share = nearer_to_training(drawn["trained"], seen_by_it, never_seen)
print(f"the trained model: {share:.2f} ± {0.5 / np.sqrt(384):.2f}")

# %% [markdown]
# ## To go on
#
# [The density of an array of yours](../own_problems.md), by
# `approximate(key, x, method="diffusion")`, whose checks look for copies; the
# experiment [`diffusion-field`](../gallery/diffusion-field.md), in two and three
# dimensions, with $\ln Z$ of a field theory through the flow; [flows](06_flows.py),
# which know their density at once.
