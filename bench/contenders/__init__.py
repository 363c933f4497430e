"""Who does the job: ours, and the yardsticks. Each is a program; `contender.py` says what is asked of it."""
