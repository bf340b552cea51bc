# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 19. Scaling, emergence and sequences
#
# **The question.** The loss of large networks falls as a power of the number of
# examples, over many decades. Which power, and down to what? And when an ability
# appears suddenly along such a smooth curve, is that a phase transition?
#
# **The idea.** Ask where the answers are known. Three cases: regression by a kernel,
# whose spectrum fixes the exponent (Cui et al.
# [2021](https://arxiv.org/abs/2105.15004)); symbols of a known source, whose entropy no
# predictor can beat (Shannon
# [1948](https://doi.org/10.1002/j.1538-7305.1948.tb01338.x)); and series of $k$
# answers, which are all right with probability $p^k$ (Schaeffer et al.
# [2023](https://arxiv.org/abs/2304.15004)).

# %%
import itertools
import math

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import brentq, minimize_scalar

from isinglass import approximate, infer
from isinglass.course import Exercise, near
from isinglass.exact.emergence.exact_match import LARGEST_SLOPE, exact_match
from isinglass.exact.learning.empirical_risk import hebb_error
from isinglass.exact.regression.kernel_regression import exponents, kernel_error
from isinglass.exact.sequence.markov_chain import entropy_rate
from isinglass.inference.scaling_laws import RunsTable
from isinglass.systems.sequence import MarkovSource

# %% [markdown]
# ## The experiment: a table of runs
#
# A kernel has the eigenvalues $\lambda_k = k^{-2}$; the function to be learned has the
# weight $k^{-2}$ on mode $k$, and noise of variance 0.01 covers it. Each run takes $P$
# new examples and the smoothest function through all of them; its loss is the mean over
# four such sets.

# %%
modes, noise = 1500, 0.01
eigenvalue = np.arange(1, modes + 1) ** -2.0
w = np.ones(modes)  # so that λ w² = k^-2
rng = np.random.default_rng(0)


def run(P):
    """Loss on new examples: the noise, and Σ λ_k (w_k - v_k)²."""
    X = rng.normal(size=(P, modes)) * np.sqrt(eigenvalue)
    y = X @ w + math.sqrt(noise) * rng.normal(size=P)
    v = X.T @ np.linalg.solve(X @ X.T, y)
    return noise + np.sum(eigenvalue * (w - v) ** 2)


examples = np.repeat([8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384], 12)
loss = np.array([np.mean([run(P) for _ in range(4)]) for P in examples])
found = infer(0, RunsTable(loss, tokens=examples), progress=False)
print(found)

# %% [markdown]
# `infer` was told losses and numbers of examples, nothing else, and fits $L = E + B /
# P^\beta$. Theory: $\beta = b - 1 = 1$ for weights $k^{-b}$ with $b = 2$; and what is
# left for $P \to \infty$ is $E = 2\sigma^2$, the noise twice: once in the new example,
# and once because the fit goes through the noise of all others.

# %%
sizes = np.unique(examples)
mean, error = np.array(
    [
        [np.mean(loss[examples == P]), np.std(loss[examples == P]) / math.sqrt(12)]
        for P in sizes
    ]
).T
exact = np.array([kernel_error(eigenvalue, eigenvalue, P, noise).error for P in sizes])
figure, axis = plt.subplots(figsize=(6, 3.5))
axis.loglog(sizes, exact, "k", label="theory")
axis.errorbar(sizes, mean, error, fmt="C0o", ms=4, label="runs")
E, B, beta = (
    found.estimates[name]
    for name in ("irreducible_loss", "coefficient/tokens", "exponent/tokens")
)
far = np.geomspace(8, 1e4, 100)
axis.loglog(far, E.value + B.value / far**beta.value, "C1--", label="law of the fit")
axis.axhline(2 * noise, color="gray", lw=0.5)
axis.set(xlabel="examples P", ylabel="loss")
axis.legend()
plt.show()

# %% [markdown]
# ## The exact check
#
# Each point against theory at its $P$, and the fit against the limits.

# %%
off = (mean - exact) / np.hypot(error, 0.02 * exact)
print("points, standard errors from theory:", np.round(off, 1))
print(
    f"exponent {beta}, theory {exponents(2.0, 2.0)[0]}; floor {E}, theory {2 * noise}"
)
assert np.max(np.abs(off)) < 5
assert abs(beta.value - 1) < 4 * beta.error + 0.05
assert abs(E.value - 2 * noise) < 4 * E.error + 0.1 * noise

