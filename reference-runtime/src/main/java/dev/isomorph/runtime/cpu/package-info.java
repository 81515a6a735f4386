/** The CPU's kernels, one per operator, and what runs a graph with them. */
package dev.isomorph.runtime.cpu;
