# SPDX-License-Identifier: Apache-2.0
"""Posteriors of several networks as one: their mixture, as wide as they disagree.

Lakshminarayanan, Pritzel and Blundell 2017, arXiv:1612.01474; for posteriors: Hermans et al. 2022, arXiv:2110.06581.
"""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Shaped

from isinglass.inference.posterior.neural_posterior import EmbeddedFlow, NeuralPosterior
from isinglass.nets.density import AbstractDensity

__all__ = ["EnsembleFlow", "EqualMixture", "ensemble_of", "members_of"]


class EqualMixture(AbstractDensity):
    """q(u) = (1/K) Σ_k q_k(u).  Law: ∫ q = 1, and the mean of u is that of the means."""

    members: tuple[AbstractDensity, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.members[0].shape

    def log_prob(self, x: Shaped[Array, " d"]) -> Float[Array, ""]:
        """ln Σ_k q_k - ln K."""
        each = jnp.stack([q.log_prob(x) for q in self.members])
        return jax.nn.logsumexp(each) - jnp.log(jnp.asarray(len(self.members), each.dtype))

    def draw(self, key: Key[Array, ""]) -> Shaped[Array, " d"]:
        """Of a member, each as likely."""
        key_member, *keys = jax.random.split(key, len(self.members) + 1)
        drawn = jnp.stack([q.draw(k) for q, k in zip(self.members, keys, strict=True)])
        return drawn[jax.random.randint(key_member, (), 0, len(self.members))]

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Shaped[Array, " d"], Float[Array, ""]]:
        x = self.draw(key)
        return x, self.log_prob(x)


class EnsembleFlow(eqx.Module):
    """q(u given z), the mixture of those of several networks."""

    members: tuple[EmbeddedFlow, ...]

    def given(self, z: Float[Array, " m"]) -> EqualMixture:
        """The density of u for one z."""
        return EqualMixture(tuple(flow.given(z) for flow in self.members))


def ensemble_of(models: Sequence[NeuralPosterior]) -> NeuralPosterior:
    """One posterior of several, which have the same units; of one itself."""
    if len(models) == 1:
        return models[0]
    return eqx.tree_at(lambda m: m.flow, models[0], EnsembleFlow(tuple(model.flow for model in models)))


def members_of(model: NeuralPosterior) -> list[NeuralPosterior]:
    """The posteriors that it is a mixture of."""
    if not isinstance(model.flow, EnsembleFlow):
        return [model]
    return [eqx.tree_at(lambda m: m.flow, model, flow) for flow in model.flow.members]
