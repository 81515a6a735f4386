package dev.isomorph.importers.python.syntax;

import dev.isomorph.ir.diagnostic.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Expressions, as the reference manual's chapter "Expressions" defines them. */
final class ExpressionParser {
  static final Set<String> KEYWORDS =
      Set.of(
          "False",
          "None",
          "True",
          "and",
          "as",
          "assert",
          "async",
          "await",
          "break",
          "class",
          "continue",
          "def",
          "del",
          "elif",
          "else",
          "except",
          "finally",
          "for",
          "from",
          "global",
          "if",
          "import",
          "in",
          "is",
          "lambda",
          "nonlocal",
          "not",
          "or",
          "pass",
          "raise",
          "return",
          "try",
          "while",
          "with",
          "yield");
  private static final Map<String, Integer> PRECEDENCE =
      Map.ofEntries(
          Map.entry("|", 1),
          Map.entry("^", 2),
          Map.entry("&", 3),
          Map.entry("<<", 4),
          Map.entry(">>", 4),
          Map.entry("+", 5),
          Map.entry("-", 5),
          Map.entry("*", 6),
          Map.entry("/", 6),
          Map.entry("//", 6),
          Map.entry("%", 6),
          Map.entry("@", 6));
  private static final Set<String> COMPARISONS = Set.of("<", "<=", ">", ">=", "==", "!=");

  /** Longest chain of one operator or of attribute accesses: it becomes depth of the tree. */
  private static final int CHAIN = 2000;

  private final TokenReader in;

  /** Set when a yield was read; the statement parser resets it around functions. */
  boolean sawYield;

  ExpressionParser(TokenReader in) {
    this.in = in;
  }

  /** Reads {@code a, *b, c}: one expression, or a tuple when there is a comma. */
  Expr expressions() {
    Position at = in.position();
    Expr first = starredOrNamed();
    if (!in.at(",")) {
      if (first instanceof Expr.Starred) {
        throw in.error(at, "can't use starred expression here");
      }
      return first;
    }
    List<Expr> all = new ArrayList<>(List.of(first));
    while (in.accept(",")) {
      if (!startsExpression()) {
        break;
      }
      all.add(starredOrNamed());
    }
    return new Expr.Tuple(at, List.copyOf(all));
  }

  /** Reads the right side of an assignment or an expression statement: a yield is allowed. */
  Expr yieldOrExpressions() {
    return in.at("yield") ? yieldExpression() : expressions();
  }

  private Expr yieldExpression() {
    Position at = in.next().at();
    sawYield = true;
    if (in.accept("from")) {
      return new Expr.YieldFrom(at, expression());
    }
    return new Expr.Yield(at, startsExpression() ? expressions() : null);
  }

  private boolean startsExpression() {
    Token t = in.peek();
    return switch (t.kind()) {
      case NUMBER, STRING, FORMATTED -> true;
      case NAME ->
          !KEYWORDS.contains(t.text())
              || Set.of("None", "True", "False", "not", "lambda", "await", "yield")
                  .contains(t.text());
      case OPERATOR -> Set.of("(", "[", "{", "-", "+", "~", "*", "...").contains(t.text());
      default -> false;
    };
  }

  private Expr starredOrNamed() {
    Position at = in.position();
    if (in.accept("*")) {
      return new Expr.Starred(at, binary(1));
    }
    return named();
  }

  /** Reads an expression that may be {@code name := value}. */
  Expr named() {
    Position at = in.position();
    Expr left = expression();
    if (!in.at(":=")) {
      return left;
    }
    if (!(left instanceof Expr.Name name)) {
      throw in.error(at, "cannot use assignment expression with this target");
    }
    in.next();
    return new Expr.Walrus(at, name, expression());
  }

  /** Reads one expression: a conditional, a lambda or what they are made of. */
  Expr expression() {
    in.enter();
    try {
      Position at = in.position();
      if (in.at("lambda")) {
        return lambda();
      }
      Expr value = disjunction();
      if (!in.accept("if")) {
        return value;
      }
      Expr test = disjunction();
      in.expect("else");
      return new Expr.Conditional(at, test, value, expression());
    } finally {
      in.leave();
    }
  }

