"""Documents of an ending: what agenda, preparation sheet, the customer's plan and the written notice say."""
