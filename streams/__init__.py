"""The river bed: the Faust app, its transport, its tables, topics and dead letters."""
