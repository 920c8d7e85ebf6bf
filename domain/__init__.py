"""The verbs, pure: no clock, no network, no Faust, no asyncio."""
