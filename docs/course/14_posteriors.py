# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 14. Posteriors from simulators
#
# **The question.** A detector counts decays in twenty time bins. A source of activity
# $A$ and lifetime $\tau$, in counts per second and seconds, gives on average
#
# $$\mu_i = A\, e^{-t_i / \tau} + b, \qquad n_i \sim \mathrm{Poisson}(\mu_i), \qquad
# b = 2 .$$
#
# What do the counts $n$ say about $A$ and $\tau$? Bayes:
# $p(\theta \mid n) \propto p(n \mid \theta)\, p(\theta)$. For a telescope or a collider
# nobody can write the likelihood $p(n \mid \theta)$ down, but a program can *simulate*:
# draw $\theta$ from the prior, draw $n$ given $\theta$.
#
# **The idea** of neural posterior estimation
# ([Papamakarios and Murray 2016](https://arxiv.org/abs/1605.06376)): train a density
# $q(\theta \mid n)$ on such pairs by maximum likelihood. The mean of $-\ln q$ over all
# pairs is least where $q(\theta \mid n) = p(\theta \mid n)$. Nothing but the simulator
# is needed. The other half of the idea is to test it: for pairs that were held out the
# truth is known, so that a posterior that is too narrow can be *caught*
# ([Talts et al. 2018](https://arxiv.org/abs/1804.06788)).

# %%
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from numpyro import distributions as dist

from isinglass import infer
from isinglass.course import Exercise, near

# %% [markdown]
# ## The experiment
#
# The simulator is a function of a random key and the parameters; the prior says what
# the parameters may be.

# %%
t = jnp.linspace(0.0, 9.5, 20)
background = 2.0


def expected(theta):
    """Mean counts in the bins."""
    activity, lifetime = theta
    return activity * jnp.exp(-t / lifetime) + background


def simulate(key, theta):
    """Counts in the bins."""
    return jax.random.poisson(key, expected(theta)).astype(float)


prior = {"activity": dist.Uniform(10.0, 60.0), "lifetime": dist.Uniform(0.5, 5.0)}
truth = jnp.array([30.0, 2.0])
counts = simulate(jax.random.key(7), truth)
result = infer(
    0, simulate, prior=prior, observation=counts, simulations=5000, steps=2000
)
print(result)

# %% [markdown]
# ## The exact check
#
# Here the likelihood is known after all, so that the posterior can be computed on a
# grid, which the network has never seen.

# %%
activity, lifetime = np.linspace(10, 60, 401), np.linspace(0.5, 5, 401)
grid = jnp.stack(jnp.meshgrid(activity, lifetime, indexing="ij"), axis=-1)
mu = jax.vmap(jax.vmap(expected))(grid)
log_p = np.asarray((counts * jnp.log(mu) - mu).sum(axis=-1))  # Poisson, flat prior
p = np.exp(log_p - log_p.max())
p /= p.sum()

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
left.errorbar(t, counts, np.sqrt(counts), fmt="k.", label="counts")
left.plot(t, expected(truth), label="mean at the true parameters")
left.set(xlabel="t (s)", ylabel="n")
left.legend()
draws = [result.arrays[name].to_numpy() for name in prior]
right.plot(draws[0][:1500], draws[1][:1500], ".", ms=2, label="learned")
inside = np.sort(p.ravel())[::-1]
share = np.cumsum(inside)
levels = [inside[np.searchsorted(share, s)] for s in (0.95, 0.68)]
right.contour(activity, lifetime, p.T, levels=levels, colors="k", linewidths=1)
right.plot(*truth, "r+", ms=12, label="truth")
right.set(
    xlabel="activity (1/s)", ylabel="lifetime (s)", xlim=(18, 50), ylim=(0.8, 3.6)
)
right.legend()
plt.show()

# %% [markdown]
# Points: draws of the learned posterior. Contours: 68 % and 95 % of the exact one. The
# two parameters are correlated: a stronger source that dies sooner gives like counts.

# %%
for name, axis, values in (("activity", 1, activity), ("lifetime", 0, lifetime)):
    marginal = p.sum(axis=axis)
    mean = marginal @ values
    width = np.sqrt(marginal @ (values - mean) ** 2)
    found = result.estimates[name]
    print(f"{name}: learned {found}, exact {mean:.3f} ± {width:.3f}")
    assert abs(found.value - mean) < 0.5 * width
    assert 0.75 < found.error / width < 1.35
