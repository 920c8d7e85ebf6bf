"""Hostile requests and live messages against a real server: no 5xx, nothing left behind.

``python -m tests.load.hostile --number 100000 --seed 1`` prints figures as JSON.
"""
