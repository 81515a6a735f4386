package dev.isomorph.importers.python.syntax;

/**
 * A place in a source file.
 *
 * @param line line, from 1
 * @param column column in characters, from 1
 */
public record Position(int line, int column) {
  @Override
  public String toString() {
    return line + ":" + column;
  }
}
