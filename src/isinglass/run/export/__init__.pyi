# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.run.export import posterior_tree as posterior_tree
from isinglass.run.export import samples as samples
from isinglass.run.export.posterior_tree import is_posterior as is_posterior
from isinglass.run.export.samples import sample_tree as sample_tree
from isinglass.run.export.samples import write_csv as write_csv
