/** Weight files: named tensors under their original keys, without a graph. */
package dev.isomorph.exporters.weights;
