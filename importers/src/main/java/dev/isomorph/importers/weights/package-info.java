/** Files that hold named tensors and no graph. */
package dev.isomorph.importers.weights;
