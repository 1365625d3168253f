"""A small laboratory's billing: orders in, claim lines, an 837P file out."""
