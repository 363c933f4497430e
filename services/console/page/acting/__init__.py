"""What people do on the pages: forms that ask the owning services for something."""
