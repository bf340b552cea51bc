# SPDX-License-Identifier: Apache-2.0
"""Cosmology: distances and growth of five cosmologies, Hubble diagrams, acoustic scales, band powers of Planck.

Ω_m of each by `infer(0, simulator, observation=x, method="nuts")` and by a neural posterior of the same simulator,
beside the median and half of the 68 % interval of other programs; χ² of a best-fit spectrum.
"""

import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from validation.case import Case, Measured, files

__all__ = ["cases"]

CODES = "code comparison of CCL, Chisari et al. 2019, arXiv:1812.05995"
DARK = ((0.7, -1.0, 0.0), (0.7, -0.9, 0.0), (0.7, -0.9, 0.1), (0.65, -0.9, 0.1), (0.75, -0.9, 0.1))  # Ω_Λ, w0, wa
RADIATION = 4.1834e-5 / 0.7**2  # in the table of distance moduli alone
CLOSE = 1e-4  # relative
SIMULATIONS = {"smoke": 3000, "laptop": 20_000, "paper": 100_000}


class Known(NamedTuple):
    """What others found."""

    parameter: str
    median: float
    width: float  # half of the 68 % interval
    source: str


KNOWN = {
    "pantheon_lcparam_DS17f.txt": Known("Omega_m", 0.296, 0.0215, "grid, with systematics; Scolnic et al. 2018, "
                                        "arXiv:1710.00845: 0.298 ± 0.022"),
    "pantheon_lcparam_full_long.txt.gz": Known("Omega_m", 0.285, 0.012, "least squares, statistical errors alone"),
    "DES-SN5YR_HD.csv.gz": Known("Omega_m", 0.363, 0.011, "least squares, statistical errors alone; with systematics "
                                 "0.352 ± 0.017: DES 2024, arXiv:2401.02929"),
    "desi_dr1_bao_mean.txt": Known("Omega_m", 0.294, 0.0145, "grid; DESI 2024 VI, arXiv:2404.03002: 0.295 ± 0.015"),
}  # fmt: skip
CHI_SQUARED = {  # of the best-fit spectrum of 2015
    "planck2018_plik_lite_TT.npz": 203.16246,
    "planck2018_plik_lite_TTTEEE.npz": 582.66962,
}
PLANCK = "-2 ln L of planck-lite-py, Prince and Dunkley 2019, arXiv:1909.05869"


def cases(roots: list[Path]) -> list[Case]:
    """Files cosmology/NAME of the tables above."""
    found = []
    for path in files(roots, "cosmology/ccl_*_model1-5.txt"):
        for model in range(5):
            shown = path.with_name(f"{path.stem.removesuffix('1-5')}{model + 1} z=5")
            expected = float(np.loadtxt(path)[-1, 1 + model])
            measure = lambda file, preset, path=path, model=model: of_codes(path, model)  # noqa: E731
            found.append(Case("cosmology", shown, expected, CODES, measure, tolerance=CLOSE * expected))
    for path in files(roots, "cosmology/*"):
        if path.name in KNOWN:
            found += [one for method in ("nuts", "npe") for one in of_posterior(path, method)]
        if path.name in CHI_SQUARED:
            chi2 = lambda file, preset, path=path: best_fit(path)  # noqa: E731
            found.append(Case("cosmology", path, CHI_SQUARED[path.name], PLANCK, chi2, tolerance=0.01))
    return found


def of_codes(path: Path, model: int) -> Measured:
    """The value at z = 5; `pass` where every row is within 1e-4."""
    import jax.numpy as jnp

    from isinglass.exact.cosmology import background, growth

    table = np.loadtxt(path)
    dark, w0, wa = DARK[model]
    hot = RADIATION if "_dm_" in path.name else 0.0
    universe = background.Cosmology(0.3, 1 - 0.3 - dark - hot, w0, wa, 0.7, hot)
    of: dict[str, Callable] = {"chi": background.comoving_distance, "dm": background.distance_modulus,
                               "growth": growth.growth_factor}  # fmt: skip
    ours = np.asarray(of[path.name.split("_")[1]](universe, jnp.asarray(table[1:, 0])))
    worst = float(np.abs(ours / table[1:, 1 + model] - 1).max())
    return Measured(float(ours[-1]), None, "pass" if worst < CLOSE else "fail", f"worst of z = 1, ..., 5: {worst:.1e}")


def of_posterior(path: Path, method: str) -> list[Case]:
    """Median and half width; a tenth (NUTS) or a quarter (neural) of a width may they be off, and half a last digit."""
    known, share = KNOWN[path.name], {"nuts": 0.1, "npe": 0.25}[method]
    made = []
    for what, expected in (("median", known.median), ("width", known.width)):
        measure = lambda file, preset, what=what: quantiles(path, method, preset)[what]  # noqa: E731
        shown = path.with_name(f"{path.name.split('.')[0]} {method} {what}")
        made.append(Case("cosmology", shown, expected, known.source, measure,
                         tolerance=share * known.width + 0.0005))  # fmt: skip
    return made


