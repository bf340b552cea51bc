# SPDX-License-Identifier: Apache-2.0
"""Loss landscapes: saddles and energy, sharpness, the edge of stability, curves between minima."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.approximation.exact.lanczos import lowest
from isinglass.errors import InputError
from isinglass.exact.optimization import spin_landscape
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.learning.hopfield_scaling import to_infinity
from isinglass.experiments.optimization.chebyshev_network import HessianProduct, connected, edge, loss, permuted
from isinglass.experiments.optimization.saddles import saddles
from isinglass.experiments.theory_curve import held, over_samples, theory_curve
from isinglass.result import Check, Estimate, Result
from isinglass.run.blas import one_blas_thread
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["Landscape"]

FOUND = 1e-8  # |g|/√N of a stationary point
DESCENTS = 16  # paths of descent of 0, 2, ... steps before a stationary point is looked for
FEWEST = 8
LOW_BARRIER = 0.1  # of the line's, on the curve
NEAR_EDGE = 0.15  # of 2/η
DAUPHIN, DINH = "semicircle, arXiv:cond-mat/0611023", "Dinh et al., arXiv:1703.04933"


@dataclass(frozen=True)
class Landscape(AbstractExperiment):
    """The spherical 3-spin model, a network of ReLU, and one of 192 weights with its whole Hessian."""

    name: ClassVar[str] = "landscape"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "saddles, sharpness, the edge of stability, curves between minima"
    rows: ClassVar[tuple[int, ...]] = (108, 109, 110)
    paper: ClassVar[str] = "arXiv:1406.2572; arXiv:1703.04933; Cohen et al. 2021, arXiv:2103.00065; arXiv:1802.10026"
    claim: ClassVar[str] = (
        "the share of directions that lead down from saddles of the 3-spin model is, for N → ∞, that of the semicircle "
        "at their energy, within three standard errors; one function of ReLU at any sharpness, exactly; descent ends "
        "within 15 % of the sharpness 2/η; minima behind a barrier are joined by a curve with a tenth of it at most"
    )
    guide: ClassVar[str] = "docs/optimization.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"spins": (10, 14, 20), "points": 256, "newton": 80, "networks": 4, "blocks": 28, "rates": (0.1,),
                  "curve_steps": 1000},
        "laptop": {},
        "paper": {"spins": (32, 64, 128), "points": 512, "networks": 32, "blocks": 100, "curve_steps": 10_000},
    }  # fmt: skip

    spins: tuple[int, ...] = (20, 32, 48)
    """Numbers N of spins, for the extrapolation."""
    points: int = 192
    """Starts for each of them."""
    newton: int = 150
    """Steps of Levenberg and Marquardt's; starts that have not ended by then are left out."""
    networks: int = 8
    """Networks for each rate."""
    rates: tuple[float, ...] = (0.05, 0.1, 0.2)
    """Learning rates η."""
    blocks: int = 40
    """Blocks of 250 steps, the sharpness after each; the last quarter counts."""
    curve_steps: int = 3000
    """Steps of Adam for the middle of a curve."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Saddles, then ReLU, then networks at the edge and the curves between them.

        Errors: InputError for fewer than two sizes, too few points or networks.
        """
        self.check_request()
        keys = jax.random.split(key, 3)
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        arrays: dict[str, xr.DataArray] = {}
        parts = (("saddles", self.saddles), ("ReLU", self.rescaled), ("edge of stability", self.edge_and_curves))
        with one_blas_thread():
            for k, (name, part) in enumerate(parts):
                progress(k, len(parts), name)
                more, claims, drawn = part(keys[k])
                told, checks, arrays = told | more, checks + claims, arrays | drawn
        figures = [f"theory_curve/{of}" for of in ("saddles", "edge", "barrier") if of in arrays]
        return Result(self.name, estimates=told, checks=checks, arrays=xr.Dataset(arrays), settings=asdict(self),
                      figures=figures)  # fmt: skip

    def check_request(self) -> None:
        """What means and errors need."""
        if len(set(self.spins)) < 2 or min(self.spins) < 8:  # noqa: PLR2004
            raise InputError("two sizes or more, of 8 spins or more", ", ".join(map(str, self.spins)),
                             "give larger ones")  # fmt: skip
        if self.points < 2 * DESCENTS:
            raise InputError(f"points of at least {2 * DESCENTS}", str(self.points), "give more: some are not found")
        if self.networks < 2 or self.blocks < 4:  # noqa: PLR2004
            raise InputError("two networks and four blocks or more", f"{self.networks} and {self.blocks}",
                             "errors are those over them")  # fmt: skip

    def saddles(self, key: Any):
        """Share of negative eigenvalues, less that of the semicircle at the energy of each point."""
        told: dict[str, Estimate] = {}
        off: dict[int, Estimate] = {}
        energy = share = np.zeros(0)
        for N in self.spins:
            keys = jax.random.split(jax.random.fold_in(key, N), self.points)
            descents = jnp.arange(self.points) % DESCENTS * 2
            found = saddles(keys, descents, N, self.newton)
            ended = np.asarray(found.gradient) < FOUND
            if ended.sum() < FEWEST:
                continue
            energy, share = np.asarray(found.energy)[ended], np.asarray(found.negative)[ended]
            off[N] = over_samples(share - spin_landscape.index_fraction(energy, 3))
            told[f"index_offset/spins_{N}"] = off[N]
        if len(off) < 2:  # noqa: PLR2004
            law = "share of negative eigenvalues (too few stationary points were found; take more points or steps)"
            return told, [Check.within(law, np.nan, 0.0, 0.0)], {}
        told["index_offset"] = to_infinity(off)
        checks = [held("share of negative eigenvalues at saddles less that of the semicircle, N → ∞", "index_offset",
                       told["index_offset"], 0.0, DAUPHIN)]  # fmt: skip
        edges = np.quantile(energy, np.linspace(0, 1, 9))
        bins = np.clip(np.searchsorted(edges, energy, side="right") - 1, 0, 7)
        each = [(float(energy[bins == b].mean()), over_samples(share[bins == b])) for b in range(8)
                if (bins == b).sum() > 1]  # fmt: skip
        low, high = energy[bins == 0], energy[bins == 7]
        rise = float(share[bins == 7].mean() - share[bins == 0].mean())
        exact = float(spin_landscape.index_fraction(high, 3).mean() - spin_landscape.index_fraction(low, 3).mean())
        law = f"share at the highest eighth of energies less that at the lowest, N = {self.spins[-1]}"
        checks.append(Check.within(law, rise, exact, 2 / self.spins[-1], source=DAUPHIN))
        dense = np.linspace(-1.8, max(0.6, edges[-1]), 80)
        words = f"Stationary points of the spherical 3-spin model, N = {self.spins[-1]}, means over eighths of them."
        return told, checks, theory_curve("saddles", ("stationary points",), [e for e, _ in each],
                                          [[a for _, a in each]], dense,
                                          [spin_landscape.index_fraction(dense, 3)], caption=words,
                                          xlabel="energy by N", ylabel="share of negative eigenvalues", xscale="linear",
                                          yscale="linear")  # fmt: skip

    def rescaled(self, key: Any):
        """v·relu(W x) with (a W, v/a): the same bits for a power of two, and a Hessian as sharp as one likes."""
        key_x, key_W, key_v, key_y = jax.random.split(key, 4)
        x, y = jax.random.normal(key_x, (40, 3)), jax.random.normal(key_y, (40,))
        W, v = jax.random.normal(key_W, (5, 3)), jax.random.normal(key_v, (5,))
        a = 16.0
        outputs = lambda W, v: jax.nn.relu(x @ W.T) @ v  # noqa: E731
        cost = lambda theta: jnp.mean((outputs(theta[:15].reshape(5, 3), theta[15:]) - y) ** 2)  # noqa: E731
        H, sharper = (np.asarray(jax.hessian(cost)(jnp.concatenate([s * W.reshape(-1), v / s]))) for s in (1.0, a))
        trace = np.trace(H[:15, :15]) / a**2 + np.trace(H[15:, 15:]) * a**2
        top, other = (float(np.linalg.eigvalsh(h)[-1]) for h in (H, sharper))
        least = a**2 * float(np.linalg.eigvalsh(H[15:, 15:])[-1])  # of the block of v
        told = {"sharpness_ratio/relu": Estimate(other / top)}
        differ = float((np.asarray(outputs(W, v)) != np.asarray(outputs(a * W, v / a))).sum())
        return told, [
            Check.at_most("ReLU, (aW, v/a), a = 16: outputs whose bits differ", differ, 0.0, source=DINH),
            Check.at_most("trace of its Hessian by tr H_WW/a² + a² tr H_vv, less 1", abs(np.trace(sharper) / trace - 1),
                          1e-9, source=DINH),
            Check.at_least("its sharpness by a² that of H_vv", other / least, 1.0, tolerance=1e-9, source=DINH),
            Check.at_least("its sharpness by that of a = 1", other / top, 10.0, source=DINH),
        ], {}  # fmt: skip

    def edge_and_curves(self, key: Any):
        """Sharpness by 2/η after descent; barriers between the networks of the middle rate."""
        told: dict[str, Estimate] = {}
        checks, path, last = [], [], None
        for k, rate in enumerate(self.rates):
            found = edge(jax.random.split(jax.random.fold_in(key, k), self.networks), rate, self.blocks, 250)
            ratio = np.asarray(found.sharpness) * rate / 2
            of = f"sharpness/rate_{rate:g}"
            told[of] = mean = over_samples(ratio[:, -(self.blocks // 4) :].mean(axis=1))
            checks.append(Check.within(f"sharpness by 2/η after descent, η = {rate:g}", mean.value, 1.0, NEAR_EDGE,
                                       error=mean.error, source="arXiv:2103.00065", of=of).resolved())  # fmt: skip
            path.append([over_samples(column) for column in ratio.T])
            last = found if last is None or k <= len(self.rates) // 2 else last
        t = 250 * np.arange(1, self.blocks + 1)
        words = f"Largest eigenvalue of the Hessian by 2/η along gradient descent, mean of {self.networks} networks."
        arrays = theory_curve("edge", [f"η = {r:g}" for r in self.rates], t, path, t, np.ones((len(path), len(t))),
                              caption=words, xlabel="steps", ylabel="sharpness by 2/η", xscale="linear",
                              yscale="linear")  # fmt: skip
        assert last is not None  # noqa: S101
        more, claims, drawn = self.curves(jax.random.fold_in(key, 1000), last.theta, np.asarray(last.sharpness)[0, -1])
        return told | more, checks + claims, arrays | drawn

    def curves(self, key: Any, theta: Any, sharpness: float):
        """Lanczos beside the whole Hessian; the barrier on the line and on the curve between pairs of networks."""
        of = lowest(key, HessianProduct(theta[0]))
        off = abs(-of.energies[0] / sharpness - 1)
        checks = [Check.at_most("sharpness by Lanczos by that of the whole Hessian, less 1", float(off), 1e-8)]
        order = jax.random.permutation(key, 12)
        checks.append(Check.at_most("loss of a network with its units in another order, less its loss",
                                    abs(float(loss(permuted(theta[0], order)) - loss(theta[0]))), 1e-12))  # fmt: skip
        pairs = [(theta[i], theta[i + 1]) for i in range(0, len(theta) - 1, 2)]
        pairs += [(one, permuted(one, order)) for one in theta[::2]]
        both = [tuple(np.asarray(a) for a in connected(*pair, self.curve_steps)) for pair in pairs]
        barrier = np.array([[a.max() - max(a[0], a[-1]) for a in one] for one in both])
        line, curve = (over_samples(column) for column in barrier.T)
        told = {"barrier/line": line, "barrier/curve": curve}
        worst = float((barrier[:, 1] / barrier[:, 0]).max())
        checks += [Check.at_least("barrier on the line between two networks, least", float(barrier[:, 0].min()), 0.01),
                   Check.at_most("barrier on a curve by that on the line, largest", worst, LOW_BARRIER,
                                 source="arXiv:1802.10026")]  # fmt: skip
        t = np.linspace(0, 1, len(both[0][0]))
        drawn = theory_curve("barrier", ("line", "curve"), t, [[over_samples(c) for c in np.array(each).T] for each in
                             zip(*both, strict=True)], t, np.full((2, len(t)), np.nan),
                             caption="Loss between two networks, mean over pairs.", xlabel="from one to the other",
                             ylabel="loss", xscale="linear")  # fmt: skip
        return told, checks, drawn
