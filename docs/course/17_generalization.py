# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 17. Generalization
#
# **The question.** A student sees $n$ examples of a rule that a teacher knows, $N$
# unknown numbers. How many examples does it need? Can more parameters make it worse?
# And what the examples *determine*, can it also be *found*?
#
# **The idea.** Let $n$ and $N$ grow at a fixed ratio $\alpha = n / N$. The error of a
# student is then a number, not a distribution, as an energy is in thermodynamics, and
# the methods are those of disordered magnets: examples are the disorder, the error
# plays the order parameter, and a sudden understanding is a phase transition (Gardner
# [1988](https://doi.org/10.1088/0305-4470/21/1/030), Györgyi
# [1990](https://doi.org/10.1103/PhysRevA.41.7097)).

# %%
import math

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from isinglass import infer
from isinglass.course import Exercise, near
from isinglass.exact.learning.empirical_risk import hebb_error
from isinglass.exact.learning.generalized_linear import (
    SignOutput,
    Teacher,
    learning_curve,
    overlaps,
    wrong_signs,
)
from isinglass.exact.learning.scalar_prior import NormalPrior, SparseSigns
from isinglass.exact.regression.linear_regression import ridge_risk
from isinglass.exact.regression.random_features import (
    RELU,
    best_penalty,
    features_error,
)
from isinglass.inference.linear import LabelledPoints
from isinglass.inference.message_passing.generalized import GeneralizedPassing

# %% [markdown]
# ## The experiment: to fit is not to understand
#
# Sixty points in forty dimensions, with labels of a fair coin. A plane separates them
# without a mistake:

# %%
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 40))
by_heart = infer(0, LabelledPoints(X, rng.choice([-1, 1], 60)))
rule = infer(0, LabelledPoints(X, np.sign(X[:, 0])))
print(by_heart)
assert by_heart.estimates["separable"].value == 1
assert by_heart.verdict == rule.verdict == "unknown"
X = rng.normal(size=(400, 40))
assert infer(0, LabelledPoints(X, np.sign(X[:, 0]))).verdict == "pass"

# %% [markdown]
# There was nothing to be understood, and so the verdict is `unknown`: a plane through
# so few points is no surprise. That there *is* a rule shows when nearly all other
# labels could not have been fitted, at more than two points for each dimension (Cover
# [1965](https://doi.org/10.1109/PGEC.1965.264137); exercise 1). The error that counts
# is that on examples not seen.
#
# ## The exact check: double descent
#
# The rule is now $y = \beta \cdot x$ with noise of variance 0.2, in $d$ dimensions. The
# student is a network with a random first layer, $f(x) = \sum_k a_k\,
# \mathrm{relu}(w_k \cdot x)$, of which the $p$ numbers $a_k$ are fitted to $n = 2d$
# examples by least squares with a ridge, $\frac1n \sum (y - f)^2 + \lambda |a|^2$.
# Theory is that of Mei and Montanari ([2022](https://arxiv.org/abs/1908.05355)), for $d
# \to \infty$.

# %%
d, n, noise, networks = 48, 96, 0.2, 60


def on_sphere(rows):
    """Unit vectors in d dimensions."""
    x = rng.normal(size=(rows, d))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def student_error(p, penalty):
    """Of new examples, by which the mean square of f is off β·x."""
    x, new, W = math.sqrt(d) * on_sphere(n), math.sqrt(d) * on_sphere(500), on_sphere(p)
    y = x[:, 0] + math.sqrt(noise) * rng.normal(size=n)  # β is the first axis
    phi, phi_new = (
        math.sqrt(d / p) * (np.maximum(z @ W.T, 0) - RELU.mean) for z in (x, new)
    )
    a = phi.T @ np.linalg.solve(phi @ phi.T + n * penalty * np.eye(n), y)
    return np.mean((phi_new @ a - new[:, 0]) ** 2)


def theory(p, penalty):
    """Bias and variance, d → ∞."""
    found = features_error(p / d, n / d, penalty)
    return found.bias + noise * found.variance


ratios = np.array([0.25, 0.5, 0.75, 1.0, 1.35, 2.0, 4.0])  # p/n
dense = np.geomspace(0.2, 5, 101)
figure, axis = plt.subplots(figsize=(6, 3.5))
off = {}
for color, name in (("C0", "$\\lambda = 0.001$"), ("C1", "the best $\\lambda$")):

    def penalty(ratio, name=name):
        return 1e-3 if "0.001" in name else best_penalty(ratio * n / d, n / d, noise)[0]

    errors = np.array(
        [
            [student_error(round(r * n), penalty(r)) for _ in range(networks)]
            for r in ratios
        ]
    )
    mean, bar = errors.mean(axis=1), errors.std(axis=1, ddof=1) / math.sqrt(networks)
    exact = np.array([theory(r * n, penalty(r)) for r in ratios])
    off[name] = (mean - exact) / np.hypot(bar, 0.02 * exact)  # 2 % of d being finite
    axis.plot(dense, [theory(r * n, penalty(r)) for r in dense], color, label=name)
    axis.errorbar(ratios, mean, bar, fmt=f"{color}o", ms=4)
