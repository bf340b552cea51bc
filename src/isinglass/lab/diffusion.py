# SPDX-License-Identifier: Apache-2.0
"""The scene of a diffusion model at work: noise becomes samples of eight Gaussians on a circle, whose density is known.

The network has seen samples alone.  Beside its picture stand the share of each mode, 1/8, and <-ln p>, both exact.
"""

from functools import partial
from typing import Any

import numpy as np

from isinglass.lab.frame import Frame
from isinglass.lab.networks import Networks
from isinglass.lab.recipe import MODES, RADIUS, WIDTH
from isinglass.lab.scene import AbstractScene
from isinglass.lab.wish import DiffusionWish

__all__ = ["DiffusionScene"]

POINTS = 2048
PAUSE = 2.0  # s that the finished samples stay


class DiffusionScene(AbstractScene):
    """Points on their way from noise to data, again and again."""

    def __init__(self, wish: DiffusionWish, networks: Networks):
        """`networks`: those of all tabs."""
        self.made_for, self.networks, self.done, self.wait = wish.start, networks, 0, 0
        self.x: Any = np.random.default_rng(wish.start).normal(size=(POINTS, 2)).astype(np.float32)
        self.round, self.said = 0, {}

    def serves(self, wish: Any) -> bool:
        return isinstance(wish, DiffusionWish) and wish.start == self.made_for

    def first(self, wish: DiffusionWish) -> Frame:
        return self.frame(wish, self.x * RADIUS / 2**0.5, waiting=True)

    def prepare(self, wish: DiffusionWish) -> None:
        self.model = self.networks.get("ring-diffusion")
        self.begin(wish)
        self.moved(wish)
        self.begin(wish)

    def begin(self, wish: DiffusionWish) -> None:
        """New noise."""
        import jax

        from isinglass.nets.diffusion.diffusion import noise_levels

        denoiser = self.model.denoiser
        self.key = jax.random.fold_in(jax.random.key(wish.start), self.round)
        self.levels = noise_levels(denoiser.schedule, wish.steps, "log_snr")
        self.x = started(self.key, denoiser, self.levels[0])
        self.done, self.wait, self.round, self.steps = 0, 0, self.round + 1, wish.steps

    def moved(self, wish: DiffusionWish) -> None:
        """One step of all points."""
        import jax

        here, there = self.levels[self.done], self.levels[self.done + 1]
        self.x = stepped(jax.random.fold_in(self.key, 1 + self.done), self.model.denoiser, self.x, here, there)
        self.done += 1

    def advance(self, wish: DiffusionWish, seconds: float) -> Frame:
        if self.done < self.steps:
            self.moved(wish)
            if self.done == self.steps:
                self.said = judged(self.points(finished=True))
        else:
            self.wait += 1
            if self.wait > PAUSE * wish.rate or wish.steps != self.steps:
                self.begin(wish)
        return self.frame(wish, self.points(finished=self.done == self.steps), **self.said)

    def points(self, *, finished: bool) -> np.ndarray:
        """Positions in the units of the data; at the end the denoiser's estimate, which is the sample."""
        denoiser = self.model.denoiser
        if finished:
            return np.asarray(estimated(denoiser, self.x, self.levels[-1]))
        return np.asarray(self.x * denoiser.gaussian.in_units(self.x.dtype))

    def frame(self, wish: DiffusionWish, points: np.ndarray, **numbers: Any) -> Frame:
        """Points as pairs of float32."""
        ring = {"modes": MODES, "radius": RADIUS, "width": WIDTH}
        header = {"view": "diffusion", "form": "points", "shape": list(points.shape), "start": wish.start}
        steps = {"done": self.done, "steps": wish.steps, "round": self.round}
        return Frame(header | ring | steps | numbers, points.astype("<f4"))


def started(key: Any, denoiser: Any, level: Any) -> Any:
    """Noise for every point, at the first noise level."""
    import jax

    at, gaussian = denoiser.schedule.scales(level), denoiser.gaussian
    return jax.vmap(lambda k: gaussian.color(gaussian.noise(k), at))(jax.random.split(key, POINTS))


def stepped(key: Any, denoiser: Any, x: Any, here: Any, there: Any) -> Any:
    """One step of the reverse process for every point, compiled once."""
    return programs()[0](key, denoiser, x, here, there)


def estimated(denoiser: Any, x: Any, level: Any) -> Any:
    """The denoiser's estimate of the data for every point, in their units."""
    return programs()[1](denoiser, x, level)


def programs() -> tuple[Any, Any]:
    """The compiled functions; JAX is imported when the first tab needs it."""
    if not PROGRAMS:
        import equinox as eqx
        import jax

        from isinglass.nets.diffusion.diffusion import Diffusion

        def step(key: Any, denoiser: Any, x: Any, here: Any, there: Any) -> Any:
            one = partial(Diffusion(denoiser).step, here=here, there=there)
            return jax.vmap(one)(jax.random.split(key, len(x)), x)

        def estimate(denoiser: Any, x: Any, level: Any) -> Any:
            return denoiser.gaussian.in_units(x.dtype) * jax.vmap(lambda one: denoiser.data(one, level))(x)

        PROGRAMS.extend((eqx.filter_jit(step), eqx.filter_jit(estimate)))
    return PROGRAMS[0], PROGRAMS[1]


PROGRAMS: list[Any] = []


def judged(points: np.ndarray) -> dict[str, Any]:
    """Counts of the modes with χ² against equal shares, and <-ln p> with its error beside the exact entropy."""
    from scipy.special import logsumexp
    from scipy.stats import chi2

    angle = 2 * np.pi * np.arange(MODES) / MODES
    centers = RADIUS * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    square = ((points[:, None].astype(float) - centers) ** 2).sum(axis=-1)
    counts = np.bincount(square.argmin(axis=1), minlength=MODES)
    expected = len(points) / MODES
    log_p = logsumexp(-square / (2 * WIDTH**2), axis=1) - np.log(2 * np.pi * WIDTH**2 * MODES)
    return {
        "counts": counts, "p_value": float(chi2.sf(((counts - expected) ** 2 / expected).sum(), MODES - 1)),
        "surprise": float(-log_p.mean()), "surprise_error": float(log_p.std() / len(points) ** 0.5),
        "entropy": float(1 + np.log(2 * np.pi * WIDTH**2 * MODES)),  # but for the overlap of modes, below 1e-9
    }  # fmt: skip
