"""The ids of the programs that are decoded."""

from schemas.fields import Address

PUMP: Address = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
PUMP_SWAP: Address = "pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA"
CPMM: Address = "CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C"
DAMM_V1: Address = "Eo7WjKq67rjJQSZxS6z3YkapzY3eMj6Xy8X5EQVn5UaB"
DAMM_V2: Address = "cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG"
DBC: Address = "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN"
LAUNCHLAB: Address = "LanMV9sAd7wArD4vJFi2qDdfnVhFxYSUg6eADduJ3uj"
MOONSHOT: Address = "MoonCVVNZFSYkqNXP6bxHLPL6QQJiMagDL3qcqUQTrG"
OURS = frozenset({PUMP, PUMP_SWAP, CPMM, DAMM_V1, DAMM_V2, DBC, LAUNCHLAB, MOONSHOT})
"""Instructions of other programs are not kept, but for what these tell the token programs."""
MOVED_BY = frozenset({DAMM_V1})
TOKEN_PROGRAMS = frozenset(
    {
        "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
        "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
    }
)