assert result.verdict != "fail"

# %% [markdown]
# The verdict above rests on the pairs that were held out: on ranks of true parameters
# among posterior draws, which must be uniform, and on regions that must cover the truth
# as often as they claim. That is a test of the average over the prior. The exact
# contours are of *this* observation, and outside of a course you do not have them.

# %% [markdown]
# ## Exercise 1: with pen and paper
#
# A quantity has the prior $N(0, 3^2)$. Five independent readings with noise
# $\sigma = 2$ have the mean $1.4$. Give the mean and the standard deviation of the
# posterior, as `(mean, deviation)`.

# %% tags=["grader"]
theta = np.linspace(-20, 20, 400_001)
weight = np.exp(-0.5 * (theta / 3) ** 2 - 0.5 * 5 * ((theta - 1.4) / 2) ** 2)
weight /= weight.sum()
posterior_mean = weight @ theta
posterior_width = np.sqrt(weight @ (theta - posterior_mean) ** 2)
exercise_1 = Exercise(
    1,
    lambda answer: np.allclose(answer, (posterior_mean, posterior_width), atol=1e-3),
    hint="precisions (one over variances) add; the mean is weighted by them.",
    wrong=((1.4, 2 / np.sqrt(5)), (posterior_mean, posterior_width**2), (0.7, 3.6)),
)

# %% tags=["answer"]
posterior = ...
exercise_1(posterior)

# %% tags=["solution"]
precision = 1 / 3**2 + 5 / 2**2
exercise_1((1.4 * (5 / 2**2) / precision, precision**-0.5))

# %% [markdown]
# ## Exercise 2: overconfident
#
# The posteriors of a careless program are normal, unbiased, and have 0.7 times the
# right width. Its intervals of one standard deviation claim to hold the truth in 68.3 %
# of all cases. In which share do they? (A number between 0 and 1, to three digits.)

# %% tags=["grader"]
z = np.linspace(-0.7, 0.7, 100_001)
true_coverage = np.trapezoid(np.exp(-(z**2) / 2), z) / np.sqrt(2 * np.pi)
exercise_2 = Exercise(
    2,
    near(true_coverage, 2e-3),
    hint="the truth lies N(0, 1) widths away; the interval ends at 0.7 of them.",
    wrong=(0.7 * 0.6827, 0.6827, 0.847),
)

# %% tags=["answer"]
coverage = ...
exercise_2(coverage)

# %% tags=["solution"]
z = np.random.default_rng(0).normal(size=1_000_000)
exercise_2(np.mean(np.abs(z) < 0.7))

# %% [markdown]
# ## Exercise 3: no posterior can do better
#
# For many counts the width of a posterior cannot beat Fisher's bound: with the
# information matrix $F_{jk} = \sum_i \frac{1}{\mu_i} \frac{\partial \mu_i}{\partial
# \theta_j} \frac{\partial \mu_i}{\partial \theta_k}$ the deviation of $\theta_j$ is
# $\sqrt{(F^{-1})_{jj}}$. Compute it for the *lifetime* at the true parameters, with the
# activity unknown too.

# %% tags=["grader"]
many = jax.vmap(simulate, (0, None))(jax.random.split(jax.random.key(3), 20_000), truth)
slopes = jax.jacfwd(expected)(truth)
scores = (many / expected(truth) - 1) @ slopes  # their covariance is F
bound = float(jnp.sqrt(jnp.linalg.inv(jnp.cov(scores.T))[1, 1]))
exercise_3 = Exercise(
    3,
    near(bound, 0.03 * bound),
    hint="invert the matrix first, then take the element: the activity is not known.",
    wrong=(float(jnp.cov(scores.T)[1, 1] ** -0.5), bound**2, float(posterior_width)),
)

# %% tags=["answer"]
least_width = ...
exercise_3(least_width)

# %% tags=["solution"]
J = jax.jacfwd(expected)(truth)
F = (J / expected(truth)[:, None]).T @ J
exercise_3(float(jnp.sqrt(jnp.linalg.inv(F)[1, 1])))

# %% [markdown]
# ## To go on
#
# [Posteriors of simulators](../posteriors.md): own programs, sequential rounds, images
# and series; [what a verdict is](13_verdicts.py); the experiments
# [`sbi-benchmark`](../gallery/sbi-benchmark.md) and
# [`gravitational-waves`](../gallery/gravitational-waves.md).
