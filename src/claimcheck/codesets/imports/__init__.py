"""Importing official files into the store."""
