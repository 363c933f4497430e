"""notifications: tells the right person of ours, once, that a customer needs them; and shows that it did."""
