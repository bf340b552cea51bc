# SPDX-License-Identifier: Apache-2.0
"""One file, one kind of figure: `draw(arrays, of) -> Figure` and a CAPTION, or
`caption(arrays, of)` where what is drawn depends on the arrays.

Names in the Dataset `arrays`: `_OF` ends a name where a result has several of a kind (networks, methods,
observables); `_error` a standard error; `_exact` the exact value. Dimensions: `size` (L), the control parameter (its
name in `arrays.attrs["parameter"]`, else `temperature`), `sample`. Where the parameter grid differs from size to size,
the parameter is a variable (size, point). `arrays.attrs["exact_critical_parameter"]`, if present, is a dashed line.
"""

__all__ = []
