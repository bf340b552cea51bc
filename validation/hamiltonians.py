# SPDX-License-Identifier: Apache-2.0
"""Hamiltonians: `approximate(key, H, ansatz="exact")` of a TOML file, against exact rows of a table of others.

The table (varbench) names a case as LATTICE_SITES_BOUNDARY_NUMBERS: square_16_P_0.5.  Pauli matrices, total energies:
Heisenberg Σ σ·σ, TFIsing Σ σz σz + Γ Σ σx, tV -Σ (c†c + h.c.) + V Σ n n.  Spaces of more than 10^5 states are left out.
"""

import csv
import gzip
import tempfile
from pathlib import Path

from validation.case import Case, Measured, files

__all__ = ["cases", "toml"]

DOT = ("X(i) X(j)", "Y(i) Y(j)", "Z(i) Z(j)")
MOST_SITES = {"TFIsing": 16, "Heisenberg": 16, "J1J2": 16, "tV": 16}


def cases(roots: list[Path]) -> list[Case]:
    """The rows of exact energies, one case each."""
    found = []
    for path in files(roots, "quantum/varbench*.csv*"):
        text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
        for row in csv.DictReader(text.splitlines()):
            sites = int(row["case"].split("_")[1])
            if row["Method"].startswith("Exact") and sites <= MOST_SITES.get(row["model"], 0):
                of = f"{row['model']} {row['case']}"
                measure = lambda file, preset, row=row: ground_state(row["model"], row["case"])  # noqa: E731
                shown = path.with_name(f"varbench {of}")
                found.append(Case("hamiltonian", shown, float(row["Energy"]), "exact row of varbench", measure,
                                  tolerance=2e-7 * abs(float(row["Energy"]))))  # fmt: skip
    return found


def ground_state(model: str, case: str) -> Measured:
    """The lowest level by Lanczos."""
    import jax

    from isinglass import approximate
    from isinglass.data.hamiltonian import read_hamiltonian

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "h.toml"
        path.write_text(toml(model, case))
        problem = read_hamiltonian(path)
    found = approximate(jax.random.key(0), problem.hamiltonian, ansatz="exact")
    energy = found.estimates["ground_state_energy"]
    return Measured(energy.value, energy.error, found.verdict, f"{problem.hamiltonian.space.size} states")


def toml(model: str, case: str) -> str:
    """The case as a file for `isinglass ground-state`."""
    lattice, sites, boundary, *numbers = case.split("_")
    n = int(sites)
    side = n if lattice == "chain" else round(n**0.5)
    shape = [n] if lattice == "chain" else [side, side]
    end = f'[lattice]\nname = "{lattice}"\nshape = {shape}\nperiodic = {str(boundary == "P").lower()}\n'
    if model == "TFIsing":
        return f'kind = "spin"\nterms = []\nbond = "Z(i) Z(j)"\nsite = "{numbers[0]} X(i)"\n\n{end}'
    if model == "tV":
        return (f'kind = "fermion"\nparticles = {numbers[0]}\nbond = "-1.0 cdag(i) c(j) - 1.0 cdag(j) c(i) + '
                f'{numbers[1]} n(i) n(j)"\n\n{end}')  # fmt: skip
    second = diagonals(side, float(numbers[0])) if model == "J1J2" else []
    terms = ", ".join(f'"{term}"' for term in second)
    return f'kind = "spin"\nmagnetization = 0\nterms = [{terms}]\nbond = "{" + ".join(DOT)}"\n\n{end}'


def diagonals(side: int, coupling: float) -> list[str]:
    """σ·σ on the second neighbors of a square torus."""
    pairs = [((a, b), ((a + 1) % side, (b + d) % side)) for a in range(side) for b in range(side) for d in (1, -1)]
    site = lambda p: p[0] * side + p[1]  # noqa: E731
    return [f"{coupling} {s}({site(p)}) {s}({site(q)})" for p, q in pairs for s in "XYZ"]
