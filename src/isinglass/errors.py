# SPDX-License-Identifier: Apache-2.0
"""Bad input: one line that says what was expected, what was found and how to mend it."""

__all__ = ["InputError"]


class InputError(ValueError):
    """What the user gave cannot be used.  Law: its text is one line."""

    def __init__(self, expected: str, found: str, mend: str):
        """Three clauses without capital or full stop."""
        text = " ".join(f"expected {expected}; found {found}; {mend}.".split())
        self.expected, self.found, self.mend = expected, found, mend
        ValueError.__init__(self, text)
