-- The customer's contract as upstream announced it last, as far as its end depends on it; null where none was announced.
ALTER TABLE customers ADD COLUMN contract jsonb;
