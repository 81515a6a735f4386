package dev.isomorph.runtime.scalar;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Reads one row of the table. Precedence, loosest first: {@code ?:}, {@code ||}, {@code &&}, {@code
 * |}, {@code ^}, {@code &}, comparisons, shifts, {@code + −}, {@code * /}, unary {@code − ! ~}.
 */
final class ScalarParser {
  private static final List<Map<String, Fn>> LEVELS =
      List.of(
          Map.of("||", Fn.OR),
          Map.of("&&", Fn.AND),
          Map.of("|", Fn.BITOR),
          Map.of("^", Fn.BITXOR),
          Map.of("&", Fn.BITAND),
          Map.of("<", Fn.LT, "<=", Fn.LE, ">", Fn.GT, ">=", Fn.GE, "==", Fn.EQ, "!=", Fn.NE),
          Map.of("<<", Fn.SHL, ">>", Fn.SHR),
          Map.of("+", Fn.ADD, "-", Fn.SUB),
          Map.of("*", Fn.MUL, "/", Fn.DIV));

  private static final List<String> SYMBOLS =
      List.of("||", "&&", "<=", ">=", "==", "!=", "<<", ">>");

  private final String row;
  private final BiFunction<String, ScalarOperator.Kind, Optional<ScalarOperator>> rowsAbove;
  private int at;
  private String token = "";
  private int tokenAt;

  private final List<String> params = new ArrayList<>();
  private final List<Expr.Type> types = new ArrayList<>();
  private final List<String> attributes = new ArrayList<>();
  private ScalarOperator.Kind kind;

  private ScalarParser(
      String row, BiFunction<String, ScalarOperator.Kind, Optional<ScalarOperator>> rowsAbove) {
    this.row = row;
    this.rowsAbove = rowsAbove;
    next();
  }

  /**
   * {@return the row's operators, one per family}
   *
   * @param row one line, without comments
   * @param rowsAbove operators that the row may use as functions
   * @throws IsomorphException {@link ErrorCode#FORMAT_INVALID}, with the column
   */
  static List<ScalarOperator> parse(
      String row, BiFunction<String, ScalarOperator.Kind, Optional<ScalarOperator>> rowsAbove) {
    ScalarParser parser = new ScalarParser(row, rowsAbove);
    return parser.row();
  }

  private List<ScalarOperator> row() {
    String name = name("an operator's name");
    while (accept(".")) {
      name += "." + name("a variant's name");
    }
    expect("(");
    List<Boolean> truths = new ArrayList<>();
    if (!token.equals(")")) {
      do {
        params.add(name("an operand's name"));
        boolean truth = accept(":");
        if (truth) {
          expect("bool");
        }
        truths.add(truth);
      } while (accept(","));
      if (accept(";")) {
        do {
          attributes.add(name("an attribute's name"));
        } while (accept(","));
      }
    }
    expect(")");
    List<ScalarOperator.Kind> kinds = new ArrayList<>();
    while (!token.equals("=")) {
      kinds.add(kind());
    }
    expect("=");
    int body = tokenAt;
    List<ScalarOperator> made = new ArrayList<>();
    for (ScalarOperator.Kind k : kinds) {
      kind = k;
      types.clear();
      for (boolean truth : truths) {
        types.add(truth || k == ScalarOperator.Kind.BOOL ? Expr.Type.TRUTH : Expr.Type.NUMBER);
      }
      at = body;
      next();
      Expr expr = expression();
      if (!token.isEmpty()) {
        throw wrong("an operator or the row's end is expected");
      }
      made.add(new ScalarOperator(name, k, params, attributes, expr));
    }
    if (made.isEmpty()) {
      throw wrong("float, int or bool is expected before '='");
    }
    return made;
  }

  private ScalarOperator.Kind kind() {
    for (ScalarOperator.Kind k : ScalarOperator.Kind.values()) {
      if (k.name().equalsIgnoreCase(token)) {
        next();
        return k;
      }
    }
    throw wrong("float, int or bool is expected");
  }

  private Expr expression() {
    Expr condition = binary(0);
    if (!accept("?")) {
      return condition;
    }
    Expr yes = expression();
    expect(":");
    Expr no = expression();
    return apply(Fn.SELECT, List.of(condition, yes, no));
  }

  private Expr binary(int level) {
    if (level == LEVELS.size()) {
      return unary();
    }
    Expr left = binary(level + 1);
    while (LEVELS.get(level).containsKey(token)) {
      Fn fn = LEVELS.get(level).get(token);
      next();
      left = apply(fn, List.of(left, binary(level + 1)));
    }
    return left;
  }

  private Expr unary() {
    if (accept("-")) {
      Expr operand = unary();
      return operand instanceof Expr.Literal(double value)
          ? new Expr.Literal(-value)
          : apply(Fn.NEG, List.of(operand));
    }
    if (accept("!")) {
      return apply(Fn.NOT, List.of(unary()));
    }
    if (accept("~")) {
      return apply(Fn.BITNOT, List.of(unary()));
    }
    return primary();
  }

