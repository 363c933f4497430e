"""What an ending is, and its rules: pure, with the time passed in."""
