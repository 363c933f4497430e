"""Scorecards as files: YAML that people write, read into the domain's card or refused with a sentence for each slip."""
