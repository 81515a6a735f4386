package dev.isomorph.importers.torch;

import dev.isomorph.ir.Value;

/**
 * The memory of a tensor and of all its views: what it holds now. Each write makes a new version.
 */
final class Cell {
  private Value value;
  private long version;

  Cell(Value value) {
    this.value = value;
  }

  Value value() {
    return value;
  }

  long version() {
    return version;
  }

  void write(Value value) {
    this.value = value;
    version++;
  }
}
