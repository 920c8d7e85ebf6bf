"""The names of pump.fun's instructions and events, by discriminator.

Source: IDL of SDK 2.0.0.
"""

from domain.decode.program import named

INSTRUCTIONS = named(
    "global",
    """
    add_quote_control_mint add_quote_mint admin_cto admin_set_idl_authority
    admin_update_token_incentives buy buy_exact_quote_in_v2 buy_exact_sol_in buy_v2 claim_cashback
    claim_cashback_v2 claim_token_incentives close_user_volume_accumulator collect_creator_fee
    collect_creator_fee_v2 create create_v2 distribute_creator_fees distribute_creator_fees_v2
    distribute_fee_to_holders extend_account get_minimum_distributable_fee
    init_user_volume_accumulator initialize initialize_quote_control migrate
    migrate_bonding_curve_creator migrate_v2 remove_quote_control_mint remove_quote_mint sell
    sell_v2 set_creator set_mayhem_virtual_params set_metaplex_creator set_params
    set_quote_control_admin set_reserved_fee_recipients set_virtual_quote_reserves
    sync_user_volume_accumulator toggle_cashback_enabled toggle_create_v2 toggle_mayhem_mode
    update_buyback_config update_creator_fee_config update_global_authority
    update_holder_reward_config
    """,
)
EVENTS = named(
    "event",
    """
    AddQuoteControlMintEvent AdminCtoEvent AdminSetIdlAuthorityEvent
    AdminUpdateTokenIncentivesEvent ClaimCashbackEvent ClaimTokenIncentivesEvent
    CloseUserVolumeAccumulatorEvent CollectCreatorFeeEvent CompleteEvent
    CompletePumpAmmMigrationEvent CreateEvent DistributeCreatorFeesEvent
    DistributeFeeToHoldersEvent ExtendAccountEvent InitUserVolumeAccumulatorEvent
    MigrateBondingCurveCreatorEvent MinimumDistributableFeeEvent RemoveQuoteControlMintEvent
    ReservedFeeRecipientsEvent SetCreatorEvent SetMetaplexCreatorEvent SetParamsEvent
    SetQuoteControlAdminEvent SyncUserVolumeAccumulatorEvent TradeEvent
    UpdateCreatorFeeConfigEvent UpdateGlobalAuthorityEvent UpdateMayhemVirtualParamsEvent
    """,
)
