# SPDX-License-Identifier: Apache-2.0
"""Molecules by quantum chemistry: PySCF, an extra, as a calculator of ASE."""

from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from isinglass.data.atoms.stored_frame import load_ase
from isinglass.errors import InputError

__all__ = ["ElectronicCalculator", "load_pyscf"]

load_ase()

from ase.calculators.calculator import CalculationFailed, Calculator, all_changes  # noqa: E402
from ase.units import Bohr, Hartree  # noqa: E402

RESIDUAL = 1e-8  # hartree, of the orbitals: forces are wrong by as much


def load_pyscf() -> Any:
    """The package pyscf, on one thread.  Errors: InputError with the line that installs it."""
    try:
        import pyscf
        import pyscf.dft
        import pyscf.scf
    except ImportError:
        raise InputError("PySCF", "none", "install it: pip install 'isinglass[chemistry]'") from None
    pyscf.lib.num_threads(1)
    return pyscf


class ElectronicCalculator(Calculator):
    """E of electrons at rest around the nuclei, by Hartree-Fock or a density functional; F = -dE/dR.

    `method`: "hf", or a functional as PySCF names it, "pbe", "b3lyp"; `basis`: "sto-3g", "6-31g*", "def2-svp".
    Law: F is the derivative of E; all frames have one energy scale.  Unit: eV, Å.
    Errors: CalculationFailed of ASE where the field does not become self-consistent, InputError for periodic atoms.
    """

    implemented_properties: ClassVar = ["energy", "forces"]

    def __init__(
        self, method: str = "hf", basis: str = "sto-3g", *, charge: int = 0, spin: int = 0, cycles: int = 100,
        tolerance: float = 1e-10, **settings: Any,
    ):  # fmt: skip
        """`spin`: unpaired electrons; `cycles`, `tolerance` in hartree: of the self-consistent field."""
        Calculator.__init__(self, **settings)
        load_pyscf()
        self.method, self.basis, self.charge, self.spin = method, basis, charge, spin
        self.cycles, self.tolerance = cycles, tolerance

    def field(self, atoms: Any) -> Any:
        """PySCF's mean field of these atoms, self-consistent."""
        if np.any(atoms.pbc):
            raise InputError("a molecule in the open", f"pbc = {np.asarray(atoms.pbc).tolist()}", "write pbc=False")
        pyscf = load_pyscf()
        listed = list(zip(atoms.get_chemical_symbols(), atoms.positions.tolist(), strict=True))
        molecule = pyscf.gto.M(atom=listed, basis=self.basis, charge=self.charge, spin=self.spin, verbose=0)
        field = pyscf.scf.HF(molecule) if self.method == "hf" else pyscf.dft.KS(molecule, xc=self.method)
        field.conv_tol, field.conv_tol_grad, field.max_cycle = self.tolerance, RESIDUAL, self.cycles
        field.kernel()
        if not field.converged:
            raise CalculationFailed(f"no self-consistent field in {self.cycles} cycles")
        return field

    def calculate(self, atoms: Any = None, properties: Any = ("energy",), system_changes: Any = all_changes) -> None:
        """Energy, and forces with it: the gradient costs about as much."""
        Calculator.calculate(self, atoms, list(properties), system_changes)
        field = self.field(self.atoms)
        gradient = field.nuc_grad_method()
        gradient.verbose = 0
        forces = -np.asarray(gradient.kernel(), float) * Hartree / Bohr
        self.results = {"energy": float(field.e_tot) * Hartree, "forces": forces}

    def hessian(self, atoms: Any) -> Float[np.ndarray, "n 3 n 3"]:
        """∂²E/∂R∂R in eV/Å², analytic."""
        load_pyscf()
        import pyscf.hessian  # adds Hessian() to mean fields  # noqa: F401

        second = self.field(atoms).Hessian()
        second.verbose = 0
        return np.asarray(second.kernel(), float).transpose(0, 2, 1, 3) * Hartree / Bohr**2
