# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 13. What a verdict is
#
# **The question.** A program prints a number with an error bar and the word `pass`.
# Why should anybody believe it?
#
# **The idea.** A check holds a measured number against a law that does not come from
# the run: an exact solution, a bound, a symmetry. It has two qualities. The *rate of
# false alarms*: how often it refuses a right result. And the *resolution*: how large an
# error must be so that it is refused almost always. For a mean with standard error
# $\sigma$, refused at $k$ of them, an error of size $\delta$ is caught with probability
#
# $$P(\text{fail}) = \Phi(\delta / \sigma - k) + \Phi(-\delta / \sigma - k) .$$
#
# Without a rate of false alarms, `fail` says nothing; without a resolution, `pass` says
# nothing. The second is forgotten more often, and there is one cure: *plant* an error
# and see whether it is found. (For samplers of posteriors: Geweke
# [2004](https://doi.org/10.1198/016214504000001132).)

# %%
import math

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from isinglass import sample
from isinglass.checks import at_most_bayes, coverage
from isinglass.course import Exercise, near
from isinglass.exact.lattice import bayes, kaufman, onsager
from isinglass.sampling import AbstractSampler
from isinglass.systems import Ising

# %% [markdown]
# ## The experiment: plant an error
#
# A heat bath on the checkerboard: each spin is set anew, given its neighbors, one color
# after the other. It uses $\beta$ times a factor that ought to be one. If it is not,
# the sampler is a perfect sampler of the wrong temperature: no chain looks ill.


# %%
class Bath(AbstractSampler):
    """P(s_i = 1) = 1 / (1 + exp(-2 β h_i)), h_i the sum of the neighbors of i."""

    factor: jax.Array  # of β

    def step(self, key, s, system):
        color = sum(jnp.indices(s.shape)) % 2
        for number, key_color in enumerate(jax.random.split(key)):
            h = sum(jnp.roll(s, by, axis) for by in (1, -1) for axis in (0, 1))
            p = jax.nn.sigmoid(2 * self.factor * system.beta * h)
            new = jnp.where(jax.random.uniform(key_color, s.shape) < p, 1, -1)
            s = jnp.where(color == number, new, s).astype(s.dtype)
        return s, p


L, T = 8, 2.5
planted = np.array([0.0, 0.005, 0.01, 0.02, 0.04, 0.08])
results = [
    sample(
        number,
        Ising((L, L)),
        T,
        method=Bath(jnp.asarray(1 + e)),
        samples=1024,
        chains=32,
    )
    for number, e in enumerate(planted)
]
print(results[0])


def energy_check(result):
    """The check against Kaufman's energy."""
    return next(check for check in result.checks if "energy is exact" in check.law)


for e, result in zip(planted, results, strict=True):
    check = energy_check(result)
    print(f"β off by {e:4.1%}: {check.measured:4.1f} errors, {check.verdict}")

# %% [markdown]
# ## The exact check
#
# Here even the answer of the check is known: at $\beta (1 + \epsilon)$ the energy is
# Kaufman's at $T / (1 + \epsilon)$. The band is what $\pm 2$ standard errors do to it.


# %%
def mean_energy(result):
    """E per site, and the standard error from the means of the chains."""
    means = result.series("energy")[0].mean(axis=1) / L**2
    return means.mean(), means.std(ddof=1) / np.sqrt(len(means))


found, error = np.array([mean_energy(result) for result in results]).T
e = np.linspace(0, 0.085, 50)
shift = np.abs(kaufman.energy(T / (1 + e), L) - kaufman.energy(T, L)) / error.mean()
figure, axis = plt.subplots(figsize=(6, 3.5))
axis.fill_between(100 * e, np.maximum(shift - 2, 0), shift + 2, color="C1", alpha=0.3)
axis.plot(100 * e, shift, "C1", label="exact")
bound = energy_check(results[0]).expected
axis.axhline(bound, color="k", ls="--", label="refused above")
measured = [energy_check(result).measured for result in results]
axis.plot(100 * planted, measured, "ko", label="what the check measured")
axis.set(xlabel="planted error of $\\beta$ in percent", ylabel="standard errors off")
axis.legend()
plt.show()

# %%
off = (found - kaufman.energy(T / (1 + planted), L)) / error
print("standard errors from the energy at the wrong temperature:", np.round(off, 1))
assert np.max(np.abs(off)) < 5
assert results[0].verdict == "pass"
assert results[-1].verdict == "fail"

