"""The names of Meteora DAMM v2's instructions and events, by discriminator.

Source: IDL 0.2.4; EvtSwap and EvtAddLiquidity, which older programs record, by their names' hash.
"""

from domain.decode.program import named

INSTRUCTIONS = named(
    "global",
    """
    add_liquidity claim_position_fee claim_protocol_fee2 claim_reward close_config
    close_operator_account close_position close_token_badge create_config create_dynamic_config
    create_operator_account create_position create_token_badge dummy_ix fix_config_fee_params
    fix_pool_fee_params fix_pool_layout_version fund_reward initialize_customizable_pool
    initialize_pool initialize_pool_with_dynamic_config initialize_reward lock_inner_position
    lock_position permanent_lock_position refresh_vesting remove_all_liquidity remove_liquidity
    set_pool_status split_position split_position2 swap swap2 update_delegate_permission
    update_pool_fees update_reward_duration update_reward_funder withdraw_dead_liquidity_reward
    withdraw_ineligible_reward
    """,
)
EVENTS = named(
    "event",
    """
    EvtAddLiquidity EvtClaimPositionFee EvtClaimProtocolFee2 EvtClaimReward EvtCloseConfig
    EvtClosePosition EvtCreateConfig EvtCreateDynamicConfig EvtCreatePosition EvtCreateTokenBadge
    EvtFundReward EvtInitializePool EvtInitializeReward EvtLiquidityChange EvtLockPosition
    EvtPermanentLockPosition EvtSetPoolStatus EvtSplitPosition2 EvtSplitPosition3 EvtSwap EvtSwap2
    EvtUpdateDelegatePermission EvtUpdatePoolFees EvtUpdateRewardDuration EvtUpdateRewardFunder
    EvtWithdrawDeadLiquidityReward EvtWithdrawIneligibleReward
    """,
)
