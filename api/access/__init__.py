"""Who may do what, and how often: keys, tokens, rules, limits, and the log of what was refused."""
