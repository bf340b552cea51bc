# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.posterior import evidence as evidence
from isinglass.tasks.posterior import infer_posterior as infer_posterior
from isinglass.tasks.posterior import posterior_file as posterior_file
from isinglass.tasks.posterior.evidence import PairSides as PairSides
from isinglass.tasks.posterior.evidence import PosteriorEvidence as PosteriorEvidence
from isinglass.tasks.posterior.infer_posterior import InferPosterior as InferPosterior
from isinglass.tasks.posterior.posterior_file import PosteriorFile as PosteriorFile
