/**
 * Elementwise operators as rows of a small scalar language, run on the CPU by tiles and written as
 * CUDA sources.
 */
package dev.isomorph.runtime.scalar;