  private Expr lambda() {
    Position at = in.next().at();
    Parameters parameters = new ParameterParser(in, this).read(":", false);
    in.expect(":");
    boolean outer = sawYield;
    Expr body = expression();
    sawYield = outer;
    return new Expr.Lambda(at, parameters, body);
  }

  private Expr disjunction() {
    return logical("or");
  }

  private Expr logical(String operator) {
    Position at = in.position();
    boolean isAnd = operator.equals("and");
    Expr first = isAnd ? inversion() : logical("and");
    if (!in.at(operator)) {
      return first;
    }
    List<Expr> all = new ArrayList<>(List.of(first));
    while (in.accept(operator)) {
      all.add(isAnd ? inversion() : logical("and"));
    }
    return new Expr.Logical(at, isAnd, List.copyOf(all));
  }

  private Expr inversion() {
    Position at = in.position();
    if (!in.accept("not")) {
      return comparison();
    }
    in.enter();
    try {
      return new Expr.Unary(at, "not", inversion());
    } finally {
      in.leave();
    }
  }

  private Expr comparison() {
    Position at = in.position();
    Expr left = binary(1);
    List<String> operators = new ArrayList<>();
    List<Expr> others = new ArrayList<>();
    for (String op = comparisonOperator(); op != null; op = comparisonOperator()) {
      operators.add(op);
      others.add(binary(1));
    }
    return operators.isEmpty()
        ? left
        : new Expr.Compare(at, left, List.copyOf(operators), List.copyOf(others));
  }

  private String comparisonOperator() {
    Token t = in.peek();
    if (t.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(t.text())) {
      return in.next().text();
    }
    if (in.accept("in")) {
      return "in";
    }
    if (in.at("not") && in.peek(1).is("in")) {
      in.next();
      in.next();
      return "not in";
    }
    if (in.accept("is")) {
      return in.accept("not") ? "is not" : "is";
    }
    return null;
  }

  private Expr binary(int lowest) {
    Position at = in.position();
    Expr left = unary();
    int length = 0;
    while (in.at(Token.Kind.OPERATOR)) {
      String operator = in.peek().text();
      int precedence = PRECEDENCE.getOrDefault(operator, 0);
      if (precedence < lowest) {
        break;
      }
      Limits.check("length of an expression at " + in.file.place(at), ++length, CHAIN);
      in.next();
      left = new Expr.Binary(at, operator, left, binary(precedence + 1));
    }
    return left;
  }

  private Expr unary() {
    Token t = in.peek();
    if (t.is("-") || t.is("+") || t.is("~")) {
      in.next();
      in.enter();
      try {
        return new Expr.Unary(t.at(), t.text(), unary());
      } finally {
        in.leave();
      }
    }
    Position at = in.position();
    Expr base = in.at("await") ? await() : primary();
    if (!in.accept("**")) {
      return base;
    }
    in.enter();
    try {
      return new Expr.Binary(at, "**", base, unary());
    } finally {
      in.leave();
    }
  }

  private Expr await() {
    Position at = in.next().at();
    return new Expr.Await(at, primary());
  }

  private Expr primary() {
    Position at = in.position();
    Expr value = atom();
    for (int length = 0; ; length++) {
      Limits.check("length of an expression at " + in.file.place(at), length, CHAIN);
      if (in.accept(".")) {
        value = new Expr.Attribute(at, value, name());
      } else if (in.at("(")) {
        value = new Expr.Call(at, value, arguments());
      } else if (in.accept("[")) {
        value = new Expr.Subscript(at, value, subscripts());
        in.expect("]");
      } else {
        return value;
      }
    }
  }

  String name() {
    Token t = in.expect(Token.Kind.NAME, "a name");
    if (KEYWORDS.contains(t.text())) {
      throw in.error(t.at(), "'%s' is a keyword and cannot be a name", t.text());
    }
    return t.text();
  }

