# SPDX-License-Identifier: Apache-2.0
"""Terms with the letters i and j placed at every site and every bond of a lattice, and s summed over both spins."""

import cmath
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from isinglass.errors import InputError
from isinglass.systems.quantum.operator import LETTERS, Word, added
from isinglass.systems.quantum.term import Constants, SitePlace, Template, place_text

__all__ = ["ChainEnds", "Region", "placed"]

MOST_TERMS = 500_000
ChainEnds = Literal["periodic", "open", "none"]


class Region(NamedTuple):
    """The sites that terms act on."""

    n_sites: int
    kind: str  # spin, boson or fermion
    spinful: bool  # two modes on each site, up at i and down at N + i
    chain: ChainEnds  # none: no chain, on which i+1 has no meaning


class Factors(NamedTuple):
    """One product of a template."""

    coefficient: complex
    entries: list  # of arrays: (array, places)
    letters: list[tuple[str, SitePlace]]


def placed(
    template: Template, region: Region, constants: Constants, rows: Sequence[Sequence[int]], letters: str,
    weights: Iterable[float] | None = None,
) -> dict[Word, complex]:  # fmt: skip
    """Σ over rows (i, j) of the template, times the weight of each row.  `letters`: those that stand for sites, "ij".

    A product with i+1 outside an open chain is left out.  Law: linear in the template.
    Errors: InputError for another kind of operator, a site outside, a missing spin, a letter that is not there.
    """
    products = [
        factors for word, c in template.terms.items() for factors in summed(word, c, region, constants, letters)
    ]
    if len(products) * len(rows) > MOST_TERMS:
        found = f"{len(products):,} at each of {len(rows):,} places"
        raise InputError(f"at most {MOST_TERMS:,} products", found, "use fewer sites or terms")
    terms: dict[Word, complex] = {}
    for row, weight in zip(rows, [1.0] * len(rows) if weights is None else weights, strict=True):
        where = dict(zip(letters, row, strict=True))
        for coefficient, entries, word in products:
            sites = [mode(place, where, region) for _, place in word]
            value = coefficient * weight
            for array, places in entries:
                at = tuple(mode(place, where, region) for place in places)
                value = value * complex(array[at]) if None not in at else 0
            if None in sites or value == 0:
                continue
            key: Any = tuple((name, site) for (name, _), site in zip(word, sites, strict=True))
            terms[key] = added(terms.get(key, 0j), value)
    if odd := next((c for c in terms.values() if not cmath.isfinite(c)), None):
        raise InputError("finite coefficients", f"{odd:g}", "scale the constants")
    return terms


def mode(place: SitePlace, where: dict[str, int], region: Region) -> int | None:
    """The mode of a place: i + shift around a ring, None beyond the ends of an open chain, N + i for spin down."""
    site = where[place.letter] + place.shift if place.letter else place.shift
    if region.chain == "periodic":
        site %= region.n_sites
    if not 0 <= site < region.n_sites:
        return None
    return site + region.n_sites * (place.spin == "down")


def summed(word: Any, c: complex, region: Region, constants: Constants, letters: str) -> list[Factors]:
    """A product as arrays and letters, once, or for both spins where s stands in it; checked."""
    arrays = [(name, places) for name, places in word if name not in LETTERS]
    inside = [
        (name, at if isinstance(at, SitePlace) else SitePlace("", at, "")) for name, at in word if name in LETTERS
    ]
    for name, at in inside:
        check_letter_of(name, at, region)
    for name, at in [*inside, *((name, place) for name, places in arrays for place in places)]:
        check_place(name, at, region, letters)
    entries = [(constants[name], places) for name, places in arrays]
    if not any(at.spin == "s" for _, at in inside):
        return [Factors(c, entries, inside)]
    spun = lambda at, spin: at._replace(spin=spin) if at.spin == "s" else at  # noqa: E731
    return [Factors(c, entries, [(name, spun(at, spin)) for name, at in inside]) for spin in ("up", "down")]


def check_letter_of(name: str, at: SitePlace, region: Region) -> None:
    """Errors: InputError for an operator of another kind, or a spin that is missing or has no meaning."""
    kind, found = LETTERS[name][0], f"{name}({place_text(at)})"
    if kind != region.kind and not (kind == "particle" and region.kind != "spin"):
        raise InputError(f"operators of a {region.kind}", f"{found} of a {kind}", "correct it, or kind")
    if region.spinful and not at.spin:
        site = place_text(at)
        fix = f"write {name}({site}, up), {name}({site}, down), or {name}({site}, s), which is summed over both"
        raise InputError("a spin after the site, since particles have one", found, fix)
    if at.spin and not region.spinful:
        raise InputError("a site alone, without spin", found, 'leave it out, or set kind = "fermion", spinful = true')


def check_place(name: str, at: SitePlace, region: Region, letters: str) -> None:
    """Errors: InputError for a site outside, a letter that is not there, or a shift that has no meaning."""
    found = f"{name}({place_text(at)})"
    if not at.letter and at.shift >= region.n_sites:
        raise InputError(f"sites 0 to {region.n_sites - 1}", found, "correct it")
    if at.letter and at.letter not in letters:
        expected, term = ("the site i alone", "bond") if letters else ("sites by number", "site or bond")
        raise InputError(expected, found, f"write a {term} term")
    if at.letter and at.shift and region.chain == "none":
        fix = 'use [[bond]] with neighbor = 2, or a [lattice] with name = "chain" and its shape'
        raise InputError("i and j without a shift, which has a meaning on a chain alone", found, fix)
    if at.letter and abs(at.shift) >= region.n_sites:
        raise InputError(f"a shift below the length {region.n_sites} of the chain", found, "correct it")
