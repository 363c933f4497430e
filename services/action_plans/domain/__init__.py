"""The rules of saving a customer: what a case holds, what may be done with it when, and what is due."""
