"""Documents: a description of what one says, drawn as Markdown, HTML, PDF and Word; what they say is the services'."""
