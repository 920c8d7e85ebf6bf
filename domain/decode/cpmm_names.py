"""The names of Raydium CPMM's instructions and events, by discriminator.

Source: IDL 0.2.0; what is newer, creators' fees and permissions, from the program's source.
"""

from domain.decode.program import named

INSTRUCTIONS = named(
    "global",
    """
    close_permission_pda collect_creator_fee collect_fund_fee collect_protocol_fee
    create_amm_config create_permission_pda deposit initialize initialize_with_permission
    swap_base_input swap_base_output update_amm_config update_pool_status withdraw
    """,
)
EVENTS = named("event", "LpChangeEvent SwapEvent")
