"""The command line: presentation only. Everything that it does, the library does without it."""
