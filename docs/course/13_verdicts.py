# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 13. What a verdict is
#
# **The question.** A program prints an energy with an error bar. Why should anybody
# believe it? A network reports 97 % accuracy. Is that much, little, or too good to be
# true?
#
# **The idea.** A number is worth what could have refuted it. Hold each result against
# laws that it must keep if the program is right: an exact value, a bound, a conserved
# quantity, the agreement of independent runs. One measured deviation $d$ with error
# $\sigma$ then has three outcomes:
#
# | verdict | when | what it means |
# |---|---|---|
# | `pass` | $d$ is within a few $\sigma$ | nothing was found that speaks against it |
# | `fail` | $d$ is many $\sigma$ beyond the law | the number is wrong: do not use it |
# | `unknown` | the data cannot decide | too few samples; more would tell |
#
# A check that cannot fail is no check. So each one has to be shown an error that it
# must catch: a *planted* error.

# %%
import equinox as eqx
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from isinglass import sample
from isinglass.checks.classifier import at_most_bayes
from isinglass.course import Exercise, near
from isinglass.exact.lattice import bayes, chain, kaufman, onsager
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.systems import Ising

# %% [markdown]
# ## The experiment: plant an error
#
# A Metropolis sampler of our own in which the temperature can be wrong by a factor.
# The library does not know that; it sees configurations.


# %%
class SingleFlip(AbstractSampler):
    """L x L attempts; `error` is the relative error of the inverse temperature."""

    error: float = eqx.field(default=0.0)

    def step(self, key, s, system):
        def attempt(s, key):
            key_site, key_accept = jax.random.split(key)
            site = jax.random.randint(key_site, (), 0, s.size)
            flipped = s.reshape(-1).at[site].multiply(-1).reshape(s.shape)
            dE = system.energy(flipped) - system.energy(s)
            beta = (1 + self.error) * system.beta
            accept = jax.random.uniform(key_accept) < jnp.exp(-beta * dE)
            return jnp.where(accept, flipped, s), accept

        return jax.lax.scan(attempt, s, jax.random.split(key, s.size))


def run(error, samples):
    """The result of 64 chains, 6 x 6 spins, T = 3, and the check of the energy."""
    found = sample(
        0, Ising((6, 6)), 3.0, method=SingleFlip(error), samples=samples, chains=64
    )
    return found, next(c for c in found.checks if "energy is exact" in c.law)


for error in (0.0, -0.1):
    result, check = run(error, samples=1024)
    print(
        f"error of beta {error:+.0%}: {check.verdict}, {check.measured:.1f} sigma off"
    )
    assert check.verdict == ("fail" if error else "pass")

# %% [markdown]
# How small an error is seen? An error $\epsilon$ of $\beta$ shifts the mean energy by
# $\epsilon\, \beta\, \mathrm{Var}(E)$, and $n$ independent samples know the mean to
# $\sqrt{\mathrm{Var}(E) / n}$: the check sees $\epsilon \gtrsim 1 / (\beta
# \sqrt{n\, \mathrm{Var}(E)})$, and nothing below. A `pass` is as sharp as its error
# bar; that is why each check prints one.
#
# And the third verdict: four short chains at the transition, which have not met. (By
# itself `sample` goes on until they have: `effective_samples`.)

# %%
fixed = {"samples": 64, "chains": 4, "warmup": 10, "thin": 1, "effective_samples": None}
short = sample(0, Ising((32, 32)), 2.27, method="metropolis", **fixed)
for check in short.checks:
    print(f"{check.verdict:>8}  {check.law}")
assert short.verdict == "fail"

# %% [markdown]
# The chains alone cannot tell: `unknown`, with what would help. Only the exact energy,
# which most systems do not have, refutes the result.

# %% [markdown]
# ## The exact check: are error bars honest?
#
# An error bar is a claim about repetitions: the truth lies within one standard error in
# 68 % of all runs, within two in 95 %. So repeat, where the truth is known: Kaufman's
# energies of the 8 x 8 lattice, 17 temperatures, eight seeds.

# %%
T = np.linspace(2.0, 4.0, 17)
deviations = []
for seed in range(8):
    drawn = sample(seed, Ising((8, 8)), T, samples=256, chains=64).arrays
    error = drawn["mean_energy_error"].to_numpy()
    deviations.append(
        (drawn["mean_energy"].to_numpy() - 64 * kaufman.energy(T, 8)) / error
    )
z = np.ravel(deviations)

figure, axis = plt.subplots(figsize=(6, 3.3))
axis.hist(z, bins=np.linspace(-4, 4, 25), density=True, color="0.8", label="136 runs")
x = np.linspace(-4, 4, 200)
axis.plot(x, np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi), label="standard normal law")
axis.set(xlabel="(measured - exact) / stated error", ylabel="density")
axis.legend()
plt.show()

