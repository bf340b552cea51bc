# SPDX-License-Identifier: Apache-2.0
"""Gravitational waves: a network against the matched filter, and a neural posterior against the exact likelihood."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.checks.learning.detection import Z_1E4
from isinglass.exact.learning import signal_detection as exact
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.inference.detection.labelled import Labelled
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.stats.roc import detection_probability, error_of
from isinglass.systems.gravitational_wave.black_hole_binary import BlackHoleBinary, black_hole_binary
from isinglass.systems.gravitational_wave.chirp_in_noise import ChirpInNoise, Stretches
from isinglass.systems.gravitational_wave.noise_curve import aligo_design
from isinglass.tasks.cases import merged
from isinglass.verbs import infer

__all__ = ["GravitationalWaves", "detection_claims", "posterior_claims"]

POWER = {"known": exact.known_signal_power, "unknown": exact.unknown_phase_power}
AREA = {"known": exact.known_signal_auc, "unknown": exact.unknown_phase_auc}
SOURCE = {"known": "P_d = Q(Q⁻¹(P_fa) - ρ)", "unknown": "Marcum's Q_1(ρ, √(-2 ln P_fa))"}
TRUTH = (30.0, 0.75, 3000.0, 0.001, 3.0)  # chirp mass, ratio, distance in Mpc, time, phase: ρ = 13
RANGES = (
    (26.0, 34.0),
    (0.4, 1.0),
    (2000.0, 5000.0),
    (-0.003, 0.003),
    (2.0, 4.0),
)  # about a trigger, ten widths and more
UNITS = {"chirp_mass": r"$M_\odot$", "distance": "Mpc", "time": "s", "phase": "rad"}
ADJUSTED = "detection_probability/by_closed_form"
Z_2_1E4 = 3.891  # two-sided normal quantile of 1e-4


@dataclass(frozen=True)
class GravitationalWaves(AbstractExperiment):
    """A chirp of two black holes in the design noise of Advanced LIGO: is it there, and of which masses?

    The matched filter is the best detector, known in closed form; the likelihood of the masses is exact.
    """

    name: ClassVar[str] = "gravitational-waves"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "a network against the matched filter; masses of black holes"
    rows: ClassVar[tuple[int, ...]] = (20, 21, 22)
    paper: ClassVar[str] = "George and Huerta 2018, arXiv:1701.00008; Gabbard et al. 2018, arXiv:1712.06041"
    claim: ClassVar[str] = (
        "detection within 2 % of the matched filter, never above it; posterior widths within 10 % of the likelihood's"
    )
    guide: ClassVar[str] = "docs/detection.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"stretches": 100_000, "steps": 1500, "prior": 0.5, "simulations": 60_000, "posterior_steps": 4000,
                  "width": 128, "reference": 1024},
        "laptop": {},
        "paper": {"stretches": 1_000_000, "steps": 20_000, "simulations": 1_000_000, "posterior_steps": 100_000},
    }  # fmt: skip

    snr: float = 4.0
    """Optimal signal-to-noise ratio ρ of the chirp to detect."""
    false_alarm: float = 0.01
    """False-alarm probability at which detectors are compared."""
    stretches: int = 300_000
    """Stretches of strain, half of them with a chirp."""
    steps: int = 4000
    """Steps of training of each detector, at most."""
    prior: float = 1.0
    """Width of the prior about the trigger: 1 is ten widths of the posterior and more."""
    simulations: int = 200_000
    """Simulated chirps to learn the posterior from."""
    posterior_steps: int = 16_000
    """Steps of training of the posterior, at most."""
    width: int = 256
    """Units of a hidden layer of the posterior's network."""
    reference: int = 4096
    """Posterior samples by the exact likelihood."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Detect with known and with unknown phase, then infer the masses."""
        keys, at = jax.random.split(key, 5), lambda name: checkpoint and checkpoint / name
        chirp = ChirpInNoise(snr=self.snr, rate=256)
        found, spread = {}, {}
        for k, phase in zip(keys, POWER, strict=False):
            drawn = chirp.draw(rng_of(k), self.stretches, known_phase=phase == "known")
            spread[phase] = background_variance(drawn, chirp)
            found[phase] = infer(
                k, Labelled(drawn.x, drawn.signal, log_ratio=drawn.log_ratio), network="mlp", hidden=(64,),
                weight_decay=3e-3, false_alarm=self.false_alarm, steps=self.steps,
                progress=telling(progress, f"{phase} phase"), checkpoint=at(phase),
            )  # fmt: skip
            with_exact(found[phase], POWER[phase], self.snr, self.false_alarm)
        binary = black_hole_binary(aligo_design(), low=25.0, high=400.0, seconds=2.0, ranges=ranges(self.prior))
        x = np.asarray(eqx.filter_jit(binary.simulate)(keys[2], jnp.asarray(TRUTH)))
        neural, likely = self.posteriors((keys[3], keys[4]), binary, x, progress, at("posterior"))
        neural.arrays = beside(neural.arrays, likely.arrays)
        result = merged(self.name, found | {"": neural})
        result.settings = asdict(self)
        result.estimates |= {f"{n}/likelihood": e for n, e in likely.estimates.items() if n in neural.arrays}
        result.estimates["snr/binary"] = Estimate(float(eqx.filter_jit(binary.snr)(jnp.asarray(TRUTH))))
        result.figures = [f for f in result.figures if not f.startswith("training_history")]
        claims = [c for phase in POWER for c in detection_claims(phase, found[phase], self, spread[phase])]
        result.checks = [*claims, *posterior_claims(neural, likely), *result.checks, *likely.checks]
        return result

    def posteriors(
        self, keys: Any, binary: BlackHoleBinary, x: np.ndarray, progress: ProgressCallable, folder: Path | None
    ) -> tuple[Result, Result]:
        """By a flow that has seen simulations alone, and by the exact likelihood."""
        neural = infer(
            keys[0], binary, observation=x, simulations=self.simulations, steps=self.posterior_steps, batch=256, bins=6,
            width=self.width, learning_rate=3e-3, halvings=0, progress=telling(progress, "posterior"),
            checkpoint=folder,
        )  # fmt: skip
        likely = infer(keys[1], binary, observation=x, method="smc", samples=self.reference,
                       progress=telling(progress, "likelihood"))  # fmt: skip
        return neural, likely


