package dev.isomorph.cli;

import dev.isomorph.ir.Model;

/** What {@code --optimize} does to a graph between reading and writing. */
enum OptimizeLevel {
  NONE,
  SAFE,
  FULL;

  /** {@return the model, changed as this level allows; to be closed beside the original} */
  Model apply(Model model) {
    return model.toBuilder().build();
  }
}
