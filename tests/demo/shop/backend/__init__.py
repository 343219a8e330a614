"""The backend of the shop."""
