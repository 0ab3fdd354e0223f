"""Tests of the benchmarks' results and reports."""