# %% [markdown]
# ## Symbols: the floor is an entropy
#
# A chain of two symbols with transition matrix $P$. A small transformer reads 20,000
# symbols, and gives each symbol a probability $q$, given those before. Its loss is
#
# $$\langle -\ln q \rangle = h + \langle \ln p / q \rangle \ge h , \qquad
# h = -\sum_{ij} \pi_i P_{ij} \ln P_{ij} .$$

# %%
P = np.array([[0.9, 0.1], [0.3, 0.7]])
h = entropy_rate(P)
source = MarkovSource(P)
symbols = np.asarray(source.samples(jax.random.key(1), 1, 20_000))[0]
learned = approximate(
    0,
    symbols,
    method="transformer",
    context=8,
    width=8,
    layers=1,
    steps=500,
    entropy=h,
    progress=False,
)
print(learned)

# %% [markdown]
# That loss has the noise of the symbols it was measured on. But there are only $2^8$
# windows of eight symbols, and both probabilities of each are known:

# %%
windows = jnp.array(list(itertools.product((0, 1), repeat=8)))
log_p = -np.asarray(jax.vmap(source.surprisals)(windows)).sum(axis=1)
model = learned.models["transformer"]
log_q = np.asarray(jax.vmap(model.log_prob)(windows), dtype=float)
p = np.exp(log_p)
excess = p @ (log_p - log_q) / 8
floor = -p @ log_p / 8  # h, and a little more: the first symbol has no predecessor
figure, axis = plt.subplots(figsize=(4.5, 3.5))
axis.plot(log_p, log_q, "C0.", label="all windows")
axis.plot([-16, 0], [-16, 0], "k", lw=0.8)
axis.set(xlabel="ln p, exact", ylabel="ln q, transformer")
axis.legend()
plt.show()
print(f"floor {floor:.4f} nat a symbol, transformer {floor + excess:.4f}")
print(f"excess {excess / floor:.2%}; sum of all q: {np.exp(log_q).sum():.6f}")
assert abs(np.exp(log_q).sum() - 1) < 1e-4
assert 0 < excess < 0.01 * floor
assert learned.verdict == "pass"

# %% [markdown]
# ## Emergence
#
# Students of [chapter 17](17_generalization.py) by Hebb's rule, each with 400 unknowns,
# are examined: a series counts if *all* of its $k$ answers are right.

# %%
N, students, asked = 400, 30, 3000
loads = np.array([0.5, 2.0, 8.0, 32.0, 128.0])


def examined(alpha):
    """Of each student, which of its answers are right."""
    x = rng.normal(size=(round(alpha * N), N)).astype(np.float32)
    w = np.sign(x[:, 0]) @ x
    new = rng.normal(size=(asked, 2)).astype(np.float32)  # along the teacher, across
    across = np.linalg.norm(w[1:])
    return np.sign(new[:, 0]) == np.sign(w[0] * new[:, 0] + across * new[:, 1])


right = np.array([[examined(a) for _ in range(students)] for a in loads])
dense = np.geomspace(0.3, 300, 100)
single = np.array([hebb_error(a) for a in dense])
figure, axis = plt.subplots(figsize=(6, 3.5))
off = []
for k in (1, 5, 30):
    series = right.reshape(len(loads), students, -1, k).all(axis=3).mean(axis=2)
    share, bar = series.mean(axis=1), series.std(axis=1, ddof=1) / math.sqrt(students)
    theory = exact_match(np.array([hebb_error(a) for a in loads]), k)
    off.append((share - theory) / np.hypot(bar, 2e-3))
    axis.semilogx(dense, exact_match(single, k), label=f"series of {k}")
    axis.errorbar(loads, share, bar, fmt="ko", ms=4)
axis.set(xlabel="examples by unknowns, $\\alpha$", ylabel="share that is right")
axis.legend()
plt.show()

# %%
print("standard errors from (1 - ε)^k:", np.round(off, 1))
assert np.max(np.abs(off)) < 5
alpha = np.geomspace(0.5, 1e5, 4000)
for k in (5, 30, 1000):
    slope = np.max(np.gradient(exact_match(0.442 / alpha, k), np.log(alpha)))
    print(f"ε = 0.442/α, k = {k}: slope by ln α at most {slope:.4f}")
assert abs(slope - LARGEST_SLOPE) < 0.002  # 1/e for k → ∞

