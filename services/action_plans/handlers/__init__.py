"""What action_plans does when something happens, and when somebody asks: one function for each, by what it is about."""

from shared.contracts.topics import ACTION_PLANS_COMMANDS, CUSTOMERS, HEALTH, PEOPLE, RELATIONSHIP, TRANSITIONS

CONSUMES = (HEALTH, RELATIONSHIP, CUSTOMERS, PEOPLE, TRANSITIONS, ACTION_PLANS_COMMANDS)
