"""Small agents that the tests of the river bed run in workers of their own."""
