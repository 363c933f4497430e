"""What transition_review does when something happens, and when somebody asks: one function for each."""

from shared.contracts.topics import CUSTOMERS, PEOPLE, PLANS, SCORES, TRANSITION_REVIEW_COMMANDS

CONSUMES = (PLANS, SCORES, CUSTOMERS, PEOPLE, TRANSITION_REVIEW_COMMANDS)
