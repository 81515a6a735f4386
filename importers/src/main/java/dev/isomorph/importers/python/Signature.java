package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.Expr;
import dev.isomorph.importers.python.syntax.Parameters;
import dev.isomorph.importers.python.syntax.Parser;
import dev.isomorph.importers.python.syntax.SourceFile;
import dev.isomorph.importers.python.syntax.Stmt;
import dev.isomorph.ir.diagnostic.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A function's parameters with their default values, and Python's rule that binds arguments to
 * them.
 *
 * @param parameters the parameters
 * @param defaults one per parameter, {@code null} where there is none
 */
public record Signature(Parameters parameters, PyObject[] defaults) {
  /** {@return the signature that source text such as {@code "x, *, dim=None"} says} */
  public static Signature parse(String text) {
    SourceFile file = new SourceFile(text, "def f(" + text + "): pass\n");
    Stmt.Function f = (Stmt.Function) Parser.parseFile(file, Limits.defaults()).getFirst();
    List<PyObject> defaults = new ArrayList<>();
    for (Parameters.Parameter p : f.parameters().all()) {
      defaults.add(p.initial() == null ? null : constant(p.initial()));
    }
    return new Signature(f.parameters(), defaults.toArray(new PyObject[0]));
  }

  private static PyObject constant(Expr e) {
    return switch (e) {
      case Expr.Constant c -> Literals.of(c.value());
      case Expr.Unary u when u.operand() instanceof Expr.Constant(_, Expr.IntLiteral(var v)) ->
          new PyObject.Int(v.negate());
      case Expr.Tuple t -> new PyTuple(t.elements().stream().map(Signature::constant).toList());
      default -> throw new IllegalArgumentException("not a constant: " + e);
    };
  }

  /**
   * Binds arguments as Python does.
   *
   * @return one value per parameter; those of {@code *args} as a tuple, of {@code **kwargs} as a
   *     dictionary
   */
  PyObject[] bind(Interpreter in, String name, Arguments arguments) {
    List<Parameters.Parameter> all = parameters.all();
    PyObject[] bound = new PyObject[all.size()];
    int given = arguments.positional().size();
    int next = 0;
    Map<String, PyObject> keywords =
        arguments.keywords().isEmpty() ? Map.of() : new LinkedHashMap<>(arguments.keywords());
    for (int i = 0; i < bound.length; i++) {
      Parameters.Parameter p = all.get(i);
      switch (p.kind()) {
        case POSITIONAL_ONLY, EITHER -> {
          if (next < given) {
            bound[i] = arguments.positional().get(next++);
            if (p.kind() == Parameters.Kind.EITHER && keywords.containsKey(p.name())) {
              throw in.raise(
                  "TypeError", "%s() got multiple values for argument '%s'", name, p.name());
            }
          } else if (p.kind() == Parameters.Kind.EITHER) {
            bound[i] = keywords.isEmpty() ? null : keywords.remove(p.name());
          }
        }
        case REST -> {
          bound[i] = new PyTuple(arguments.positional().subList(next, given));
          next = given;
        }
        case KEYWORD_ONLY -> bound[i] = keywords.isEmpty() ? null : keywords.remove(p.name());
        case KEYWORD_REST -> {
          bound[i] = Arguments.dict(keywords);
          keywords = Map.of();
        }
      }
    }
    if (next < given) {
      throw tooMany(in, name, given);
    }
    if (!keywords.isEmpty()) {
      throw in.raise(
          "TypeError",
          "%s() got an unexpected keyword argument '%s'",
          name,
          keywords.keySet().iterator().next());
    }
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < bound.length; i++) {
      if (bound[i] == null) {
        bound[i] = defaults[i];
        if (bound[i] == null) {
          missing.add("'" + all.get(i).name() + "'");
        }
      }
    }
    if (!missing.isEmpty()) {
      throw in.raise(
          "TypeError",
          "%s() missing %d required argument%s: %s",
          name,
          missing.size(),
          missing.size() == 1 ? "" : "s",
          String.join(", ", missing));
    }
    return bound;
  }

  private RuntimeException tooMany(Interpreter in, String name, int given) {
    long allowed =
        parameters.all().stream()
            .filter(
                p ->
                    p.kind() == Parameters.Kind.EITHER
                        || p.kind() == Parameters.Kind.POSITIONAL_ONLY)
            .count();
    return in.raise(
        "TypeError",
        "%s() takes %d positional argument%s but %d %s given",
        name,
        allowed,
        allowed == 1 ? "" : "s",
        given,
        given == 1 ? "was" : "were");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Signature s
        && parameters.equals(s.parameters)
        && Arrays.equals(defaults, s.defaults);
  }

  @Override
  public int hashCode() {
    return parameters.hashCode();
  }

  @Override
  public String toString() {
    return parameters.all().stream().map(Parameters.Parameter::name).toList().toString();
  }
}
