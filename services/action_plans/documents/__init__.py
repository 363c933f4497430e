"""Documents of a case: what the shared plan and the evidence pack say; the calendar."""
