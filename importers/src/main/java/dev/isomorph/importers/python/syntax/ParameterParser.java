package dev.isomorph.importers.python.syntax;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Parameter lists of functions and lambdas. */
final class ParameterParser {
  private final TokenReader in;
  private final ExpressionParser expressions;
  private final List<Parameters.Parameter> all = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  ParameterParser(TokenReader in, ExpressionParser expressions) {
    this.in = in;
    this.expressions = expressions;
  }

  /**
   * Reads up to {@code close}, which stays unread.
   *
   * @param annotated whether {@code name: annotation} is allowed
   */
  Parameters read(String close, boolean annotated) {
    Parameters.Kind kind = Parameters.Kind.EITHER;
    boolean sawDefault = false;
    while (!in.at(close)) {
      Position at = in.position();
      if (in.accept("/")) {
        if (all.isEmpty() || kind != Parameters.Kind.EITHER) {
          throw in.error(at, "'/' must follow positional parameters");
        }
        all.replaceAll(
            p ->
                new Parameters.Parameter(
                    p.at(),
                    p.name(),
                    Parameters.Kind.POSITIONAL_ONLY,
                    p.annotation(),
                    p.initial()));
      } else if (in.accept("**")) {
        add(at, Parameters.Kind.KEYWORD_REST, annotated, false);
        in.accept(",");
        break;
      } else if (in.accept("*")) {
        if (kind == Parameters.Kind.KEYWORD_ONLY) {
          throw in.error(at, "'*' may appear only once");
        }
        kind = Parameters.Kind.KEYWORD_ONLY;
        if (!in.at(",")) {
          add(at, Parameters.Kind.REST, annotated, false);
        }
      } else {
        Parameters.Parameter p = add(at, kind, annotated, true);
        if (kind == Parameters.Kind.EITHER) {
          if (sawDefault && p.initial() == null) {
            throw in.error(at, "parameter without a default follows parameter with a default");
          }
          sawDefault |= p.initial() != null;
        }
      }
      if (!in.accept(",")) {
        break;
      }
    }
    return new Parameters(all);
  }

  private Parameters.Parameter add(
      Position at, Parameters.Kind kind, boolean annotated, boolean mayHaveDefault) {
    String name = expressions.name();
    if (!names.add(name)) {
      throw in.error(at, "duplicate parameter '%s'", name);
    }
    Expr annotation = null;
    if (annotated && in.accept(":")) {
      in.accept("*");
      annotation = expressions.expression();
    }
    Expr initial = mayHaveDefault && in.accept("=") ? expressions.expression() : null;
    Parameters.Parameter p = new Parameters.Parameter(at, name, kind, annotation, initial);
    all.add(p);
    return p;
  }
}