# %% [markdown]
# Where the band crosses the dashed line, the verdict is a matter of luck; right of it
# an error is found almost always. An error of half a percent passes here. That is no
# fault of the check, and it is no proof that there is none: `pass` means *right to
# within what this run could have resolved*. Four times the samples halve that. (The
# last check of the table sees such errors too, and needs no exact solution: a move of
# one spin that is known to be right must leave the mean energy as it is.)
#
# ## Are the error bars true?
#
# A verdict in standard errors is worth as much as these. The test is repetition: of
# many independent runs, the truth must lie within one error bar in 68 %, neither less
# *nor more*. Sixty-four runs of 16 chains each, measured after every sweep. Twice an
# error bar: from the scatter of the chains, which are independent, and from all draws
# as if they were.

# %%
runs, chains = 64, 16
many = sample(
    7,
    Ising((L, L)),
    2.3,
    method="metropolis",
    samples=runs * chains * 64,
    chains=runs * chains,
    thin=1,
    effective_samples=None,
    configurations=False,
)
energy = many.series("energy")[0].reshape(runs, chains, -1) / L**2
exact = float(kaufman.energy(2.3, L))
value = energy.mean(axis=(1, 2))
bars = {
    "chains": energy.mean(axis=2).std(axis=1, ddof=1) / np.sqrt(chains),
    "draws": energy.std(axis=(1, 2)) / np.sqrt(energy[0].size),
}
figure, axis = plt.subplots(figsize=(6, 3.5))
grid = np.linspace(-8, 8, 200)
axis.plot(grid, np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi), "k", label="normal law")
for name, bar in bars.items():
    pull = (value - exact) / bar
    bins = np.linspace(-8, 8, 33)
    axis.hist(pull, bins, density=True, histtype="step", lw=2, label=f"error of {name}")
    check = coverage(value, bar, exact)
    print(f"error of {name}: {check.law}: {check.measured:.2f}, {check.verdict}")
    assert check.verdict == {"chains": "pass", "draws": "fail"}[name]
axis.set(xlabel="(value - exact) / error", ylabel="density of runs")
axis.legend()
plt.show()

# %% [markdown]
# Draws of a chain are like their predecessors. Who counts them as independent has an
# error bar that is too small, and then every check by standard errors gives false
# alarms, or, if a program reports only what agrees, false peace.
#
# ## Too good to be true
#
# A bound that no honest result can break finds another kind of mistake. One
# configuration cannot tell for sure on which side of $T_c$ it was drawn; how often the
# best possible classifier is right follows from the exact density of states
# ([Arnold et al. 2022](https://arxiv.org/abs/2203.06084)).

# %%
temperatures = np.arange(10, 36) / 10
cold = temperatures < onsager.critical_temperature()
ceiling = bayes.bayes_accuracy(bayes.energy_law(L, temperatures), cold)
data = sample(8, Ising((L, L)), temperatures, samples=512, chains=32)
m = np.abs(data.arrays["order_parameter"].to_numpy())
drawn_at, chain = (data.arrays[name].to_numpy() for name in ("temperature", "chain"))
label = drawn_at < onsager.critical_temperature()
print(f"ceiling: {ceiling:.4f}")
for name, guess in (("threshold of |m|", m > 0.8), ("file names known", label)):
    check = at_most_bayes(guess == label, chain, drawn_at, ceiling)
    print(f"{name}: accuracy {check.measured:.4f}, {check.verdict}")
assert check.verdict == "fail"

# %% [markdown]
# The second classifier is right always, and that is what refutes it: labels leaked.
#
# ## Unknown
#
# A third word is needed, since not to have found an error is not the same as to have
# looked. Four chains of a few sweeps, deep in the cold:

# %%
short = sample(
    9,
    Ising((L, L)),
    1.8,
    method=Bath(jnp.asarray(1.0)),
    samples=16,
    chains=4,
    thin=1,
    warmup=0,
    effective_samples=None,
)
for check in short.checks:
    print(f"{check.verdict}: {check.law}")
assert short.verdict != "pass"

# %% [markdown]
# ## What a verdict cannot know
#
# Two peaks of equal weight, sixty widths apart; nobody tells the sampler of the second.


# %%
def energy_of(x):
    """-ln of N(0, 1) and N(60, 1) in equal parts."""
    return -jnp.logaddexp(-(x**2) / 2, -((x - 60) ** 2) / 2)


alone = sample(0, energy_of, start=0.0, samples=512, observables={"place": lambda x: x})
print("mean:", alone.estimates["place"], "exact: 30, verdict:", alone.verdict)
named = sample(
    0,
    energy_of,
    start=0.0,
    modes=[0.0, 60.0],
    samples=512,
    observables={"place": lambda x: x},
)
print("with both modes named:", named.estimates["place"], "verdict:", named.verdict)
assert alone.verdict == "pass"
assert named.verdict == "fail"
assert abs(alone.estimates["place"].value - 30) > 20

