"""Review policies as files: who reviews which endings."""
