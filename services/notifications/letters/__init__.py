"""Letters: what messages say. Words for each thing that happens are in words/, how they look is in layout/."""
