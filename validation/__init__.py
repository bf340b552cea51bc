# SPDX-License-Identifier: Apache-2.0
"""Outside data: what files of others hold, measured by the verbs as a user calls them, beside the published value."""
