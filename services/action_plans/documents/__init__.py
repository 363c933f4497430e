"""Documents of a case: one description of what they say, drawn as Markdown, HTML, PDF and Word; calendar; evidence."""