# %% [markdown]
# Nothing happens for a long time, and then the series are solved: but the single answer
# improves all the while. The best students, whose errors fall as $0.442 / \alpha$, look
# no different: longer series move the curve and do not make a step of it, as its slope
# by $\ln \alpha$ goes to $1/e$. At a true transition, such as that of the teacher with
# weights $\pm 1$ at $\alpha = 1.245$, the single answer jumps, and more so the larger
# the system. That is how the two are told apart: by the scaling with size, and not by
# the look of a curve.

# %% [markdown]
# ## Exercise 1: the entropy of a source
#
# Give the entropy rate, in nat, of the chain with the transition matrix `Q`.

# %%
Q = np.array([[0.8, 0.2, 0.0], [0.1, 0.6, 0.3], [0.5, 0.0, 0.5]])

# %% tags=["grader"]


def block_entropy(n):
    """Of n symbols in a row, from all 3^n."""
    law = np.linalg.matrix_power(Q, 200)[0]
    for _ in range(n - 1):
        last = np.arange(len(law)) % 3
        law = (law[:, None] * Q[last]).ravel()
    law = law[law > 0]
    return -np.sum(law * np.log(law))


rate = block_entropy(8) - block_entropy(7)
stationary = np.linalg.matrix_power(Q, 200)[0]
rows = np.array([-np.sum(row[row > 0] * np.log(row[row > 0])) for row in Q])
exercise_1 = Exercise(
    1,
    near(rate, 1e-4),
    hint="entropies of the rows, weighted by how often the chain is there: π Q = π.",
    wrong=(rate / math.log(2), rows.mean(), -np.sum(stationary * np.log(stationary))),
)

# %% tags=["answer"]
entropy = ...
exercise_1(entropy)

# %% tags=["solution"]
pi = np.linalg.matrix_power(Q, 100)[0]
exercise_1(-np.sum(pi[:, None] * Q * np.log(np.where(Q > 0, Q, 1))))

# %% [markdown]
# ## Exercise 2: how to spend a budget
#
# A network of $N$ parameters on $D$ tokens has the loss $E + A / N^{0.34} + B /
# D^{0.28}$ and costs $C = 6 N D$ operations. The best $N$ grows as $C^a$. Give $a$.

# %% tags=["grader"]


def best_size(C):
    """ln of the N of least loss, A = B = 400."""
    law = lambda n: 400 * math.exp(-0.34 * n) + 400 * (C / 6 / math.exp(n)) ** -0.28  # noqa: E731
    return minimize_scalar(law, bounds=(5, 50), method="bounded").x


power = (best_size(1e24) - best_size(1e20)) / math.log(1e4)
exercise_2 = Exercise(
    2,
    near(power, 1e-3),
    hint="put D = C / 6N; at the least loss both terms change by as much.",
    wrong=(0.34 / 0.62, 0.5, 0.28, 0.34),
)

# %% tags=["answer"]
a = ...
exercise_2(a)

# %% tags=["solution"]
exercise_2(0.28 / (0.34 + 0.28))

# %% [markdown]
# ## Exercise 3: when does it emerge?
#
# A student's single answers are wrong with probability $\epsilon = 0.442 / \alpha$. At
# which $\alpha$ are half of the series of $k$ answers right? Write `half(k)`.

# %% tags=["grader"]


def is_half(half):
    """By the root of (1 - ε)^k = ½."""
    return all(
        math.isclose(
            half(k),
            brentq(lambda x, k=k: exact_match(0.442 / x, k) - 0.5, 0.5, 1e6),
            rel_tol=1e-6,
        )
        for k in (1, 10, 1000)
    )


exercise_3 = Exercise(
    3,
    is_half,
    hint="take the k-th root of one half.",
    wrong=(
        lambda k: 0.442 * k,
        lambda k: 0.442 * k / math.log(2),
        lambda k: 0.442 / 0.5**k,
    ),
)

# %% tags=["answer"]
half = ...
exercise_3(half)

# %% tags=["solution"]
# For large k it is 0.442 k / ln 2: ten times the length, ten times the examples.
exercise_3(lambda k: 0.442 / (1 - 0.5 ** (1 / k)))

# %% [markdown]
# ## To go on
#
# [Scaling laws](../scaling.md) of your own runs; [sequences](../sequences.md);
# [emergence](../emergence.md), with grokking; the experiments
# [`scaling-laws`](../gallery/scaling-laws.md),
# [`entropy-floor`](../gallery/entropy-floor.md) and
# [`emergence`](../gallery/emergence.md).
