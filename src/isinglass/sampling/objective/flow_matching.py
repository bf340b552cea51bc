# SPDX-License-Identifier: Apache-2.0
"""Flow matching: the velocity of a continuous flow by regression on data, without solving its equation.

x_t = (1-t) x_0 + t x_1, x_0 from the base, x_1 from the data: the mean of x_1 - x_0 at given (t, x_t) is a velocity
that carries the base to the data.  Refs: Lipman et al. 2022, arXiv:2210.02747; Liu et al. 2022, arXiv:2209.03003;
pairs by optimal transport Tong et al. 2023, arXiv:2302.00482.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.flow.flow import Flow, number_type
from isinglass.nets.transport.continuous_flow import ContinuousFlow

__all__ = ["FlowMatching", "optimal_pairs"]


class FlowMatching(eqx.Module):
    """L = (1/n) Σ_i w_i |v(t_i, x_(t_i)) - (x_1 - x_0)|² / N, t uniform, x_1 from the data, x_0 from the base.

    For `fit(key, flow, FlowMatching(), (x,), settings=...)`, or (x, w) with weights w of mean 1 (reweighted samples).
    With `optimal` the pairs (x_0, x_1) of a batch are those of least Σ |x_1 - x_0|²: straighter paths, cost O(batch³).
    For a `Flow` with a continuous base, the base is trained on the data mapped back by the bijection, which is fixed.
    Law: the minimum over all v is E[x_1 - x_0 | t, x_t], whose flow carries the base to the data.  The minimum itself
    is not 0: it is the mean variance of x_1 - x_0 at given (t, x_t).
    """

    optimal: bool = eqx.field(static=True, default=False)

    def __call__(
        self, key: Key[Array, ""], model: ContinuousFlow | Flow, batch: tuple
    ) -> tuple[Float[Array, ""], dict]:
        """L and metrics for the batch (x,) or (x, w)."""
        x1, *weights = batch
        if isinstance(model, Flow):
            fixed = jax.tree.map(lambda a: jax.lax.stop_gradient(a) if eqx.is_array(a) else a, model.bijection)
            flow, x1 = model.base, jax.vmap(lambda x: fixed.inverse(x)[0])(x1.astype(number_type(fixed)))
        else:
            flow = model
        x1 = x1.astype(number_type(flow.transport))
        n = x1.shape[0]
        key_base, key_time = jax.random.split(key)
        x0 = flow.base.sample(key_base, n).astype(x1.dtype)
        if self.optimal:
            x0 = x0[optimal_pairs(x0.reshape(n, -1), x1.reshape(n, -1))]
        t = (
            jnp.arange(n, dtype=x1.dtype) + jax.random.uniform(key_time, (), x1.dtype)
        ) / n  # stratified, for less noise
        t = jax.random.permutation(key_time, t)
        at = t.reshape(n, *(1,) * (x1.ndim - 1))
        v = jax.vmap(flow.velocity)(t, (1 - at) * x0 + at * x1)
        error = jnp.mean(((v - (x1 - x0)) ** 2).reshape(n, -1), axis=1)
        return jnp.mean(error * weights[0].astype(error.dtype) if weights else error), {}


def optimal_pairs(x0: Float[Array, "n N"], x1: Float[Array, "n N"]) -> Int[Array, " n"]:
    """The permutation π of least Σ_i |x1_i - x0_π(i)|²: optimal transport between two samples of equal size.

    Law: in one dimension the pairs are those of the sorted samples.  Cost: n³.
    """
    cost = jnp.sum(x1 * x1, axis=1)[:, None] + jnp.sum(x0 * x0, axis=1)[None] - 2 * x1 @ x0.T
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        rows, columns = optax.assignment.hungarian_algorithm(jax.lax.stop_gradient(cost))
    return jnp.zeros(x0.shape[0], jnp.int32).at[rows].set(columns.astype(jnp.int32))
