"""Tests of the mentions application."""