  private Expr primary() {
    if (accept("(")) {
      Expr inner = expression();
      expect(")");
      return inner;
    }
    if (!token.isEmpty() && Character.isDigit(token.charAt(0))) {
      double value = Double.parseDouble(token);
      if (kind == ScalarOperator.Kind.INT && value != Math.rint(value)) {
        throw wrong("an integer row needs an integer");
      }
      next();
      return new Expr.Literal(value);
    }
    int start = tokenAt;
    String name = name("an operand, a number or '('");
    if (token.equals("(")) {
      return call(name, start);
    }
    if (params.contains(name)) {
      int index = params.indexOf(name);
      return new Expr.Param(index, types.get(index));
    }
    if (attributes.contains(name)) {
      return new Expr.Attribute(attributes.indexOf(name));
    }
    tokenAt = start;
    throw wrong("'" + name + "' is neither operand nor attribute");
  }

  private Expr call(String name, int start) {
    expect("(");
    List<Expr> arguments = new ArrayList<>();
    do {
      arguments.add(expression());
    } while (accept(","));
    expect(")");
    Optional<Fn> fn = Fn.byName(name);
    if (fn.isPresent()) {
      return apply(fn.get(), arguments);
    }
    ScalarOperator above =
        rowsAbove
            .apply(name, kind)
            .orElseThrow(
                () -> {
                  tokenAt = start;
                  return wrong("'" + name + "' is neither a function nor a row above");
                });
    if (arguments.size() != above.params().size() || !above.attributes().isEmpty()) {
      tokenAt = start;
      throw wrong("'" + name + "' needs " + above.params().size() + " operands");
    }
    return substitute(above.body(), arguments);
  }

  private static Expr substitute(Expr body, List<Expr> arguments) {
    return switch (body) {
      case Expr.Param p -> arguments.get(p.index());
      case Expr.Apply a ->
          new Expr.Apply(
              a.fn(), a.operands().stream().map(o -> substitute(o, arguments)).toList(), a.type());
      case Expr.Literal _, Expr.Attribute _ -> body;
    };
  }

  private Expr apply(Fn fn, List<Expr> operands) {
    if (operands.size() != fn.arity()) {
      throw wrong(fn.text() + " needs " + fn.arity() + " operands, got " + operands.size());
    }
    if (fn == Fn.SELECT) {
      require(fn, operands.get(0).type() == Expr.Type.TRUTH);
      require(fn, operands.get(1).type() == operands.get(2).type());
      return new Expr.Apply(fn, operands, operands.get(1).type());
    }
    Expr.Type first = operands.getFirst().type();
    require(fn, operands.stream().allMatch(o -> o.type() == first));
    return switch (fn.rule()) {
      case NUMBER -> {
        require(fn, first == Expr.Type.NUMBER);
        yield new Expr.Apply(fn, operands, Expr.Type.NUMBER);
      }
      case REAL -> {
        require(fn, first == Expr.Type.NUMBER && kind == ScalarOperator.Kind.FLOAT);
        yield new Expr.Apply(fn, operands, Expr.Type.NUMBER);
      }
      case BITS -> {
        require(fn, first == Expr.Type.NUMBER && kind == ScalarOperator.Kind.INT);
        yield new Expr.Apply(fn, operands, Expr.Type.NUMBER);
      }
      case LOGIC -> {
        require(fn, first == Expr.Type.TRUTH);
        yield new Expr.Apply(fn, operands, Expr.Type.TRUTH);
      }
      case COMPARE -> new Expr.Apply(fn, operands, Expr.Type.TRUTH);
      case TEST -> {
        require(fn, first == Expr.Type.NUMBER && kind == ScalarOperator.Kind.FLOAT);
        yield new Expr.Apply(fn, operands, Expr.Type.TRUTH);
      }
    };
  }

  private void require(Fn fn, boolean fits) {
    if (!fits) {
      throw wrong(fn.text() + " does not take operands of these types in a row of kind " + kind);
    }
  }

  private String name(String what) {
    if (token.isEmpty() || !Character.isJavaIdentifierStart(token.charAt(0))) {
      throw wrong(what + " is expected");
    }
    String name = token;
    next();
    return name;
  }

  private boolean accept(String symbol) {
    if (token.equals(symbol)) {
      next();
      return true;
    }
    return false;
  }

  private void expect(String symbol) {
    if (!accept(symbol)) {
      throw wrong("'" + symbol + "' is expected");
    }
  }

  private void next() {
    while (at < row.length() && Character.isWhitespace(row.charAt(at))) {
      at++;
    }
    tokenAt = at;
    if (at == row.length()) {
      token = "";
      return;
    }
    char c = row.charAt(at);
    int end = at + 1;
    if (Character.isDigit(c)) {
      while (end < row.length() && (isWord(row.charAt(end)) || row.charAt(end) == '.')) {
        end++;
      }
    } else if (Character.isJavaIdentifierStart(c)) {
      while (end < row.length() && isWord(row.charAt(end))) {
        end++;
      }
    } else if (at + 2 <= row.length() && SYMBOLS.contains(row.substring(at, at + 2))) {
      end = at + 2;
    }
    token = row.substring(at, end);
    at = end;
  }

  private static boolean isWord(char c) {
    return Character.isJavaIdentifierPart(c);
  }

  private IsomorphException wrong(String what) {
    return Diagnostic.error(
            ErrorCode.FORMAT_INVALID, "%s at column %d of \"%s\"", what, tokenAt + 1, row)
        .expected(what.replace(" is expected", ""), token.isEmpty() ? "the row's end" : token)
        .toException();
  }
}
