"""The collectors: bytes in, raw topics out; their own processes, no Faust."""
