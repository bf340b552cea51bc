# SPDX-License-Identifier: Apache-2.0
"""Names of cases and methods as a person reads them: `chain_10_h_0.5` is "chain, N = 10, h = 0.5"."""

import re

__all__ = ["estimate_label", "readable"]

SYMBOLS = {s: s for s in ("h", "J2", "J", "L", "N", "T", "U")}
SYMBOLS |= {"alpha": "α", "beta": "β", "lambda": "λ", "kappa": "κ", "gamma": "γ"}
COUNTED = {"chain": "N", "ring": "N", "square": "L", "ising": "N", "heisenberg": "N", "sk": "N"}  # by a number after it
SPELLED = {
    "cnn": "CNN", "mlp": "perceptron", "pca": "PCA", "vae": "VAE", "tsne": "t-SNE", "t_sne": "t-SNE", "gru": "GRU",
    "hmc": "HMC", "sk": "SK", "rbm": "RBM", "kl": "KL", "ising": "Ising", "heisenberg": "Heisenberg", "bayes": "Bayes",
    "metropolis": "Metropolis", "wolff": "Wolff", "mueller_brown": "Müller-Brown",
    "sherrington_kirkpatrick": "Sherrington-Kirkpatrick", "binder": "Binder",
    "v_score": "V-score", "lanczos": "Lanczos", "gaussian": "Gaussian",
    "r_hat": "R-hat", "slcp": "SLCP", "sir": "SIR", "glm": "GLM", "bernoulli": "Bernoulli",
}  # fmt: skip
NUMBER = r"(-?\d+(?:\.\d+)?(?:e-?\d+)?)"
NAMED_NUMBER = re.compile(rf"(?:^|_)({'|'.join([*SYMBOLS, *COUNTED, 'SK'])})_?{NUMBER}(?:_to_{NUMBER})?(?=_|$)")


def readable(name: str) -> str:
    """Words joined by _ with spaces, and each symbol or lattice followed by its number as an equation.

    chain_10_h_0.5: chain, N = 10, h = 0.5.  square_3_h_3: square, L = 3, h = 3.  h_2_to_1: h = 2 to 1.
    confusion_L16: confusion, L = 16.  A text that has spaces already is returned as it is.
    """
    if " " in name:
        return name
    parts = NAMED_NUMBER.sub(lambda found: f"|{equation(*found.groups())}|", name).split("|")
    return ", ".join(part if "=" in part else spelled(part) for part in (p.strip("_") for p in parts) if part)


def equation(word: str, number: str, last: str | None) -> str:
    """h = 2, h = 2 to 1, or of a lattice: chain|N = 10."""
    equal = f"{SYMBOLS.get(word) or COUNTED[word.lower()]} = {number}" + (f" to {last}" if last else "")
    return equal if word in SYMBOLS else f"{word}|{equal}"


def spelled(name: str) -> str:
    """Words with the capitals of names and abbreviations."""
    for words, text in SPELLED.items():
        name = re.sub(rf"(^|_){words}(?=_|$)", rf"\g<1>{text}", name)
    return re.sub(r"^(\d+)x(\d+)$", r"\1 x \2", name).replace("_", " ")


def estimate_label(name: str) -> str:
    """QUANTITY/CASE as words: ground_state_energy/chain_10_h_0.5 is "ground state energy, chain, N = 10, h = 0.5"."""
    quantity, *cases = name.split("/")
    return ", ".join([spelled(quantity), *map(readable, cases)])
