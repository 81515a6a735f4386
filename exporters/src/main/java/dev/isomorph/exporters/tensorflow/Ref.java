package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.tensor.DType;

/**
 * A tensor inside the function that is being written.
 *
 * @param text how nodes of the function refer to it: {@code argument} or {@code node:output:0}
 * @param dtype its element type
 */
record Ref(String text, DType dtype) {}
