"""The names of PumpSwap's instructions and events, by discriminator.

Source: IDL of SDK 1.20.0.
"""

from domain.decode.program import named

INSTRUCTIONS = named(
    "global",
    """
    admin_set_coin_creator admin_set_coin_creator_fee_editable admin_update_token_incentives
    boost_buy_and_burn buy buy_exact_quote_in claim_cashback claim_token_incentives
    close_user_volume_accumulator collect_coin_creator_fee create_config create_pool deposit
    disable extend_account init_boost init_user_volume_accumulator migrate_pool_coin_creator sell
    set_boost_authority set_coin_creator set_coin_creator_fee_bps set_reserved_fee_recipients
    sync_user_volume_accumulator toggle_boost toggle_cashback_enabled toggle_mayhem_mode
    transfer_creator_fees_to_pump transfer_creator_fees_to_pump_v2 update_admin
    update_buyback_config update_creator_fee_config update_fee_config withdraw
    """,
)
EVENTS = named(
    "event",
    """
    AdminSetCoinCreatorEvent AdminSetCoinCreatorFeeEditableEvent AdminUpdateTokenIncentivesEvent
    BoostBuyAndBurnEvent BuyEvent ClaimCashbackEvent ClaimTokenIncentivesEvent
    CloseUserVolumeAccumulatorEvent CollectCoinCreatorFeeEvent CreateConfigEvent CreatePoolEvent
    DepositEvent DisableEvent ExtendAccountEvent InitBoostEvent InitUserVolumeAccumulatorEvent
    MigratePoolCoinCreatorEvent ReservedFeeRecipientsEvent SellEvent
    SetBondingCurveCoinCreatorEvent SetBoostAuthorityEvent SetCoinCreatorFeeBpsEvent
    SetMetaplexCoinCreatorEvent SyncUserVolumeAccumulatorEvent UpdateAdminEvent
    UpdateCreatorFeeConfigEvent UpdateFeeConfigEvent WithdrawEvent
    """,
)
