"""Mutation testing of the guard and the policy compiler: `make mutants`.

Breaks the code in one small way at a time and sees whether a test notices. One warm process collects the tests, runs
them once to learn which lines each of them reaches, and then forks a child for every mutant.
"""
