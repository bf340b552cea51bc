# SPDX-License-Identifier: Apache-2.0
"""Infer a transition from configurations of several lattice sizes: finite-size scaling."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks, data, inference
from isinglass.errors import InputError
from isinglass.result import Check, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.setting.phases_files import configurations_of
from isinglass.tasks.task import AbstractTask, Verb, described, is_instance, setting

if TYPE_CHECKING:
    from isinglass.data.configurations import Configurations
    from isinglass.inference.phases.confusion import Confusion
    from isinglass.inference.phases.supervised import Supervised
    from isinglass.inference.phases.unsupervised import Components

    Method = str | Supervised | Confusion | Components
    Networks = Mapping[int, Any] | None
    BySize = Mapping[int, Result | Configurations]
else:
    Method = Networks = BySize = Any

__all__ = ["InferTransition"]


@dataclass(frozen=True)
class SizesFiles:
    """Configurations of each lattice size in files: `configurations` [n, ...lattice] and `temperature` [n]."""

    files: tuple[Path, ...]
    """.npz, .npy, .h5, .nc, .mat, .csv, .txt, one or more for each lattice size."""
    parameter: str | None = None
    """Name of the array with the control parameter; found if not given."""

    def read(self) -> tuple["dict[int, Configurations]", dict[str, Any], dict[str, Any]]:
        """Configurations by lattice size; no further settings; how they were read, for the record."""
        found = data.read_sizes(self.files, self.parameter)
        read = [c.source for c in found.values()]
        return found, {}, {"files": [str(file) for file in self.files], "sizes": sorted(found), "read": read}


@dataclass(frozen=True)
class InferTransition(AbstractTask):
    """Networks trained at the two ends, learning by confusion, or principal components; at each size, then together.

    Law: with errors over chains and networks; of the supervised search, the curves of all sizes fall onto one.
    Ref: Carrasquilla and Melko 2017, arXiv:1605.01735; van Nieuwenburg, Liu and Huber 2017, arXiv:1610.02048.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = ("builtins:dict",)
    guide: ClassVar[str] = "docs/files.md"
    what: ClassVar[str] = "configurations by lattice size ({16: a, 32: b})"
    command: ClassVar[str] = "transition"
    source: ClassVar[type] = SizesFiles

    method: Method = setting("supervised", choices=lambda: ["supervised", "confusion", "components"])
    """supervised: trained at the ends, evaluated in the middle, T_c and ν by data collapse; confusion: where wrong
    labels work best; components: where Binder's ratio of the leading one crosses.  In Python also its settings:
    isinglass.inference.phases.Supervised(...), Confusion(...), Components(...)."""
    networks: Networks = setting(None)
    """Trained networks by lattice size, from `models` of another supervised result: they are evaluated, not trained."""
    label: str | None = None
    """What the estimates of the supervised search end in; by default supervised_mlp, supervised_cnn or transfer."""

    def run(
        self, key: Any, problem: BySize, *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Read each size, then all together; it takes seconds, so that `checkpoint` is not used."""
        begun = time.perf_counter()
        by_size = checked(problem)
        knobs = self.knobs()
        progress(0, 1, f"L = {', '.join(map(str, sorted(by_size)))}: {type(knobs).__name__.lower()}")
        if isinstance(knobs, inference.phases.Supervised):
            result = self.supervised(key, by_size, knobs)
        elif isinstance(knobs, inference.phases.Confusion):
            result = inference.phases.confusion_by_size.confusion_by_size(key, by_size, knobs)
            law = "the peak of confusion is a transition, no crossover: crossings show it (infer by size, method blind)"
            result.checks.append(checks.critical.unproven(law))
        else:
            result = components(key, by_size, knobs)
            law = "the leading component is the order parameter, not a response: infer by size, method blind, shows it"
            result.checks.append(checks.critical.unproven(law))
        result.seconds = time.perf_counter() - begun
        return result

    def knobs(self) -> "Supervised | Confusion | Components":
        """The settings of the method.  Errors: InputError for a method that is none of the three."""
        phases = inference.phases
        kinds = {"supervised": phases.Supervised, "confusion": phases.Confusion, "components": phases.Components}
        if isinstance(self.method, str):
            return kinds[self.method]()
        if not isinstance(self.method, tuple(kinds.values())):
            raise InputError(f"method among {', '.join(kinds)}, or its settings", described(self.method), "name one")
        return self.method

    def supervised(self, key: Any, by_size: "dict[int, Configurations]", knobs: "Supervised") -> Result:
        """Train, unless networks are given, and read; where there are several sizes, do their curves collapse?"""
        method = inference.phases.supervised
        if self.networks is None:
            result = method.supervised(key, by_size, knobs, name=self.label)
        else:
            networks = {L: self.networks[L] for L in by_size if L in self.networks}
            if len(networks) < len(by_size):
                found = f"for L = {', '.join(map(str, networks))}" if networks else "for none of them"
                raise InputError(f"networks for L = {', '.join(map(str, by_size))}", found, "train at each size first")
            result = method.locate_transition(key, networks, by_size, knobs, name=self.label or "transfer")
        if len(by_size) > 1:
            chi2, freedom = (float(result.arrays.attrs[name]) for name in ("chi2", "freedom"))
            law = "curves of all sizes fall onto one, chi2 per degree of freedom"
            result.checks.append(Check.at_most(f"{law} ({result.name})", chi2 / max(freedom, 1), 3.0))
        if knobs.network == "cnn" and self.networks is None:
            L = min(by_size)
            result.checks.append(translations(result.models[f"{result.name}/L={L}"], by_size[L], knobs))
        return result


def checked(problem: BySize) -> "dict[int, Configurations]":
    """The configurations of each size.  Errors: InputError where sizes are no numbers, or values no configurations."""
    kinds = ("isinglass.data.configurations:Configurations", "isinglass.result:Result")
    if not problem:
        raise InputError("configurations of one lattice size or more", "none", "write {16: a, 32: b}")
    for L, one in problem.items():
        if not isinstance(L, int | np.integer) or not is_instance(one, kinds):
            raise InputError(InferTransition.what, f"{described(L)}: {described(one)}", "write {16: a, 32: b}")
    return {int(L): configurations_of(one) for L, one in problem.items()}


def components(key: Any, by_size: "dict[int, Configurations]", knobs: "Components") -> Result:
    """The crossing of the leading component's moments, or the sentence that there is none."""
    import jax

    from isinglass.run.document import plain

    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    found = inference.phases.pca_transition(rng, by_size, knobs)
    result = Result("components", settings=plain(vars(knobs)))
    if found is None:
        result.status = "principal components of different sizes do not cross: sample more, or nearer the transition"
    else:
        result.estimates[f"critical_{next(iter(by_size.values())).parameter_name}/pca"] = found
    return result


def translations(networks: Any, c: "Configurations", knobs: "Supervised") -> Check:
    """Is the convolutional network invariant under the lattice's translations?"""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    first = jax.tree.map(lambda leaf: leaf[0], eqx.filter(networks, eqx.is_array))
    network = eqx.combine(first, networks)
    x = c.x[(c.parameter > knobs.ordered_below) & (c.parameter < knobs.disordered_above)][:64]
    shifts = [lambda x, d=d: jnp.roll(x, d, axis=(0, 1)) for d in ((1, 0), (0, 1), (3, 5))]
    return checks.symmetry.invariance(network, x, shifts, name="translations (CNN)")