  /** Reads {@code (a, *b, k=c, **d)} with its parentheses. */
  List<Expr.Argument> arguments() {
    in.expect("(");
    List<Expr.Argument> all = new ArrayList<>();
    boolean keyword = false;
    while (!in.at(")")) {
      Position at = in.position();
      if (in.accept("**")) {
        all.add(new Expr.Argument(null, 2, expression()));
        keyword = true;
      } else if (in.accept("*")) {
        all.add(new Expr.Argument(null, 1, expression()));
      } else if (in.at(Token.Kind.NAME) && in.peek(1).is("=")) {
        String name = name();
        in.next();
        all.add(new Expr.Argument(name, 0, expression()));
        keyword = true;
      } else {
        Expr value = named();
        if (in.at("for") || in.at("async")) {
          value =
              new Expr.Comprehension(at, Expr.Comprehension.Kind.GENERATOR, value, null, clauses());
        }
        if (keyword) {
          throw in.error(at, "positional argument follows keyword argument");
        }
        all.add(new Expr.Argument(null, 0, value));
      }
      if (!in.accept(",")) {
        break;
      }
    }
    in.expect(")");
    return List.copyOf(all);
  }

  private Expr subscripts() {
    Position at = in.position();
    Expr first = subscript();
    if (!in.at(",")) {
      return first instanceof Expr.Starred ? new Expr.Tuple(at, List.of(first)) : first;
    }
    List<Expr> all = new ArrayList<>(List.of(first));
    while (in.accept(",")) {
      if (in.at("]")) {
        break;
      }
      all.add(subscript());
    }
    return new Expr.Tuple(at, List.copyOf(all));
  }

  private Expr subscript() {
    Position at = in.position();
    Expr lower = in.at(":") ? null : starredOrNamed();
    if (!in.accept(":")) {
      return lower;
    }
    Expr upper = sliceEnds() ? null : expression();
    Expr step = null;
    if (in.accept(":") && !sliceEnds()) {
      step = expression();
    }
    return new Expr.Slice(at, lower, upper, step);
  }

  private boolean sliceEnds() {
    return in.at(":") || in.at("]") || in.at(",");
  }

  private Expr atom() {
    Token t = in.peek();
    return switch (t.kind()) {
      case NUMBER -> new Expr.Constant(in.next().at(), (Expr.Literal) t.value());
      case STRING, FORMATTED -> StringParser.read(in);
      case NAME -> nameOrKeyword();
      case OPERATOR ->
          switch (t.text()) {
            case "(" -> parenthesised();
            case "[" -> list();
            case "{" -> dictOrSet();
            case "..." -> new Expr.Constant(in.next().at(), new Expr.EllipsisLiteral());
            default -> throw in.expected("an expression");
          };
      default -> throw in.expected("an expression");
    };
  }

  private Expr nameOrKeyword() {
    Token t = in.peek();
    return switch (t.text()) {
      case "None" -> new Expr.Constant(in.next().at(), new Expr.NoneLiteral());
      case "True", "False" ->
          new Expr.Constant(in.next().at(), new Expr.BoolLiteral(t.text().equals("True")));
      default -> {
        if (KEYWORDS.contains(t.text())) {
          throw in.expected("an expression");
        }
        in.next();
        yield new Expr.Name(t.at(), t.text());
      }
    };
  }

  private Expr parenthesised() {
    Position at = in.next().at();
    if (in.accept(")")) {
      return new Expr.Tuple(at, List.of());
    }
    if (in.at("yield")) {
      Expr value = yieldExpression();
      in.expect(")");
      return value;
    }
    Expr first = starredOrNamed();
    if (in.at("for") || in.at("async")) {
      Expr made =
          new Expr.Comprehension(at, Expr.Comprehension.Kind.GENERATOR, first, null, clauses());
      in.expect(")");
      return made;
    }
    if (!in.at(",")) {
      in.expect(")");
      if (first instanceof Expr.Starred) {
        throw in.error(at, "cannot use starred expression here");
      }
      return first;
    }
    List<Expr> all = restOfDisplay(first, ")");
    return new Expr.Tuple(at, all);
  }

