# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 6. Flows
#
# **The question.** A Markov chain takes small steps and remembers where it was. Can a
# neural network draw the configurations of a field at one go, each independent of the
# last, when all that we know is the action $S(\varphi)$? And if the network is not
# perfect, as no network is: can the results still be exact?
#
# **The idea** of Albergo, Kanwar and Shanahan
# ([2019](https://arxiv.org/abs/1904.12072)): take noise $z$, whose density $r(z)$ is
# known, and push it through a map that can be inverted, $\varphi = f(z)$. Then the
# density of what comes out is known too,
#
# $$\ln q(\varphi) = \ln r(z) - \ln | \det \partial f / \partial z | .$$
#
# Train $f$ to make $q$ as near to $p = e^{-S}/Z$ as it can be. The loss needs no data,
#
# $$\langle \ln q + S \rangle_q = \mathrm{KL}(q \,|\, p) - \ln Z \;\ge\; -\ln Z ,$$
#
# and what $q$ still has wrong, each draw carries as its weight $w = e^{-S}/q$: average
# with the weights, or walk from draw to draw and accept with probability
# $\min(1, w'/w)$. Both are exact, given draws enough, for *any* $q$ that vanishes
# nowhere.

# %%
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from isinglass import sample
from isinglass.course import Exercise
from isinglass.exact.field import phi4
from isinglass.nets import GroupAverage, real_nvp
from isinglass.result import Estimate
from isinglass.systems import phi4_hopping
from isinglass.training import Optimizer, Training

# %% [markdown]
# ## The experiment
#
# The $\varphi^4$ field on 4 x 4 sites with periodic boundaries, written with a hopping
# parameter,
#
# $$S = \sum_x \Big[ -2\kappa \sum_\mu \varphi_x \varphi_{x+\mu} + (1 - 2\lambda)
# \varphi_x^2 + \lambda \varphi_x^4 \Big] , \qquad \kappa = 0.5, \; \lambda = 0.3 ,$$
#
# is small enough to be known exactly: sixteen integrals, done by transfer matrix. The
# map is a RealNVP ([Dinh et al. 2017](https://arxiv.org/abs/1605.08803)): ten layers,
# each of which leaves half of the sites alone and scales and shifts the others by what
# a small network makes of the first half. Its Jacobian is triangular, so that the
# determinant costs nothing.

# %%
system = phi4_hopping((4, 4), kappa=0.5, lam=0.3)
network = real_nvp(jax.random.key(0), (4, 4), couplings=10, hidden=(32,), z2=False)
observables = {
    "magnetization": jnp.mean,
    "susceptibility": lambda x: x.size * jnp.mean(x) ** 2,
    "phi_squared": lambda x: jnp.mean(x**2),
    "phi_fourth": lambda x: jnp.mean(x**4),
}
trained = sample(
    0,
    system,
    method=network,
    objective="reverse_kl",
    training=Training(
        Optimizer("adam", 3e-3, schedule="cosine", clip=10.0),
        steps=500,
        batch_size=128,
        block=10,
    ),
    correct="weights",
    draws=8192,
    observables=observables,
)
print(trained)

# %% [markdown]
# `correct="metropolis"`, which is the default, would walk; `acceptance` says how often
# it would move. The effective share of the draws, $\langle w \rangle^2 / \langle w^2
# \rangle$ (`ess_fraction`), is about two thirds, and the weights have no heavy tail. A
# good flow, it seems; one check disagrees. What is exact?

# %%
exact = phi4.torus(4, 4, J=1.0, r=0.4, lam=0.3)  # J = 2κ, r = 1 - 2λ
known = {
    "log_partition_function": exact.log_Z,
    "magnetization": 0.0,
    "phi_squared": exact.phi2,
    "phi_fourth": exact.phi4,
    "susceptibility": exact.chi,
}


def compare(result):
    """Estimates beside the exact values, and how many standard errors are between."""
    far = {}
    for name, value in known.items():
        found = result.estimates[name]
        far[name] = (found.value - value) / found.error
        print(f"{name:23} {found!s:18} exact {value:8.4f} ({far[name]:+.1f})")
    return far


far = compare(trained)

