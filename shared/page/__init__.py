"""A page for customers that is opened by a link: what stands before it, how it is served and how it looks."""
