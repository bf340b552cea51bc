# SPDX-License-Identifier: Apache-2.0
"""Operations of a transformer: by formula, by its program, and by the compiler's own count."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.inference.scaling_laws.flop_count import TransformerShape, matrix_flops, training_compute
from isinglass.nets.autoregressive.causal_transformer import CausalTransformer

SHAPES = [TransformerShape(1, 32, 16, 5), TransformerShape(3, 16, 8, 2)]


def network(shape):
    """(function of arrays and symbols, arrays, symbols)."""
    model = CausalTransformer(key=jax.random.key(0), shape=(shape.context,), values=range(shape.tokens),
                              width=shape.width, layers=shape.layers)  # fmt: skip
    arrays, static = eqx.partition(model, eqx.is_array)
    return lambda a, x: eqx.combine(a, static).log_prob(x), arrays, jnp.zeros(shape.context, jnp.int32)


@pytest.mark.parametrize("shape", SHAPES)
def test_parameters_and_operations_are_those_of_the_network(shape):
    """Every number, and every product, forward and backward."""
    log_prob, arrays, x = network(shape)
    assert sum(a.size for a in jax.tree.leaves(arrays)) == shape.parameters
    assert matrix_flops(log_prob, arrays, x) == shape.forward_flops()
    assert matrix_flops(jax.grad(log_prob), arrays, x) == shape.training_flops()


def test_the_compiler_counts_the_same():
    """XLA's cost analysis of one layer (it counts a loop once), within 10 %: it counts what is not a product too."""
    log_prob, arrays, x = network(SHAPES[0])
    for function, flops in ((log_prob, SHAPES[0].forward_flops()), (jax.grad(log_prob), SHAPES[0].training_flops())):
        cost = jax.jit(function).lower(arrays, x).compile().cost_analysis()
        counted = (cost[0] if isinstance(cost, list) else cost)["flops"]
        assert 1 < counted / flops < 1.1


def test_six_for_wide_networks():
    """κ -> 6 where the width is far above context and symbols."""
    assert TransformerShape(12, 4096, 64, 100).flop == pytest.approx(6, rel=0.01)
    assert TransformerShape(2, 32, 512, 2).flop > 12  # attention
    assert TransformerShape(2, 32, 8, 2).training_flops(80) == 10 * TransformerShape(2, 32, 8, 2).training_flops()


def test_a_published_model():
    """DeepSeek V3: 6 37e9 14.8e12 = 3.29e24 FLOP."""
    assert training_compute(37e9, 14.8e12) == pytest.approx(3.29e24, rel=2e-3)
    assert training_compute(np.array([1e9]), np.array([2e10]), 8.0) == pytest.approx([1.6e20])


def test_loops_of_unknown_length():
    def halved(x):
        return jax.lax.while_loop(lambda x: x.sum() > 1, lambda x: x @ jnp.eye(2) / 2, x)

    with pytest.raises(ValueError, match="known length"):
        matrix_flops(halved, jnp.ones((2, 2)))
