/** Operators on the CUDA device: one small class per family, sources as resources beside them. */
package dev.isomorph.gpu.kernel;