# %% [markdown]
# ## The trap: a lost mode
#
# $\varphi^2$, $\varphi^4$ and the susceptibility are right. The mean field, zero by
# symmetry, and $\ln Z$ are wrong by very many of their error bars.

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
left.plot(trained.history("step"), trained.history("loss"), "k.-", label="loss")
left.axhline(np.log(2) - exact.log_Z, color="C0", ls="--", label="$\\ln 2 - \\ln Z$")
left.axhline(-exact.log_Z, color="C1", label="$-\\ln Z$")
left.set(xlabel="step of training", ylabel="$\\langle \\ln q + S \\rangle_q$")
left.set_ylim(-exact.log_Z - 0.5, -exact.log_Z + 5)
left.legend()
mirrored = sample(
    1,
    system,
    method=GroupAverage(trained.models["sampler"]),
    correct="weights",
    draws=8192,
    observables=observables,
)
for result, label in ((trained, "trained flow"), (mirrored, "mirrored flow")):
    m = result.arrays["proposed_magnetization"].to_numpy()
    bins = np.linspace(-2, 2, 81)
    right.hist(m, bins, density=True, histtype="step", lw=2, label=label)
right.set(xlabel="mean field of a draw", ylabel="density")
right.legend(loc="upper center")
plt.show()

# %% [markdown]
# The field has two wells, all sites up or all sites down, of equal weight, and the flow
# has left out one (right). The loss hardly minds (left): a $q$ that is perfect in one
# well and absent from the other pays $\ln 2$, less than one that draws fields between
# the wells in order to have both. And where $q$ never draws, no weight can tell:
# the weights are exact in the limit of so many draws that some fall into the other
# well, and nobody will live to see it.
#
# What tells is samples *of the target*: the last check of the table takes a few Markov
# chains, which start at random and fall into either well, and asks the flow for its
# density there ([Nicoli et al. 2023](https://arxiv.org/abs/2302.14082)). The repair is
# the symmetry: `GroupAverage` turns the sign of each draw with probability one half.
#
# ## The exact check

# %%
print(mirrored)
far_mirrored = compare(mirrored)
assert trained.verdict == "fail"
assert abs(far["log_partition_function"]) > 10
assert mirrored.verdict == "pass"
assert max(map(abs, far_mirrored.values())) < 5

# %% [markdown]
# $Z$ itself, which a Markov chain does not yield, is the mean of the weights.
#
# Not shown: that this goes on to large lattices. The weights of $N$ independent sites
# multiply, and so do their effective shares; a flow must get better with each site, or
# the share falls exponentially (exercise 1 has the first factor). And a mode that
# neither the symmetry nor any Markov chain knows is found by none of these checks.

# %% [markdown]
# ## Exercise 1: too narrow, too wide
#
# One site, $p = N(0, 1)$, and a flow that has learned $q = N(0, \sigma^2)$. Work out
# the effective share of its draws, $\langle w \rangle^2 / \langle w^2 \rangle$ in the
# limit of many draws, as a function `share(sigma)`. Which is worse, a $q$ too narrow
# or too wide?


# %% tags=["grader"]
def is_share(share):
    """1 / ∫ p² / q, by quadrature; 0 where the integral diverges."""
    x, dx = np.linspace(-60, 60, 600_001, retstep=True)
    right = []
    for sigma in (0.8, 1.0, 1.3, 3.0):
        ratio = np.exp(-(x**2) * (1 - 0.5 / sigma**2))  # p² / q, but for its factor
        right.append(
            abs(share(sigma) * ratio.sum() * dx * sigma / np.sqrt(2 * np.pi) - 1) < 1e-3
        )
    return all(right) and abs(share(0.6)) < 1e-3


exercise_1 = Exercise(
    1,
    is_share,
    hint="∫ p²/q is a Gaussian integral; for which sigma does it converge at all?",
    wrong=(
        lambda sigma: min(sigma, 1 / sigma),
        lambda sigma: np.sqrt(abs(2 * sigma**2 - 1)) / sigma**2,
        lambda sigma: sigma * np.sqrt(max(0.0, 2 - sigma**2)),
    ),
)

# %% tags=["answer"]
share = ...
exercise_1(share)

