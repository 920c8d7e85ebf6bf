"""How settings are read that may stand beside secrets."""

from pydantic_settings import SettingsConfigDict

BESIDE_SECRETS = SettingsConfigDict(
    env_prefix="BTRACKER_",
    frozen=True,
    extra="ignore",
    env_ignore_empty=True,
    # What is refused may stand beside a password.
    hide_input_in_errors=True,
)
