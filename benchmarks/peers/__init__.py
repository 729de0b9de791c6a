"""One file for each family of peers: functions named after the workloads that it can compute.

Each trains the same net from the same weights with the same mathematics, in the way that the
family's own documentation teaches.
"""
