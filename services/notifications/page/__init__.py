"""The page behind the signed links in messages: hear less, or take something in hand."""
