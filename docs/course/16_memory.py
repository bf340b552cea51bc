# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 16. Memory and energy
#
# **The question.** A network of spins $s_i = \pm 1$ has an energy, and runs downhill.
# How many patterns can it remember? And the other way about: of spins that are only
# *seen*, never explained, what is the energy?
#
# **The idea** of Hopfield ([1982](https://doi.org/10.1073/pnas.79.8.2554)): patterns
# $\xi^\mu$, written into the couplings by Hebb's rule,
#
# $$E(s) = -\tfrac12 \sum_{i \ne j} J_{ij} s_i s_j , \qquad
# J_{ij} = \frac1N \sum_{\mu=1}^{P} \xi^\mu_i \xi^\mu_j ,$$
#
# are minima of $E$, as long as they are few: the other $P - 1$ patterns disturb the
# field on a spin by a random number of variance $\alpha = P / N$. Amit, Gutfreund and
# Sompolinsky ([1985](https://doi.org/10.1103/PhysRevLett.55.1530)) found the load at
# which memory breaks down, with the mathematics of spin glasses. A *Boltzmann machine*
# (Ackley, Hinton and Sejnowski
# [1985](https://doi.org/10.1207/s15516709cog0901_7)) turns it around: it learns the
# couplings for which what was seen is likely, with hidden spins where pairs are not
# enough.

# %%
import itertools

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from isinglass import approximate, infer, sample
from isinglass.course import Exercise, near
from isinglass.exact.lattice.enumeration import configurations, spins
from isinglass.exact.learning import hopfield
from isinglass.inference.memory.recall import recall
from isinglass.systems import HopfieldNetwork, Ising
from isinglass.systems.lattice.boltzmann_machine import free_energies

# %% [markdown]
# ## The experiment
#
# Three pictures among ten patterns of 16 x 16 spins. The cue is the second picture with
# the upper half lost: the spins there are random.

# %%
rng = np.random.default_rng(0)
y, x = np.mgrid[:16, :16] - 7.5
patterns = rng.choice([-1, 1], (10, 16, 16))
patterns[0] = np.where(abs(np.hypot(x, y) - 5) < 2.2, 1, -1)  # a ring
patterns[1] = np.where(abs(abs(x) - abs(y)) < 2.6, 1, -1)  # a cross
patterns[2] = np.where(np.sin(0.9 * x + 0.4) > 0, 1, -1)  # stripes
cue = patterns[1].copy()
cue[:8] = rng.choice([-1, 1], (8, 16))
result = infer(0, HopfieldNetwork(patterns), observation=cue)
print(result)

# %%
retrieved = result.arrays["retrieved"].to_numpy()
figure, axes = plt.subplots(1, 5, figsize=(10, 2.3))
shown = [*patterns[:3], cue, retrieved]
titles = ("ring", "cross", "stripes", "cue", "remembered")
for axis, picture, title in zip(axes, shown, titles, strict=True):
    axis.imshow(picture, cmap="gray", vmin=-1, vmax=1)
    axis.set(title=title, xticks=[], yticks=[])
plt.show()
assert result.estimates["pattern"].value == 1
assert result.verdict == "pass"

# %% [markdown]
# ## The exact check: how many memories
#
# Random patterns now, $P = \alpha N$ of them, and a descent that begins in the first
# one. What overlap $m = \frac1N \sum_i \xi_i s_i$ is left at the end? In the limit
# $N \to \infty$ theory says $m = \mathrm{erf}(x / \sqrt 2)$ with
# $\sqrt\alpha = m / x - \sqrt{2 / \pi}\, e^{-x^2/2}$, and no such $x$ beyond
# $\alpha_c = 0.138$.


# %%
@jax.jit
def left(key, patterns):
    """The overlap with the first pattern after descent, and unstable bits of all."""
    memory = HopfieldNetwork(patterns)
    fields = jax.vmap(memory.begin)(patterns)
    end = recall(key, memory, patterns[0]).s
    return memory.overlaps(end)[0], jnp.mean(fields * patterns < 0)


loads = np.array([0.05, 0.08, 0.11, 0.125, 0.14, 0.155, 0.17, 0.2])
sizes = {100: 100, 400: 40}  # neurons: how many networks at each load
found = {}
for N, networks in sizes.items():
    seen = [
        [
            left(jax.random.key(k), jnp.asarray(rng.choice([-1, 1], (P, N)), jnp.int8))
            for k in range(networks)
        ]
        for P in np.rint(loads * N).astype(int)
    ]
    found[N] = np.array(seen, dtype=float)  # [load, network, overlap or errors]

