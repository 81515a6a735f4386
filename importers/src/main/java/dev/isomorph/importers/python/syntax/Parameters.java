package dev.isomorph.importers.python.syntax;

import java.util.List;

/**
 * A function's parameters, in order.
 *
 * @param all every parameter, {@code *args} and {@code **kwargs} included
 */
public record Parameters(List<Parameter> all) {
  /** How arguments reach a parameter. */
  public enum Kind {
    POSITIONAL_ONLY,
    EITHER,
    REST,
    KEYWORD_ONLY,
    KEYWORD_REST
  }

  /**
   * @param annotation the annotation, or {@code null}
   * @param initial the default, or {@code null}
   */
  public record Parameter(Position at, String name, Kind kind, Expr annotation, Expr initial) {}

  public Parameters {
    all = List.copyOf(all);
  }
}