for width, expected in ((1, 0.6827), (2, 0.9545)):
    share = np.mean(np.abs(z) < width)
    spread = np.sqrt(expected * (1 - expected) / len(z))
    print(f"within {width} sigma: {share:.3f}, expected {expected} ± {spread:.3f}")
    assert abs(share - expected) < 3.5 * spread

# %% [markdown]
# ## A ceiling from physics
#
# Thermal noise mixes temperatures, so that no classifier of single configurations is
# always right. The energy law of the 8 x 8 lattice is known exactly, and so is the best
# possible accuracy for "below or above $T_c$"
# ([Arnold et al. 2022](https://arxiv.org/abs/2203.06084)). A network beyond it has seen
# the labels.

# %%
temperatures = np.arange(10, 36) / 10
ordered = temperatures < onsager.critical_temperature()
law = bayes.energy_law(8, temperatures)
ceiling = bayes.bayes_accuracy(law, ordered)
drawn = sample(0, Ising((8, 8)), temperatures, samples=512, chains=64).arrays
drawn_at, chains = drawn["temperature"].to_numpy(), drawn["chain"].to_numpy()
label = drawn_at < onsager.critical_temperature()
guess = np.abs(drawn["order_parameter"].to_numpy()) > 0.8
for name, hit in (("|m| > 0.8", guess == label), ("a leak of labels", label == label)):
    verdict = at_most_bayes(hit, chains, drawn_at, ceiling).verdict
    print(f"{name}: {hit.mean():.4f} for at most {ceiling:.4f}: {verdict}")

# %% [markdown]
# What no verdict can know: a mode that no chain ever met, a simulator that is not the
# experiment, a law that nobody thought of. That is said in the notes of a result.

# %% [markdown]
# ## Exercise 1: how many samples?
#
# A ring of 16 spins, $E = -\sum_i s_i s_{i+1}$, at $T = 1$. Your sampler uses a $\beta$
# that is 1 % too large. How many independent samples put its mean energy three standard
# errors away from the exact one?

# %% tags=["grader"]
K = np.array([1 - 1e-4, 1 + 1e-4])
u = np.array([16 * chain.energy(k, 16) for k in K])
shift = abs(16 * chain.energy(1.01, 16) - 16 * chain.energy(1.0, 16))
variance = -(u[1] - u[0]) / (K[1] - K[0])
needed = 9 * variance / shift**2
exercise_1 = Exercise(
    1,
    near(needed, 0.1 * needed),
    hint="dE/dβ = -Var(E), with Var(E) = 16 / cosh(1)^2 to a good approximation.",
    wrong=(needed / 9, 3 / 0.01, 1 / 0.01**2, needed * 16),
)

# %% tags=["answer"]
samples_needed = ...
exercise_1(samples_needed)

# %% tags=["solution"]
variance_of_energy = 16 / np.cosh(1) ** 2
exercise_1(9 / (variance_of_energy * 0.01**2))

# %% [markdown]
# ## Exercise 2: the best of all classifiers
#
# A detector counts photons. Showers of one kind give a Poisson number with mean 12, the
# other kind one with mean 8, both equally often. Which accuracy can no classifier
# exceed?

# %% tags=["grader"]
n = np.arange(200)
log_factorial = np.cumsum(np.log(np.maximum(n, 1)))
p, q = (np.exp(n * np.log(mean) - mean - log_factorial) for mean in (12, 8))
best_accuracy = 0.5 * np.maximum(p, q).sum()
exercise_2 = Exercise(
    2,
    near(best_accuracy, 1e-3),
    hint="for each count guess the more probable kind; how often is that right?",
    wrong=(1.0, 0.8141298, p[n > 10].sum(), q[n < 10].sum()),
)

# %% tags=["answer"]
accuracy = ...
exercise_2(accuracy)

# %% tags=["solution"]
rng = np.random.default_rng(0)
kind = rng.random(2_000_000) < 0.5
photons = rng.poisson(np.where(kind, 12, 8))
exercise_2(np.mean((photons > 9) == kind))  # 12^n e^-12 > 8^n e^-8 for n > 9.87

# %% [markdown]
# ## Exercise 3: twenty checks
#
# A careful program makes twenty independent checks, each of which calls a right result
# wrong with probability $p$. With $p = 0.05$ two of three right results would fail.
# Which $p$ makes the whole verdict call a right result wrong in 5 % of all cases?

# %% tags=["grader"]
exercise_3 = Exercise(
    3,
    lambda p: abs((1 - (1 - p) ** 20) - 0.05) < 2e-3,
    hint="the chance that none of the twenty errs is (1 - p)^20.",
    wrong=(0.05, 1.0, 0.05**20, 0.0),
)

# %% tags=["answer"]
threshold = ...
exercise_3(threshold)

# %% tags=["solution"]
exercise_3(1 - 0.95 ** (1 / 20))  # or 0.05 / 20, nearly the same

# %% [markdown]
# ## To go on
#
# [How far to trust the number](../howto/trust.md), [how to read the
# error](../howto/errors.md); calibration of learned posteriors:
# [chapter 14](14_posteriors.py).