axis.axvline(1, color="gray", lw=0.5)
axis.set(xscale="log", xlabel="parameters by examples, p / n", ylabel="error")
axis.set(ylim=(0, None), xticks=ratios, xticklabels=[f"{r:g}" for r in ratios])
axis.minorticks_off()
axis.legend()
plt.show()

# %%
for name, deviation in off.items():
    print(f"{name}: errors from theory:", np.round(deviation, 1))
    assert np.mean(deviation**2) < 4  # of seven: by chance once in 5000
assert mean[0] > mean[-1]

# %% [markdown]
# At $p = n$ the examples can just be fitted, in one way only, with large weights that
# serve the noise. Beyond, there are many fits, and the smallest of them is smooth: the
# error falls again. Neither a mystery nor a law of nature: the right ridge has no peak
# at all.
#
# ## What is determined, and what can be found
#
# Now a teacher $x$ of $N$ numbers of which one sees signs, $y = \mathrm{sign}\, F x$.
# *Message passing* is the best algorithm known: in steps of $2nN$ multiplications it
# gives the posterior mean $m$, and theory knows its overlap $q = m \cdot x / N$ for $N
# \to \infty$. It also knows that of the posterior itself, which would need a sum over
# all $x$. One teacher has normal weights, the other one weights of $\pm 1$.


# %%
def passed(key, prior, alpha, N=1000, steps=60, informed=0.0):
    """The overlap with the teacher; from `informed` times the teacher itself."""
    keys = jax.random.split(key, 3)
    x = prior.samples(keys[0], N)
    F = jax.random.normal(keys[1], (round(alpha * N), N)) / math.sqrt(N)
    passing = GeneralizedPassing(prior, SignOutput())
    start = informed * x + jax.random.normal(keys[2], (N,)) / math.sqrt(N)
    state = passing.init(len(F), start, 1 - informed**2 + 1 / N)
    y = jnp.sign(F @ x)
    step = lambda state, _: (passing.step(state, F, y), None)  # noqa: E731
    return jax.lax.scan(step, state, length=steps)[0].m @ x / N


def many(prior, alpha, samples=12, **how):
    """Mean and standard error."""
    one = jax.jit(lambda key: passed(key, prior, alpha, **how))
    q = np.array([one(jax.random.key(seed)) for seed in range(samples)])
    return q.mean(), q.std(ddof=1) / math.sqrt(samples)


normal, signs = (Teacher(p, SignOutput()) for p in (NormalPrior(), SparseSigns()))
loads = np.array([0.5, 1.0, 1.35, 1.8])
fields = np.geomspace(0.05, 200, 150)  # s = α ψ(q), which tells each fixed point apart
figure, axes = plt.subplots(1, 2, figsize=(10, 3.5), sharey=True)
off = []
for axis, teacher, name in zip(
    axes, (normal, signs), ("normal", "$\\pm 1$"), strict=True
):
    axis.plot(*learning_curve(teacher, fields), "C0", label="fixed points, theory")
    q, bar = np.array([many(teacher.prior, a) for a in loads]).T
    exact = np.array([overlaps(teacher, a)[0] for a in loads])
    off.append((q - exact) / np.hypot(bar, 0.002))
    axis.errorbar(loads, q, bar, fmt="C0o", ms=4, label="N = 1000")
    axis.set(xlabel="examples by unknowns, $\\alpha$", title=f"weights: {name}")
    axis.set(xlim=(0, 2))
axes[1].hlines(1, 1.245, 2, "k", ls="--", label="posterior")
axes[1].axvspan(1.245, 1.493, color="C3", alpha=0.15, label="hard")
axes[0].set(ylabel="overlap q")
axes[1].legend(loc="lower right")
plt.show()

# %%
print("standard errors from theory:", np.round(off, 1))
assert np.max(np.abs(off)) < 5
blind = many(signs.prior, 1.35)
told = many(signs.prior, 1.35, informed=0.97)
print(f"±1, α = 1.35: {blind[0]:.3f} ± {blind[1]:.3f}; begun near it: {told[0]:.6f}")
assert blind[0] < 0.9
assert told[0] > 0.999
least_wrong = wrong_signs(overlaps(normal, 2.0)[1])
print(f"wrong signs of the best student at α = 2: {least_wrong:.4f}")

# %% [markdown]
# Left, understanding grows with every example. Right, it comes at once, as ice melts:
# at $\alpha = 1.245$ the teacher becomes the only one of $2^N$ that agrees with the
# examples (dashed). But message passing stays on the lower branch of the curve, as
# supercooled water stays water, until that branch ends at $\alpha = 1.493$ (where the
# curve turns back it is unstable). Between the two, the answer is determined, is
# recognized by whoever is told, and no fast algorithm is known that finds it: a *hard
# phase*. Supercooled water freezes at last, because a small droplet of ice can form and
# grow. Here each unknown interacts with all others, so that there are no droplets, and
# the metastable state lives for a time exponential in $N$.