  private Expr list() {
    Position at = in.next().at();
    if (in.accept("]")) {
      return new Expr.ListDisplay(at, List.of());
    }
    Expr first = starredOrNamed();
    if (in.at("for") || in.at("async")) {
      Expr made = new Expr.Comprehension(at, Expr.Comprehension.Kind.LIST, first, null, clauses());
      in.expect("]");
      return made;
    }
    return new Expr.ListDisplay(at, restOfDisplay(first, "]"));
  }

  private List<Expr> restOfDisplay(Expr first, String close) {
    List<Expr> all = new ArrayList<>(List.of(first));
    while (in.accept(",")) {
      if (in.at(close)) {
        break;
      }
      all.add(starredOrNamed());
    }
    in.expect(close);
    return List.copyOf(all);
  }

  private Expr dictOrSet() {
    Position at = in.next().at();
    if (in.accept("}")) {
      return new Expr.DictDisplay(at, List.of());
    }
    if (in.at("**")) {
      return dict(at, new ArrayList<>(), null);
    }
    Expr first = starredOrNamed();
    if (in.at(":")) {
      return dict(at, new ArrayList<>(), first);
    }
    if (in.at("for") || in.at("async")) {
      Expr made = new Expr.Comprehension(at, Expr.Comprehension.Kind.SET, first, null, clauses());
      in.expect("}");
      return made;
    }
    return new Expr.SetDisplay(at, restOfDisplay(first, "}"));
  }

  private Expr dict(Position at, List<Expr.Entry> entries, Expr firstKey) {
    Expr key = firstKey;
    while (!in.at("}")) {
      if (key == null && in.accept("**")) {
        entries.add(new Expr.Entry(null, binary(1)));
      } else {
        Expr k = key != null ? key : expression();
        in.expect(":");
        Expr value = expression();
        if (entries.isEmpty() && (in.at("for") || in.at("async"))) {
          Expr made = new Expr.Comprehension(at, Expr.Comprehension.Kind.DICT, k, value, clauses());
          in.expect("}");
          return made;
        }
        entries.add(new Expr.Entry(k, value));
      }
      key = null;
      if (!in.accept(",")) {
        break;
      }
    }
    in.expect("}");
    return new Expr.DictDisplay(at, List.copyOf(entries));
  }

  private List<Expr.Clause> clauses() {
    List<Expr.Clause> all = new ArrayList<>();
    while (in.at("for") || in.at("async")) {
      boolean isAsync = in.accept("async");
      in.expect("for");
      Expr target = targets();
      in.expect("in");
      Expr iterable = disjunction();
      List<Expr> conditions = new ArrayList<>();
      while (in.accept("if")) {
        Expr condition = disjunction();
        if (in.at(":=") && condition instanceof Expr.Name name) {
          in.next();
          condition = new Expr.Walrus(name.at(), name, disjunction());
        }
        conditions.add(condition);
      }
      all.add(new Expr.Clause(target, iterable, List.copyOf(conditions), isAsync));
    }
    return List.copyOf(all);
  }

  /** Reads the targets of a {@code for}: expressions that stop before {@code in}. */
  Expr targets() {
    Position at = in.position();
    Expr first = target();
    if (!in.at(",")) {
      return Targets.check(in, first);
    }
    List<Expr> all = new ArrayList<>(List.of(first));
    while (in.accept(",")) {
      if (in.at("in") || in.at("=")) {
        break;
      }
      all.add(target());
    }
    return Targets.check(in, new Expr.Tuple(at, List.copyOf(all)));
  }

  /** Reads the target of one item of a {@code with}. */
  Expr singleTarget() {
    return Targets.check(in, target());
  }

  private Expr target() {
    Position at = in.position();
    return in.accept("*") ? new Expr.Starred(at, primary()) : primary();
  }
}
