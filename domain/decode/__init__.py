"""What a transaction did: one decoder per program behind one interface."""

from domain.decode.decoding import Decoded, decode
from domain.decode.parse import parse_transaction

__all__ = ["Decoded", "decode", "parse_transaction"]
