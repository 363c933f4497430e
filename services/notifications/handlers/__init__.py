"""What notifications does when something happens, and when somebody asks."""

from services.notifications.rules.facts import TOPICS
from shared.contracts.topics import CUSTOMERS, NOTIFICATIONS_COMMANDS, PEOPLE, RELEASES

CONSUMES = (*TOPICS, RELEASES, CUSTOMERS, PEOPLE, NOTIFICATIONS_COMMANDS)
