# SPDX-License-Identifier: Apache-2.0
"""Bad input: one line that says what was expected, what was found and how to fix it."""

__all__ = ["InputError", "Interrupted"]


class InputError(ValueError):
    """Input that cannot be used.  Law: the text is one line, "expected ...; found ...; fix."."""

    def __init__(self, expected: str, found: str, fix: str):
        """Three clauses without capital or full stop: what was expected, what was found, what to do."""
        text = " ".join(f"expected {expected}; found {found}; {fix}.".split())
        text = "".join(c if c.isprintable() else "?" for c in text)  # names may hold codes that move the cursor
        self.expected, self.found, self.fix = expected, found, fix
        ValueError.__init__(self, text)


class Interrupted(Exception):  # noqa: N818
    """A signal ended the work after a whole block; a checkpoint resumes exactly.  Exit code 75 (130 for Ctrl-C)."""

    def __init__(self, what: str, checkpoint: object = None, signal: int | None = None, then: str = ""):
        """`checkpoint`: where it was saved, None if it was not; `signal`: its number; `then`: what to do, in words."""
        self.what, self.signal = what, signal
        where = "nothing was saved" if checkpoint is None else f"run again to go on from {checkpoint}"
        Exception.__init__(self, f"{what}; {then or where}")