def beside(arrays: xr.Dataset, exact: xr.Dataset) -> xr.Dataset:
    """Samples of the posterior with their units, samples by the exact likelihood, and the truth."""
    for name, unit in UNITS.items():
        arrays[name].attrs["unit"] = unit
    samples = np.stack([exact[str(name)].to_numpy() for name in arrays["parameter"].to_numpy()])
    return arrays.assign(exact_posterior=(("parameter", "exact_sample"), samples), truth=("parameter", np.array(TRUTH)))


def rng_of(key: Any) -> np.random.Generator:
    """Random numbers of NumPy."""
    return np.random.default_rng(np.asarray(jax.random.key_data(key)))


def background_variance(drawn: Stretches, chirp: ChirpInNoise) -> Estimate:
    """Of whitened noise, over the share of frequencies in the band: 1."""
    noise = drawn.x[~drawn.signal]
    n = noise.shape[1]
    freedom = 2 * int(np.isfinite(chirp.band.power(np.fft.rfftfreq(n, 1 / chirp.rate))).sum())
    return Estimate(float(np.mean(np.sum(noise**2, axis=1))) / freedom, (2 / (freedom * len(noise))) ** 0.5)


def ranges(width: float) -> tuple[tuple[float, float], ...]:
    """Of the prior, about the trigger."""
    return tuple(
        (at - width * (at - low), at + width * (high - at)) for at, (low, high) in zip(TRUTH, RANGES, strict=True)
    )


def with_exact(found: Result, power: Any, snr: float, false_alarm: float) -> None:
    """The ROC in closed form beside the measured ones; the network's detection probability with the help of it.

    P_d + (exact - that of the likelihood ratio on the same rows): what is common to both scores by chance cancels.
    """
    alarms = found.arrays["false_alarm"].to_numpy()
    found.arrays["exact_power"] = ("false_alarm", np.array([power(snr, float(a)) for a in alarms]))
    signal = found.arrays["signal"].to_numpy().astype(bool)
    network, ratio = (detection_probability(found.arrays["score"].sel(detector=name).to_numpy(), signal, false_alarm)[0]
                      for name in ("network", "likelihood_ratio"))  # fmt: skip
    behind = network.minus(ratio)
    error = max(error_of(behind), 0.5 / int(signal.sum()))
    found.estimates[ADJUSTED] = Estimate(power(snr, false_alarm) + behind.value, error)


def detection_claims(phase: str, found: Result, of: GravitationalWaves, variance: Estimate) -> list[Check]:
    """The network and the likelihood ratio against the closed form, and noise that is white."""
    best, label = POWER[phase](of.snr, of.false_alarm), f"{phase} phase"
    network, ratio = (found.estimates[name] for name in (ADJUSTED, "detection_probability/likelihood_ratio"))
    area = found.estimates["auc/likelihood_ratio"]
    within = lambda law, e, value, name: Check.within(law, e.value, value, Z_2_1E4 * (e.error or 0), error=e.error,  # noqa: E731
                                                      source=SOURCE[phase], of=name)  # fmt: skip
    title = "detection_probability"
    return [
        Check.at_least(f"network: detection probability within 2 % of the matched filter's ({label})", network.value,
                       best, tolerance=0.02 * best, error=network.error, source=SOURCE[phase],
                       of=f"{ADJUSTED}/{phase}").resolved(),
        Check.at_most(f"network: detection probability not above the matched filter's ({label})", network.value, best,
                      tolerance=Z_1E4 * (network.error or 0), error=network.error, source=SOURCE[phase],
                      of=f"{ADJUSTED}/{phase}"),
        within(f"matched filter: detection probability is that in closed form ({label})", ratio, best,
               f"{title}/likelihood_ratio/{phase}"),
        within(f"matched filter: area under the ROC is that in closed form ({label})", area, AREA[phase](of.snr),
               f"auc/likelihood_ratio/{phase}"),
        Check.within(f"variance of whitened noise ({label})", variance.value, 1.0, 0.01, error=variance.error),
    ]  # fmt: skip


def posterior_claims(neural: Result, likely: Result) -> list[Check]:
    """Widths and means of the neural posterior against those of the exact likelihood.

    The error of a width is that of the effective number of samples of both, a fifth of them at least.
    """
    checks = []
    for name in (str(n) for n in likely.arrays["parameter"].to_numpy()):
        a, b = neural.arrays[name].to_numpy(), likely.arrays[name].to_numpy()
        error = (5 / (2 * len(a)) + 5 / (2 * len(b))) ** 0.5
        width = a.std(ddof=1) / b.std(ddof=1)
        checks.append(Check.within(f"width of the posterior over that of the likelihood: {name}", width, 1.0, 0.1,
                                   error=error, source="exact likelihood").resolved())  # fmt: skip
        shift = (a.mean() - b.mean()) / b.std(ddof=1)
        checks.append(Check.within(f"shift of the posterior, in widths of the likelihood's: {name}", shift, 0.0, 0.25,
                                   error=2**0.5 * error, source="exact likelihood").resolved())  # fmt: skip
    return checks
