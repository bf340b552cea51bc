# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# How good can a phase classifier be?

Thermal noise mixes neighboring temperatures, so that no classifier of single configurations is always right.  The
energy is all that a configuration tells about its temperature, P(s|T) = g(E) exp(-E/T) / Z(T), and g(E) is known
exactly: so is the best possible accuracy.  What does the magnetization alone reach?
Ref: Arnold et al. 2022, arXiv:2203.06084.
"""

# %%
import jax
import numpy as np

from isinglass import sample
from isinglass.checks.classifier import at_most_bayes
from isinglass.exact.lattice import bayes, onsager
from isinglass.systems import Ising

L, T = 8, np.arange(10, 36) / 10
ordered = T < onsager.critical_temperature()

# %%
law = bayes.energy_law(L, T)  # log P(E|T), exact
ceiling = bayes.bayes_accuracy(law, ordered)
print(f"no classifier is right more often than {ceiling:.6f} (L = {L}, T = 1.0, 1.1 ... 3.5)")

# %% [markdown]
# A classifier that looks at |m| alone, at several thresholds: below the ceiling, since m is not sufficient.

# %%
result = sample(jax.random.key(0), Ising((L, L)), T, samples=1024, chains=64)
temperature = result.arrays.temperature.to_numpy()
chain, label = result.arrays.chain.to_numpy(), temperature < onsager.critical_temperature()
m, E = np.abs(result.arrays.order_parameter.to_numpy()), result.arrays.energy.to_numpy()
hits = {f"|m| > {cut:.2f}": (m > cut) == label for cut in np.linspace(0.7, 0.9, 5)}

# %% [markdown]
# The posterior of the exact law is the perfect classifier; a network trained well enough puts out the same numbers.

# %%
probability = bayes.posterior(law, ordered)
hits["exact posterior"] = (probability[((E + 2 * L**2) / 4).round().astype(int)] > 0.5) == label
for name, hit in hits.items():
    print(f"{name:>16}: accuracy {hit.mean():.4f}")

# %% [markdown]
# An accuracy above the ceiling means that labels leaked; the check says so.

# %%
for name, hit in (("exact posterior", hits["exact posterior"]), ("with leaked labels", label == label)):
    print(f"{name:>18}: {at_most_bayes(hit, chain, temperature, ceiling).verdict}")
assert at_most_bayes(hits["exact posterior"], chain, temperature, ceiling).verdict == "pass"
