"""The names of Meteora DAMM v1's instructions and events, by discriminator.

Source: IDL 0.5.3.
"""

from domain.decode.program import named

INSTRUCTIONS = named(
    "global",
    """
    add_balance_liquidity add_imbalance_liquidity bootstrap_liquidity claim_fee close_config
    create_config create_lock_escrow create_mint_metadata enable_or_disable_pool get_pool_info
    initialize_customizable_permissionless_constant_product_pool
    initialize_permissioned_pool initialize_permissionless_constant_product_pool_with_config
    initialize_permissionless_constant_product_pool_with_config2 initialize_permissionless_pool
    initialize_permissionless_pool_with_fee_tier lock move_locked_lp override_curve_param
    partner_claim_fee remove_balance_liquidity remove_liquidity_single_side set_pool_fees
    set_whitelisted_vault swap update_activation_point withdraw_protocol_fees
    """,
)
EVENTS = named(
    "event",
    """
    AddLiquidity BootstrapLiquidity ClaimFee CloseConfig CreateConfig CreateLockEscrow Lock
    MigrateFeeAccount OverrideCurveParam PartnerClaimFees PoolCreated PoolEnabled PoolInfo
    RemoveLiquidity SetPoolFees Swap TransferAdmin WithdrawProtocolFees
    """,
)
