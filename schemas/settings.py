"""How settings are read that may stand beside secrets, and which all processes share."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

BESIDE_SECRETS = SettingsConfigDict(
    env_prefix="BTRACKER_",
    frozen=True,
    extra="ignore",
    env_ignore_empty=True,
    # What is refused may stand beside a password.
    hide_input_in_errors=True,
)


class LauncherSettings(BaseSettings):
    """Where launchers of one's own are described."""

    model_config = BESIDE_SECRETS

    launchers: Path | None = Field(
        default=None,
        description="TOML file of launchers besides those that are known: their handles, bots, "
        "launchpads, signing keys and forms of commands; the same for all processes.",
    )
