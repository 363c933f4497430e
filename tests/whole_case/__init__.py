"""Tests of the demo: its company, its story, and how it judges what came out."""
