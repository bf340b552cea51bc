# SPDX-License-Identifier: Apache-2.0
"""Is the uncertainty of a committee that of its errors?  Calibrated on frames to validate, told by those to test."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import approximation, checks
from isinglass.result import Check, Estimate

if TYPE_CHECKING:
    from isinglass.approximation.regression.committee_errors import CommitteeErrors

__all__ = ["FittedCommittee"]

BINS = 10  # of the figure


@dataclass(frozen=True)
class FittedCommittee:
    """A committee, calibrated, and the frames that tell whether it is."""

    model: Any
    rows: Any  # of frames to test

    @cached_property
    def errors(self) -> "CommitteeErrors":
        """Errors and standard errors of the frames to test."""
        return approximation.regression.errors_of_committee(self.model, self.rows)

    @cached_property
    def z(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """ΔF/σ, σ and the frame of each atom."""
        e = self.errors
        return checks.atoms.committee.deviations(e.forces_error, e.forces_spread, e.frame)

    def estimates(self) -> dict[str, Estimate]:
        """Factors, and how the errors of the test frames compare."""
        e = self.errors
        found = {"energy_factor": Estimate(float(self.model.energy_factor)),
                 "energy_uncertainty": Estimate(1000 * rms(e.energy_spread), None, "meV/atom")}  # fmt: skip
        if not len(e.forces_spread):
            return found
        of_members = 1000 * np.sqrt(e.members_square)
        error = float(of_members.std(ddof=1) / e.members**0.5)
        z, sigma, frame = self.z
        of, off = checks.atoms.committee, np.linalg.norm(z, axis=1) * sigma
        shares = {f"forces_within_{k}_sigma": of.over_frames(np.mean(np.abs(z) <= k, axis=1), frame) for k in (1, 2)}
        return found | {
            "forces_factor": Estimate(float(self.model.forces_factor)),
            "forces_uncertainty": Estimate(1000 * rms(e.forces_spread), None, "meV/Å"),
            "forces_rmse_of_a_member": Estimate(float(of_members.mean()), error, "meV/Å"),
            "rank_correlation": Estimate(of.rank_correlation(sigma, off)),
        } | {name: Estimate(*share) for name, share in shares.items()}  # fmt: skip

    def checks(self) -> list[Check]:
        """Members that differ, and σ as large as errors: of all, of each size of σ, and for energies."""
        of, e = checks.atoms.committee, self.errors
        of_energy = e.energy_error / max(rms(e.energy_spread), 1e-12)
        found = [of.honest(of_energy, np.arange(len(of_energy)), "energies")]
        if not len(e.forces_spread):
            return found
        differ = of.members_differ(e.forces_spread / float(self.model.forces_factor), e.forces_error)
        if differ.verdict != "pass":
            return [differ]
        z, sigma, frame = self.z
        return [differ, *(of.covered(z, frame, e.members, k) for k in (1, 2)), of.honest(z, frame, "forces"),
                of.ordered(z, sigma, frame), of.reliable(z, sigma, frame), *found]  # fmt: skip

    def arrays(self) -> Any:
        """Errors by σ: root mean squares of bins, and their standard errors."""
        import xarray as xr

        e = self.errors
        if not len(e.forces_spread):
            return xr.Dataset()
        parts = [p for p in np.array_split(np.argsort(e.forces_spread, kind="stable"), BINS) if len(p)]
        sigma = np.array([rms(e.forces_spread[p]) for p in parts])
        off = [checks.atoms.committee.over_frames(np.mean(e.forces_error[p] ** 2, axis=1), e.frame[p]) for p in parts]
        error = np.sqrt([square for square, _ in off])
        doubt = np.array([d or 0.0 for _, d in off]) / (2 * np.maximum(error, 1e-12))
        z = np.sort(np.abs(self.z[0]).ravel())
        levels = np.linspace(0.05, 0.95, 19)
        return xr.Dataset(
            {"force_error": ("force_uncertainty", error), "force_error_error": ("force_uncertainty", doubt),
             "z_measured": ("level", np.quantile(z, levels)),
             "z_expected": ("level", checks.atoms.committee.quantiles(e.members, levels))},
            coords={"force_uncertainty": sigma, "level": levels},
        )  # fmt: skip


def rms(x: np.ndarray) -> float:
    """√<x²>."""
    return float(np.sqrt(np.mean(x**2)))
