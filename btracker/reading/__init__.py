"""The language part on the command line: showing, training, reading again."""
