"""Which post asked for which token: a function of the set of claims, whatever their order."""
