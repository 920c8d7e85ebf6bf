"""The boards: which tokens are on them, and in which order."""

from collections.abc import Mapping
from decimal import Decimal

from views.contract import TokenQuery

BOARDS: Mapping[str, TokenQuery] = {
    "new": TokenQuery(stages=("bonding",), sort_by="launchedAt"),
    "graduating": TokenQuery(stages=("bonding",), sort_by="progress"),
    "graduated": TokenQuery(stages=("completed", "migrated"), sort_by="completedAt"),
    "trending": TokenQuery(at_least={"traders1h": Decimal(1)}, sort_by="traders1h"),
}
"""Trending counts traders, since amounts in different quotes do not compare."""
