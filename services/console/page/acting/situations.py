"""The situations in which a relationship goes downhill, as the playbooks of action_plans name them."""

SITUATIONS = {
    "cost_to_serve_above_what_they_pay": "Serving them costs more than they pay",
    "falling_usage": "They use it less than they used to",
    "grown_out_of_our_product": "They have grown out of our product",
    "low_adoption": "Few of those who could use it do",
    "meetings_called_off": "Meetings are called off",
    "our_own_delivery_failing": "We do not deliver what we promised",
    "product_gap": "The product does not do what they need",
    "slow_implementation": "The implementation takes too long",
    "sponsor_left": "Our sponsor has left",
    "support_overload": "Too many problems at once",
    "unkind_behaviour": "People are spoken to unkindly",
    "unpaid_invoices": "Invoices stay unpaid",
    "unrealistic_expectations": "They expect what cannot be",
}