# %%
alpha_c = hopfield.capacity().alpha
alpha = np.append(np.linspace(0.001, alpha_c, 100)[:-1], alpha_c - 1e-9)
theory = [hopfield.retrieval_state(a).m for a in alpha]
figure, (left_axis, right_axis) = plt.subplots(1, 2, figsize=(10, 3.5))
left_axis.plot(alpha, theory, "k", label="theory, $N \\to \\infty$")
left_axis.axvline(alpha_c, color="gray", lw=0.5)
dense = np.linspace(0.01, 0.2, 100)
right_axis.semilogy(
    dense, [hopfield.one_step_error(a) for a in dense], "k", label="theory"
)
for number, (N, seen) in enumerate(found.items()):
    at = np.rint(loads * N) / N
    mean = seen.mean(axis=1)
    error = seen.std(axis=1, ddof=1) / np.sqrt(sizes[N])
    for axis, part in ((left_axis, 0), (right_axis, 1)):
        axis.errorbar(
            at, mean[:, part], error[:, part], fmt=f"C{number}o", ms=4, label=f"N = {N}"
        )
left_axis.set(xlabel="load P / N", ylabel="overlap left", ylim=(0, 1.05))
right_axis.set(xlabel="load P / N", ylabel="unstable bits", ylim=(1e-6, 0.1))
for axis in (left_axis, right_axis):
    axis.legend()
plt.show()

# %%
at = np.rint(loads * N) / N
expected = np.array([hopfield.one_step_error((a * N - 1) / N) for a in at])
off = (mean[1:, 1] - expected[1:]) / error[1:, 1]  # at the least load no bit turned
print("unstable bits, standard errors from ½ erfc(1/√(2α)):", np.round(off, 1))
assert np.max(np.abs(off)) < 5
low = [hopfield.retrieval_state(a).m for a in at[:3]]
print("overlap left:", np.round(mean[:3, 0], 4), "theory:", np.round(low, 4))
assert np.max(np.abs(mean[:3, 0] - low)) < 0.005
assert mean[-1, 0] < 0.7

# %% [markdown]
# The right figure is Gauss's: one step, in which the noise of the other patterns turns
# a few bits. What follows is the avalanche: turned bits disturb others. Below
# $\alpha_c$ it stops after a few percent; above, it does not, and all patterns are
# lost at once, as at a first-order transition. Larger networks fall more steeply.
#
# ## What is the energy?
#
# Now nobody tells the couplings. Configurations of a 4 x 4 Ising model at $T = 2.5$ are
# seen, 8192 of them; a machine with eight hidden spins $h$,
#
# $$p(v) = \frac1Z \sum_h e^{\sum_{ij} W_{ij} v_i h_j} = \frac1Z \prod_j 2 \cosh
# \sum_i W_{ij} v_i ,$$
#
# learns from them. Its $Z$ is a sum over the $2^8$ states of the hidden spins.

# %%
T = 2.5
seen = sample(
    0,
    Ising((4, 4)),
    T,
    samples=8192,
    chains=64,
    method="metropolis",
    effective_samples=None,
    thin=20,
)
learned = approximate(
    1,
    seen.arrays["configurations"].to_numpy(),
    method="rbm",
    hidden_units=8,
    symmetric=True,
    epochs=100,
    chain=seen.arrays["chain"].to_numpy(),
    progress=False,
)
print(learned)

# %% [markdown]
# With 16 spins we can ask it about *each* of the $2^{16}$ configurations, most of which
# were never seen, and hold $-\ln p(v) = E(v) / T + \ln Z$ against the true energy.

# %%
machine = learned.models["machine"]
v = spins(np.concatenate(list(configurations(16)))).reshape(-1, 4, 4).astype(float)
energy = -(v * np.roll(v, 1, axis=1) + v * np.roll(v, 1, axis=2)).sum(axis=(1, 2))
log_Z = np.logaddexp.reduce(-energy / T)
log_p = -energy / T - log_Z
log_q = -np.asarray(free_energies(machine, jnp.asarray(v.reshape(-1, 16))))
log_q -= float(machine.log_partition())

figure, axis = plt.subplots(figsize=(6, 3.5))
levels = np.unique(energy)
middle, spread = np.array(
    [[np.mean(log_q[energy == E]), np.std(log_q[energy == E])] for E in levels]
).T
axis.plot(levels, -levels / T - log_Z, "k", label="exact")
axis.errorbar(levels, middle, spread, fmt="C1o", ms=4, label="machine, all $2^{16}$")
axis.set(xlabel="energy E", ylabel="ln p")
axis.legend()
plt.show()

# %%
p = np.exp(log_p)
entropy = -p @ log_p
gap = p @ (log_p - log_q)  # Kullback and Leibler's divergence
held_out = learned.estimates["log_likelihood"]
print(f"sum of the machine's probabilities: {np.exp(log_q).sum():.10f}")
print(f"<ln p> of the machine, held-out rows: {held_out}, exact: {p @ log_q:.3f}")
print(f"no machine can do better than -S = {-entropy:.3f}; {gap:.3f} nat are missing")
assert abs(np.exp(log_q).sum() - 1) < 1e-6
assert abs(held_out.value - p @ log_q) < 5 * held_out.error
assert 0 < gap < 0.2

# %% [markdown]
# The points keep to the line where there were data, and leave it where configurations
# are so rare that none was seen: samples tell the energy where they lie.

