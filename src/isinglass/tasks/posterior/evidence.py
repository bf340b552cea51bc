# SPDX-License-Identifier: Apache-2.0
"""What pairs of parameters and data that were not trained on tell of a posterior."""

from typing import Any, NamedTuple

import numpy as np

from isinglass import checks
from isinglass.inference import posterior
from isinglass.result import Check, Estimate

__all__ = ["PairSides", "PosteriorEvidence"]


class PairSides(NamedTuple):
    """Numbers of the rows of each side of the split."""

    trained: np.ndarray
    validated: np.ndarray
    held: np.ndarray


class PosteriorEvidence(NamedTuple):
    """What is known of a trained posterior, from pairs that it was not trained on."""

    rng: np.random.Generator
    model: Any
    pairs: Any
    sides: PairSides
    tested: np.ndarray  # posterior samples [held, draws, d]
    u: np.ndarray
    z: np.ndarray

    def estimates(self, theta: np.ndarray) -> dict[str, Estimate]:
        """Mean and deviation of every parameter, and the quality of the fit."""
        shrunk = checks.posterior.contraction(theta, self.pairs.theta)
        ours, linear = self.likelihoods()
        gain, k = ours - linear, len(ours)
        said = {name: Estimate(float(theta[:, i].mean()), float(theta[:, i].std(ddof=1)))
                for i, name in enumerate(self.pairs.names)}  # fmt: skip
        said |= {f"contraction/{name}": Estimate(float(c)) for name, c in zip(self.pairs.names, shrunk, strict=True)}
        mean = lambda a: Estimate(float(a.mean()), float(a.std(ddof=1) / k**0.5), "nat")  # noqa: E731
        return said | {"log_prob": mean(ours), "log_prob/linear": mean(linear), "log_prob_gain": mean(gain)}

    def likelihoods(self) -> tuple[np.ndarray, np.ndarray]:
        """ln q(u given z) of held-out pairs: of the flow, and of linear regression with normal errors."""
        import jax

        held, rest = self.sides.held, np.concatenate([self.sides.trained, self.sides.validated])
        one = lambda u, z: self.model.flow.given(z).log_prob(u)  # noqa: E731
        ours = np.asarray(jax.jit(jax.vmap(one))(self.u[held], self.z[held]), float)
        return ours, posterior.linear_log_prob(self.u[rest], self.z[rest], self.u[held], self.z[held])

    def checks(self, observed: np.ndarray, theta: np.ndarray) -> list[Check]:
        """Calibration, the range of the simulations, and the linear baseline."""
        import jax

        truth, of = self.pairs.theta[self.sides.held], checks.posterior
        pit = of.pit_values(truth, self.tested, self.rng)
        gain = self.estimates(theta)["log_prob_gain"]
        lost = float((~np.isfinite(theta)).any(axis=1).sum())
        seen = np.asarray(self.model.data.standardized(jax.numpy.asarray(observed)), float)
        return [
            Check.at_most("posterior samples are finite", lost, 0.0),
            of.ranks_uniform(pit, self.pairs.names),
            of.expected_coverage(of.tarp_fractions(truth, self.tested, self.rng)),
            of.in_simulated_range(seen, self.z.astype(float)),
            Check.at_least("log probability of true parameters, above that of linear regression", gain.value, 0.0,
                           tolerance=0.02 * truth.shape[1] + 4 * (gain.error or 0.0), error=gain.error,
                           of="log_prob_gain"),
        ]  # fmt: skip

    def arrays(self, theta: np.ndarray) -> Any:
        """Posterior samples by name, the ranks and the coverage of held-out pairs."""
        import xarray as xr

        truth, of = self.pairs.theta[self.sides.held], checks.posterior
        rng = np.random.default_rng(0)
        kept: dict[str, Any] = {name: ("sample", theta[:, i]) for i, name in enumerate(self.pairs.names)}
        kept["rank"] = (("pair", "parameter"), of.pit_values(truth, self.tested, rng))
        kept["coverage"] = ("pair", of.tarp_fractions(truth, self.tested, rng))
        return xr.Dataset(kept, coords={"parameter": list(self.pairs.names)})