# %% tags=["solution"]
# ∫ p²/q = σ² / √(2σ² - 1).  Too wide costs draws; below σ² = 1/2 the mean of w²
# is infinite: too narrow costs the error bar.
exercise_1(lambda sigma: np.sqrt(max(0.0, 2 * sigma**2 - 1)) / sigma**2)

# %% [markdown]
# ## Exercise 2: another coupling, for nothing
#
# The flow was trained at $\kappa = 0.5$. Find $\ln Z$ of the 4 x 4 field at $\kappa =
# 0.55$, $\lambda = 0.3$, with a standard error of at most 0.05, and train nothing. Hand
# in an `Estimate`, such as a result has.

# %% tags=["grader"]
log_z_there = phi4.torus(4, 4, J=1.1, r=0.4, lam=0.3).log_Z


def is_log_z(found):
    """Within 4.5 standard errors, of at most 0.05, of the transfer matrix."""
    off = abs(found.value - log_z_there)
    return 0 < found.error <= 0.05 and off < 4.5 * found.error


half = trained.estimates["log_partition_function"].error
exercise_2 = Exercise(
    2,
    is_log_z,
    hint="a density goes in as method=..., and without an objective it is taken as it "
    "is; the weights do the rest. Which of the two flows has all of Z?",
    wrong=(
        mirrored.estimates["log_partition_function"],
        Estimate(log_z_there - np.log(2), half),  # of the flow that has lost a well
        Estimate(log_z_there, 0.5),
    ),
)

# %% tags=["answer"]
log_z = ...
exercise_2(log_z)

# %% tags=["solution"]
again = sample(
    2,
    phi4_hopping((4, 4), kappa=0.55, lam=0.3),
    method=mirrored.models["sampler"],
    correct="weights",
    draws=8192,
    observables=observables,
)
print(again.estimates["log_partition_function"], again.estimates["ess_fraction"])
exercise_2(again.estimates["log_partition_function"])

# %% [markdown]
# ## Exercise 3: the density of the mirrored flow
#
# A flow draws $\varphi$ with density $q(\varphi)$; then a coin is tossed and the sign
# of $\varphi$ is turned or not. Write `log_mirrored(a, b)`, the logarithm of the
# density of what comes out, from $a = \ln q(\varphi)$ and $b = \ln q(-\varphi)$, which
# may be -1000 and less.


# %% tags=["grader"]
def is_density(log_mirrored):
    """Its integral is one, it is even, and it survives densities of e^-1000."""
    x, dx = np.linspace(-12, 12, 2401, retstep=True)
    up, down = (-((x - c) ** 2) / 2 - np.log(2 * np.pi) / 2 for c in (1.5, -1.5))
    density = np.exp([log_mirrored(a, b) for a, b in zip(up, down, strict=True)])
    return (
        abs(density.sum() * dx - 1) < 1e-6
        and np.allclose(density, density[::-1])
        and abs(log_mirrored(-1000.0, -1000.0) + 1000) < 1e-9
    )


exercise_3 = Exercise(
    3,
    is_density,
    hint="q(φ) with the probability that the coin said so; np.logaddexp adds in logs.",
    wrong=(np.logaddexp, lambda a, b: (a + b) / 2, max),
)

# %% tags=["answer"]
log_mirrored = ...
exercise_3(log_mirrored)

# %% tags=["solution"]
# Without the ln 2 the density has integral 2, and ln Z comes out wrong by just as
# much as that of the lost well, with the other sign.
exercise_3(lambda a, b: np.logaddexp(a, b) - np.log(2))

# %% [markdown]
# ## To go on
#
# [Diffusion](07_diffusion.py): the map as a differential equation, learned from
# samples; [autoregressive networks](08_autoregressive.py): the same for spins. The
# experiments [`phi4-flow`](../gallery/phi4-flow.md), larger lattices beside Hamiltonian
# Monte Carlo; [`two-wells-lost`](../gallery/two-wells-lost.md), the trap at length;
# [`u1-flow`](../gallery/u1-flow.md), a gauge theory whose charge freezes in a chain;
# [`boltzmann-generator`](../gallery/boltzmann-generator.md), molecules. A density of
# your own is [one class](../examples.md).
