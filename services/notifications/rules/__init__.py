"""Rules as files: which facts are told to whom."""