# %% [markdown]
# ## Exercise 1: Cover's count
#
# $P$ points in general position in $N$ dimensions get labels by a fair coin. Let $C(P,
# N)$ of the $2^P$ labellings be separable by a plane through the origin. A new point
# gives $C(P + 1, N) = C(P, N) + C(P, N - 1)$: those planes that can be moved through it
# count twice. Write `separable(P, N)`, the share $C(P, N) / 2^P$.


# %% tags=["grader"]
def is_cover(separable):
    """In two dimensions all labellings by angle; ½ at P = 2N; 1 for P <= N."""
    angles = np.random.default_rng(1).uniform(0, 2 * np.pi, 9)
    normals = np.linspace(0, 2 * np.pi, 100_000)
    seen = np.unique(np.cos(angles - normals[:, None]) > 0, axis=0)
    return (
        np.isclose(separable(9, 2), len(seen) / 2**9)
        and all(np.isclose(separable(2 * N, N), 0.5) for N in (3, 10))
        and np.isclose(separable(7, 7), 1)
    )


exercise_1 = Exercise(
    1,
    is_cover,
    hint="C(1, N) = 2 and C(P, 0) = 0; or 2 Σ_{k<N} of the binomials (P - 1 over k).",
    wrong=(
        lambda P, N: float(P <= 2 * N),
        lambda P, N: sum(math.comb(P - 1, k) for k in range(N)) / 2**P,
        lambda P, N: sum(math.comb(P, k) for k in range(N)) / 2**P,
    ),
)

# %% tags=["answer"]
separable = ...
exercise_1(separable)


# %% tags=["solution"]
def cover(P, N):
    return sum(math.comb(P - 1, k) for k in range(min(P, N))) / 2 ** (P - 1)


exercise_1(cover)

# %% [markdown]
# ## Exercise 2: the best ridge
#
# Linear regression: $y = w \cdot x + $ noise of variance $0.3$, $p$ independent inputs
# of variance one, $n = 2p$ examples, $|w|^2 = 1$ in a random direction. Which $\lambda$
# in $\frac1n |y - X w|^2 + \lambda |w|^2$ gives the least error on new examples? (What
# is the prior of $w$?)

# %% tags=["grader"]
risks = [ridge_risk(penalty, 0.5, 0.3) for penalty in np.linspace(0.01, 1, 991)]
least = float(np.linspace(0.01, 1, 991)[np.argmin(risks)])
exercise_2 = Exercise(
    2,
    near(least, 0.004),
    hint="the posterior mean is the best guess: the prior of each w is N(0, 1/p).",
    wrong=(0.3, 0.6, 0.5, 0.0),
)

# %% tags=["answer"]
best = ...
exercise_2(best)

# %% tags=["solution"]
# -ln of the posterior: |y - X w|² / (2 σ²) + p |w|² / 2; multiply by 2 σ² / n.
exercise_2(0.3 * 0.5)

# %% [markdown]
# ## Exercise 3: the simplest student
#
# Hebb's student does not solve anything: $w = \sum_\mu y_\mu x_\mu$ with $y = \mathrm{
# sign}(x \cdot t)$, normal inputs $x$. For $N \to \infty$, what share of new examples
# does it get wrong? Write `hebb(alpha)`.


# %% tags=["grader"]
def hebb_by_experiment(alpha, N=400, students=40):
    """The angle of w and t, over π, and its standard error."""
    rng = np.random.default_rng(2)
    angles = []
    for _ in range(students):
        x = rng.normal(size=(round(alpha * N), N))
        w = np.sign(x[:, 0]) @ x
        angles.append(np.arccos(w[0] / np.linalg.norm(w)) / np.pi)
    return np.mean(angles), np.std(angles) / np.sqrt(students)


def is_hebb(hebb):
    """Within five standard errors of students of 400 inputs, and 0.001 for their N."""
    measured = ((alpha, *hebb_by_experiment(alpha)) for alpha in (0.5, 2.0, 6.0))
    return all(abs(hebb(alpha) - m) < 5 * e + 1e-3 for alpha, m, e in measured)


exercise_3 = Exercise(
    3,
    is_hebb,
    hint="along t, w grows as n <|z|> = n √(2/π); across, |w|² = n N.",
    wrong=(
        lambda alpha: np.arccos(1 / np.sqrt(1 + 1 / alpha)) / np.pi,
        lambda alpha: np.arccos(1 / np.sqrt(1 + np.pi / (2 * alpha))) / 2,
        lambda alpha: wrong_signs(overlaps(normal, alpha)[1]),
    ),
)

# %% tags=["answer"]
hebb = ...
exercise_3(hebb)

# %% tags=["solution"]
exercise_3(lambda alpha: np.arctan(np.sqrt(np.pi / (2 * alpha))) / np.pi)
print(f"α = 2: Hebb's student {hebb_error(2.0):.4f}, the best one {least_wrong:.4f}")

# %% [markdown]
# ## To go on
#
# [Learning that is solved exactly](../generalization.md) and
# [regression](../regression.md); [spikes in matrices](../spectrum.md), with another
# threshold of detection; the experiments
# [`teacher-student`](../gallery/teacher-student.md) and
# [`double-descent`](../gallery/double-descent.md).
