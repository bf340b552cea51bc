# SPDX-License-Identifier: Apache-2.0
"""Bad input: one line that says what was expected, what was found and how to mend it."""

__all__ = ["InputError", "Interrupted"]


class InputError(ValueError):
    """What the user gave cannot be used.  Law: its text is one line."""

    def __init__(self, expected: str, found: str, mend: str):
        """Three clauses without capital or full stop."""
        text = " ".join(f"expected {expected}; found {found}; {mend}.".split())
        self.expected, self.found, self.mend = expected, found, mend
        ValueError.__init__(self, text)


class Interrupted(Exception):  # noqa: N818
    """A signal ended the work after a whole block; what was saved resumes exactly.  Exit code 75 (130 after Ctrl-C)."""

    def __init__(self, what: str, checkpoint: object = None, signal: int | None = None):
        """`checkpoint`: where the run was saved, if it was."""
        self.signal = signal
        where = "nothing was saved" if checkpoint is None else f"run again to resume from {checkpoint}"
        Exception.__init__(self, f"{what}; {where}")
