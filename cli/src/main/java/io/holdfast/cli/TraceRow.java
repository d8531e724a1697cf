package io.holdfast.cli;

/**
 * One request of a trace.
 *
 * @param number its place among the trace's requests, from 0
 * @param input input tokens
 * @param output output tokens
 */
record TraceRow(long number, long input, long output) {}
