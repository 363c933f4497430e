"""`python -m amicable` is `amicable`."""

from amicable.cli import main

main()
