"""Files that people write in YAML: read with the line of each field, or refused with a sentence for each slip."""
