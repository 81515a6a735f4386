/** Numerical kernels over flat native memory, free of graph and operator types. */
package dev.isomorph.runtime.math;
