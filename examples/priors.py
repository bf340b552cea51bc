# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# A symmetry is worth examples

Four atoms have an energy that no rotation changes.  A network of the table of priors knows that beforehand, a
perceptron must learn it, and one trained on rotated copies learns it nearly.  The check measures how far each is
from it.
"""

# %%
import jax
import jax.numpy as jnp
import numpy as np

from isinglass import checks, nets, training
from isinglass.symmetry import Euclidean

print(nets.table_of_priors())


def energy(x):
    """Morse's energy of all pairs."""
    i, j = np.triu_indices(4, 1)
    r = jnp.sqrt(((x[i] - x[j]) ** 2).sum(axis=1) + 1e-6)
    return ((1 - jnp.exp(1 - r)) ** 2).sum()


x = jax.random.normal(jax.random.key(0), (1400, 4, 3), jnp.float32)
y = jax.vmap(energy)(x)
y = ((y - y.mean()) / y.std())[:, None]
seen, new = slice(0, 400), slice(400, None)

# %% [markdown]
# The same loop trains all three; `augmented` rotates and shifts every sample anew at every step.

# %%
group = Euclidean(3)
perceptron = nets.MLP(key=jax.random.key(1), in_shape=(4, 3), out=1, hidden=(64, 64), activation="silu")
equivariant = nets.net_for(jax.random.key(1), group, (4, 3))
settings = training.Training(training.Optimizer("adam", 3e-3, "cosine"), steps=1500, batch_size=50)
cases = {
    "plain": (perceptron, training.MeanSquare()),
    "augmented": (perceptron, training.augmented(group)),
    "equivariant": (equivariant, training.MeanSquare()),
}
error, verdict = {}, {}
for name, (net, loss) in cases.items():
    model = training.fit.fit(jax.random.key(2), net, loss, (x[seen], y[seen]), settings=settings).model
    error[name] = float(jnp.sqrt(jnp.mean((jax.vmap(model)(x[new]) - y[new]) ** 2)))
    check = checks.equivariance(model, group, x[new][:10])
    verdict[name] = check.verdict
    print(f"{name:12}  error {error[name]:.3f}   violation {check.measured:.1e}   {check.verdict}")

assert error["equivariant"] < min(error["plain"], error["augmented"])
assert verdict == {"plain": "fail", "augmented": "fail", "equivariant": "pass"}