# %% [markdown]
# ## Exercise 1: a memory of nothing
#
# Not all minima were stored. Find a state `s` of 512 spins at which no flip lowers
# the energy of `network`, and which has overlap below 0.9 with each pattern and its
# negative.

# %%
stored = np.random.default_rng(5).choice([-1, 1], (5, 512))
network = HopfieldNetwork(stored)

# %% tags=["grader"]
J = stored.T @ stored / 512 - np.eye(512) * len(stored) / 512


def is_spurious(s):
    """Each spin has the sign of its field; s is near to no pattern."""
    s = np.asarray(s)
    stable = np.isin(s, (-1, 1)).all() and np.all(s * (J @ s) >= 0)
    return stable and np.max(np.abs(stored @ s)) / 512 < 0.9


exercise_1 = Exercise(
    1,
    is_spurious,
    hint="mix an odd number of patterns, sign(ξ¹ + ξ² + ξ³), and run downhill.",
    wrong=(stored[0], -stored[3], np.random.default_rng(0).choice([-1, 1], 512)),
)

# %% tags=["answer"]
s = ...
exercise_1(s)

# %% tags=["solution"]
mixed = jnp.asarray(np.sign(stored[:3].sum(axis=0)), jnp.int8)
spurious = recall(jax.random.key(0), network, mixed).s
print("overlaps:", np.round(network.overlaps(spurious), 2))  # one half with each
exercise_1(spurious)

# %% [markdown]
# ## Exercise 2: sum out the hidden spins
#
# A machine has the energy $E(v, h) = -\sum_i a_i v_i - \sum_j b_j h_j - \sum_{ij} v_i
# W_{ij} h_j$ with $v_i = \pm 1$ but hidden units $h_j \in \{0, 1\}$. Write
# `free_energy(v, a, b, W)`, $-\ln \sum_h e^{-E(v, h)}$, without a sum over $2^M$
# states.


# %% tags=["grader"]
def is_free_energy(free_energy):
    """The sum over all hidden states, of three machines."""
    for seed in range(3):
        rng = np.random.default_rng(seed)
        a, b, W, v = (rng.normal(size=n) for n in (4, 3, (4, 3), 4))
        v = np.sign(v)
        h = np.array(list(itertools.product((0, 1), repeat=3)))
        total = np.exp(v @ a + h @ b + h @ W.T @ v).sum()
        if not np.isclose(free_energy(v, a, b, W), -np.log(total)):
            return False
    return True


exercise_2 = Exercise(
    2,
    is_free_energy,
    hint="given v, the hidden units are independent: the sum over each is 1 + exp(f).",
    wrong=(
        lambda v, a, b, W: -v @ a - np.log(2 * np.cosh(b + v @ W)).sum(),
        lambda v, a, b, W: -np.log1p(np.exp(b + v @ W)).sum(),
        lambda v, a, b, W: v @ a + np.log1p(np.exp(b + v @ W)).sum(),
    ),
)

# %% tags=["answer"]
free_energy = ...
exercise_2(free_energy)

# %% tags=["solution"]
exercise_2(lambda v, a, b, W: -v @ a - np.log1p(np.exp(b + v @ W)).sum())

# %% [markdown]
# ## Exercise 3: Ising's model is a machine
#
# A hidden spin $h = \pm 1$ on a bond, joined to both ends by a weight $w$, has
# $\sum_h e^{w h (s_1 + s_2)} = A\, e^{K s_1 s_2}$. Which $w$ gives the critical
# coupling $K = \frac12 \ln(1 + \sqrt 2)$?

# %% tags=["grader"]
K = 0.5 * np.log(1 + np.sqrt(2))


def is_weight(w):
    """The weights of equal and of unequal spins, by the sum over h."""
    equal, unequal = (sum(np.exp(w * h * m) for h in (-1, 1)) for m in (2, 0))
    return near(K, 1e-4)(0.5 * np.log(equal / unequal))


exercise_3 = Exercise(
    3,
    is_weight,
    hint="put s₁ = s₂ and s₁ = -s₂: the ratio of both sides is cosh 2w = exp(2K).",
    wrong=(K, K / 2, 0.5 * np.arccosh(np.exp(K)), np.arccosh(np.exp(2 * K))),
)

# %% tags=["answer"]
w = ...
exercise_3(w)

# %% tags=["solution"]
exercise_3(0.5 * np.arccosh(np.exp(2 * K)))

# %% [markdown]
# Read from right to left, that sum removes every second spin of a chain: it is the
# decimation of [the chapter on renormalization](18_renormalization.py).
#
# ## To go on
#
# [Associative memories](../hopfield.md), with dense ones that hold $N^{n-1}$ patterns;
# [Boltzmann machines and couplings](../boltzmann_machines.md), with couplings inferred
# from samples; the experiments [`hopfield-capacity`](../gallery/hopfield-capacity.md)
# and [`rbm-ising`](../gallery/rbm-ising.md).