@cache
def quantiles(path: Path, method: str, preset: str) -> dict[str, Measured]:
    """Median and half of the 68 % interval of Ω_m."""
    from isinglass import infer
    from isinglass.systems.simulator.score_summary import score_summary

    simulator, x, near = simulator_of(path)
    settings: dict[str, Any] = {"method": "nuts"} if method == "nuts" else {"simulations": SIMULATIONS[preset]}
    if method == "npe" and len(x) > 100:  # as many numbers as parameters
        simulator = score_summary(simulator, near, fisher=simulator.fisher(near))
        x = np.asarray(simulator.summary(x))
    found = infer(0, simulator, observation=x, progress=False, **settings)
    low, middle, high = np.quantile(found.arrays[KNOWN[path.name].parameter].to_numpy(), [0.16, 0.5, 0.84])
    said = "; ".join(check.law for check in found.checks if check.verdict != "pass")
    return {"median": Measured(float(middle), None, found.verdict, said),
            "width": Measured(float(high - low) / 2, None, found.verdict, said)}  # fmt: skip


def simulator_of(path: Path) -> tuple[Any, np.ndarray, list[float]]:
    """The simulator of a file, its data, and parameters near the best fit."""
    from isinglass.systems.cosmology.distances import acoustic_scale, hubble_diagram

    if path.name.startswith("pantheon"):
        z, z_hel, m, error = np.loadtxt(path, usecols=(1, 2, 4, 5)).T
        covariance = error
        if path.name == "pantheon_lcparam_DS17f.txt":
            entries = np.loadtxt(path.with_name("pantheon_sys_DS17f.txt"))  # their number first
            covariance = entries[1:].reshape(len(z), len(z)) + np.diag(error**2)
        return hubble_diagram(z, covariance, z_heliocentric=z_hel), m, [0.3, -18.58]
    if path.name.startswith("DES"):
        t = np.genfromtxt(gzip.open(path, "rt"), delimiter=",", names=True)
        made = hubble_diagram(t["zHD"], t["MUERR_FINAL"], z_heliocentric=t["zHEL"], offset=(0.0, 1.5))
        return made, t["MU"], [0.35, 0.8]
    rows = [line.split() for line in path.read_text().splitlines() if line and line[0] != "#"]
    z, value = (np.array([float(row[i]) for row in rows]) for i in (0, 1))
    covariance = np.loadtxt(path.with_name(path.name.replace("mean", "cov")))
    return acoustic_scale(z, [row[2] for row in rows], covariance), value, [0.3, 100.0]


def best_fit(path: Path) -> Measured:
    """χ² of the best-fit spectrum; `pass` where amplitude and tilt of the data are within 3 errors of none."""
    import jax.numpy as jnp

    from isinglass.exact.field.fisher_information import cramer_rao
    from isinglass.systems.cosmology.band_powers import band_powers, binning, spectrum_of_Dl
    from isinglass.systems.simulator.score_summary import score_summary

    table, of_bins = np.loadtxt(path.with_name("planck_bestfit_Dl.txt.gz")), "planck2018_plik_lite_TT.npz"
    given, bins = np.load(path), np.load(path.with_name(of_bins))
    table = table[(table[:, 0] >= bins["bin_min"][0]) & (table[:, 0] <= bins["bin_max"][-1])]
    ell, n = table[:, 0], len(table)
    W = binning(bins["bin_min"], bins["bin_max"], bins["bin_weights"][:n], ell)
    kinds = ["TT"] if path.name == of_bins else ["TT", "TE", "EE"]
    blocks = [W if kind == "TT" else W[: int((given["spectrum"] == kind).sum())] for kind in kinds]
    every, C = np.zeros((sum(map(len, blocks)), n * len(kinds))), []
    for i, block in enumerate(blocks):
        row = sum(len(b) for b in blocks[:i])
        every[row : row + len(block), i * n : (i + 1) * n] = block
        C.append(spectrum_of_Dl(table[:, 1 + i], ell))
    bands = band_powers(np.concatenate(C), np.tile(ell, len(kinds)), every, given["cov"])
    F = bands.fisher([0.0, 0.0])
    off = np.asarray(score_summary(bands, [0.0, 0.0], fisher=F).summary(given["Cl"])) / cramer_rao(F)
    chi2 = float(bands.chi_squared(jnp.zeros(2), given["Cl"]))
    verdict = "pass" if np.abs(off).max() < 3 else "fail"
    return Measured(chi2, None, verdict, f"ln A and tilt {off[0]:+.1f} and {off[1]:+.1f} errors off")