# %% [markdown]
# `pass`, and the mean is wrong by thirty widths. All that the checks looked at was
# right: the chains agree, their virial theorem holds, in the one peak that they know.
# Checks see what chains have met. Physics must say where else to look, a symmetry, a
# known mode, a start of another kind; then a check can: with both modes named, chains
# begin in either, none goes across, and their disagreement is a `fail`.
#
# The same holds for every word of the library: a posterior is right *for this
# simulator*, a potential *for such configurations*, a phase *for this order*.

# %% [markdown]
# ## Exercise 1: the power of a check
#
# A check refuses when the measured mean is more than four standard errors off. Write
# `power(shift)`: the probability that it refuses, when the truth is off by `shift`
# standard errors and the measured mean is normal. (`math.erf` may serve.)


# %% tags=["grader"]
def is_power(power):
    """The integral of the normal law around the shift, over what is refused."""
    dx = 1e-4
    x = np.arange(-30, 30, dx) + dx / 2
    refused = np.abs(x) > 4

    def expected(shift):
        return (
            np.sum(np.exp(-((x - shift) ** 2) / 2) * refused) * dx / np.sqrt(2 * np.pi)
        )

    shifts = (0.0, 2.0, -3.0, 4.0, 7.0)
    return all(abs(power(shift) - expected(shift)) < 1e-6 for shift in shifts)


exercise_1 = Exercise(
    1,
    is_power,
    hint="the normal distribution function is (1 + erf(x / √2)) / 2; refused is what "
    "lies above 4 or below -4.",
    wrong=(
        lambda shift: float(abs(shift) > 4),
        lambda shift: (1 + math.erf(shift / math.sqrt(2))) / 2,
        lambda shift: (1 + math.erf((4 - shift) / math.sqrt(2))) / 2,
    ),
)

# %% tags=["answer"]
power = ...
exercise_1(power)


# %% tags=["solution"]
def normal(x):
    return (1 + math.erf(x / math.sqrt(2))) / 2


# Without a shift 6e-5, the false alarm; at four errors one half; at seven 0.999.
exercise_1(lambda shift: normal(shift - 4) + normal(-shift - 4))

# %% [markdown]
# ## Exercise 2: find the half percent
#
# Above, an error of half a percent in $\beta$ passed. Change the experiment, not the
# error, so that `Bath(jnp.asarray(1.005))` is refuted, and hand in the result. (What do
# you expect to need, from the figure?)


# %% tags=["grader"]
def is_refuted(result):
    """Its verdict is fail, and its energy is that of β off by half a percent."""
    value, error = mean_energy(result)
    off = abs(value - kaufman.energy(T / 1.005, L)) / error
    return result.verdict == "fail" and off < 5


exercise_2 = Exercise(
    2,
    is_refuted,
    hint="the standard error falls as one over the square root of the samples.",
    wrong=(results[0], results[1], results[-1]),
)

# %% tags=["answer"]
refuted = ...
exercise_2(refuted)

# %% tags=["solution"]
more = sample(
    3, Ising((L, L)), T, method=Bath(jnp.asarray(1.005)), samples=32_768, chains=32
)
print(f"{energy_check(more).measured:.1f} standard errors, {more.verdict}")
exercise_2(more)

# %% [markdown]
# ## Exercise 3: error bars of somebody else
#
# A paper reports 400 runs, `theirs` with `their_errors`, of a quantity whose exact
# value is 1. All error bars are wrong by one common factor. By which must they be
# multiplied?

# %%
their_rng = np.random.default_rng(3)
their_errors = 0.02 * their_rng.uniform(0.5, 2, 400)
theirs = 1 + 2.5 * their_errors * their_rng.normal(size=400)

# %% tags=["grader"]
pulls = (theirs - 1) / their_errors
exercise_3 = Exercise(
    3,
    near(2.5, 0.3),  # 3.4 standard errors of a standard deviation from 400 runs
    hint="(value - exact) / error has standard deviation one if the errors are right.",
    wrong=(
        1 / 2.5,
        float(np.mean(np.abs(pulls) < 1)),
        float(np.mean(np.abs(pulls))),
        float(np.std(theirs) / np.sqrt(400) / np.mean(their_errors)),
    ),
)

# %% tags=["answer"]
factor = ...
exercise_3(factor)

# %% tags=["solution"]
# The mean of |pull| is smaller than their standard deviation, by √(2/π).
exercise_3(np.std((theirs - 1) / their_errors))

# %% [markdown]
# ## To go on
#
# [How far can I trust the number?](../howto/trust.md) and
# [how to read a result](../idea.md); [the lost mode of a flow](06_flows.py), a verdict
# that looks perfect until the target is asked; [Metropolis](01_metropolis.py), where
# the error bars come from. A check of your own is [one function](../examples.md), with
# an error planted.
