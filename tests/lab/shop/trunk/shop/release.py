# SPDX-License-Identifier: GPL-2.0-or-later
"""Which change of which branch this tree is; every commit rewrites it."""
BRANCH = "none"
REVISION = 0
