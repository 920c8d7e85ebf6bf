"""The fold of a token: rows, windows, candles and the records that follow from them."""
