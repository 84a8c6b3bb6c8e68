"""Verdicts to reasons: the misconceptions that give just what is stated."""
