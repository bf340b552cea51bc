# SPDX-License-Identifier: Apache-2.0
"""Scaling laws: the runs of Chinchilla by `infer(0, RunsTable(...))`, as `isinglass scaling FILE --loss-below LOSS`.

The published fit leaves out the five runs of largest loss.
"""

from pathlib import Path

from validation.case import Case, Measured, files

__all__ = ["cases"]

SOURCE = "Besiroglu et al. 2024, arXiv:2404.10102"
KNOWN = {  # and half of the last digit
    "irreducible_loss": (1.82, 0.005), "exponent/parameters": (0.348, 0.0005), "exponent/tokens": (0.366, 0.0005),
    "coefficient/parameters": (482.0, 0.5), "coefficient/tokens": (2085.0, 0.5),
}  # fmt: skip
LEFT_OUT = 5
REPLICAS = {"smoke": 200, "laptop": 1000, "paper": 4000}


def cases(roots: list[Path]) -> list[Case]:
    """Files scaling_laws/chinchilla*.csv: the published law; with all runs none may pass, since five decide on it."""
    found = []
    for path in files(roots, "scaling_laws/chinchilla*.csv"):
        for name, (value, digit) in KNOWN.items():
            measure = lambda file, preset, path=path, name=name: measured(path, preset, name)  # noqa: E731
            shown = path.with_name(f"{path.stem} {name.replace('/', ' ')}")
            found.append(Case("scaling", shown, value, SOURCE, measure, tolerance=digit))
        whole = lambda file, preset, path=path: measured(path, preset, "exponent/tokens", left_out=0)  # noqa: E731
        found.append(Case("scaling", path.with_name(f"{path.stem} all runs"), None, "residuals bend with D", whole))
    return found


def measured(path: Path, preset: str, name: str, left_out: int = LEFT_OUT) -> Measured:
    """One estimate."""
    import numpy as np

    from isinglass import infer
    from isinglass.tasks.scaling_laws.scaling_file import ScalingFile

    table, _, _ = ScalingFile(path).read()
    below = float(np.sort(table.loss)[-left_out]) if left_out else None
    found = infer(0, table, loss_below=below, replicas=REPLICAS[preset], progress=False)
    said = "; ".join(check.law for check in found.checks if check.verdict != "pass")
    return Measured(found.estimates[name].value, found.estimates[name].error, found.verdict, said)
