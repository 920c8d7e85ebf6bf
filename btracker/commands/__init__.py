"""The commands of ``btracker``, one module each; ``command`` is what a module offers."""
