"""The composition root: command line, supervisor, embedded servers. The only place that knows every process."""
