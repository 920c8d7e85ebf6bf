"""Tests of the collectors: the journal, recordings, their pace."""
