package dev.isomorph.importers.python.syntax;

import dev.isomorph.ir.diagnostic.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads Python 3 source into a syntax tree: the reference manual's full grammar but for {@code
 * match}, which becomes {@link Stmt.Unsupported}. Nesting is bounded by {@link Limits#nesting}.
 */
public final class Parser {
  private static final Set<String> AUGMENTED =
      Set.of("+=", "-=", "*=", "/=", "//=", "%=", "**=", "@=", "&=", "|=", "^=", ">>=", "<<=");

  private final TokenReader in;
  private final ExpressionParser expressions;

  private Parser(SourceFile file, Limits limits) {
    this.in = new TokenReader(file, new Lexer(file, limits).tokens(), limits, 0);
    this.expressions = new ExpressionParser(in);
  }

  /**
   * {@return the statements of a file}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@code SOURCE_SYNTAX} with file, line and
   *     column; {@code FORMAT_LIMIT} if it is nested too deeply
   */
  public static List<Stmt> parseFile(SourceFile file, Limits limits) {
    Parser parser = new Parser(file, limits);
    List<Stmt> all = new ArrayList<>();
    while (!parser.in.at(Token.Kind.END)) {
      parser.statement(all);
    }
    return List.copyOf(all);
  }

  /** {@return one expression, as {@link #parseFile}} */
  public static Expr parseExpression(SourceFile file, Limits limits) {
    Parser parser = new Parser(file, limits);
    Expr value = parser.expressions.expressions();
    if (parser.in.at(Token.Kind.NEWLINE)) {
      parser.in.next();
    }
    if (!parser.in.at(Token.Kind.END)) {
      throw parser.in.expected("the end of the expression");
    }
    return value;
  }

  private void statement(List<Stmt> into) {
    if (in.at(Token.Kind.INDENT)) {
      throw in.error(in.position(), "unexpected indent");
    }
    Stmt compound = compound();
    if (compound != null) {
      into.add(compound);
      return;
    }
    do {
      if (in.at(Token.Kind.NEWLINE)) {
        break;
      }
      into.add(simple());
    } while (in.accept(";"));
    in.expect(Token.Kind.NEWLINE, "the end of the statement");
  }

  private Stmt compound() {
    Token t = in.peek();
    if (t.is("@")) {
      return decorated();
    }
    if (t.kind() != Token.Kind.NAME) {
      return null;
    }
    return switch (t.text()) {
      case "if" -> ifStatement();
      case "for" -> forStatement(t.at(), false);
      case "while" -> whileStatement();
      case "try" -> tryStatement();
      case "with" -> with(t.at(), false);
      case "def" -> function(t.at(), List.of(), false);
      case "class" -> classDefinition(t.at(), List.of());
      case "async" -> async();
      case "match" -> isMatch() ? skipMatch() : null;
      default -> null;
    };
  }

  private Stmt async() {
    Position at = in.next().at();
    return switch (in.peek().text()) {
      case "def" -> function(at, List.of(), true);
      case "for" -> forStatement(at, true);
      case "with" -> with(at, true);
      default -> throw in.expected("'def', 'for' or 'with'");
    };
  }

  private Stmt decorated() {
    Position at = in.position();
    List<Expr> decorators = new ArrayList<>();
    while (in.accept("@")) {
      decorators.add(expressions.named());
      in.expect(Token.Kind.NEWLINE, "the end of the line");
    }
    if (in.at("class")) {
      return classDefinition(at, List.copyOf(decorators));
    }
    boolean isAsync = in.accept("async");
    return function(at, List.copyOf(decorators), isAsync);
  }

  private List<Stmt> block() {
    in.expect(":");
    List<Stmt> body = new ArrayList<>();
    if (!in.at(Token.Kind.NEWLINE)) {
      do {
        if (in.at(Token.Kind.NEWLINE)) {
          break;
        }
        body.add(simple());
      } while (in.accept(";"));
      in.expect(Token.Kind.NEWLINE, "the end of the statement");
      return List.copyOf(body);
    }
    in.next();
    in.expect(Token.Kind.INDENT, "an indented block");
    in.enter();
    while (!in.at(Token.Kind.DEDENT) && !in.at(Token.Kind.END)) {
      statement(body);
    }
    in.leave();
    if (in.at(Token.Kind.DEDENT)) {
      in.next();
    }
    return List.copyOf(body);
  }

  private Stmt ifStatement() {
    Position at = in.position();
    List<Stmt.Branch> branches = new ArrayList<>();
    do {
      Position branchAt = in.next().at();
      Expr test = expressions.named();
      branches.add(new Stmt.Branch(branchAt, test, block()));
    } while (in.at("elif"));
    return new Stmt.If(at, List.copyOf(branches), orElse());
  }

  private List<Stmt> orElse() {
    return in.accept("else") ? block() : List.of();
  }

  private Stmt forStatement(Position at, boolean isAsync) {
    in.expect("for");
    Expr target = expressions.targets();
    in.expect("in");
    Expr iterable = expressions.expressions();
    List<Stmt> body = block();
    return new Stmt.For(at, target, iterable, body, orElse(), isAsync);
  }

  private Stmt whileStatement() {
    Position at = in.next().at();
    Expr test = expressions.named();
    List<Stmt> body = block();
    return new Stmt.While(at, test, body, orElse());
  }

  private Stmt tryStatement() {
    Position at = in.next().at();
    List<Stmt> body = block();
    List<Stmt.Handler> handlers = new ArrayList<>();
    while (in.at("except")) {
      Position handlerAt = in.next().at();
      if (in.at("*")) {
        throw in.error(handlerAt, "'except*' is outside the subset");
      }
      Expr type = in.at(":") ? null : expressions.expressions();
      String name = in.accept("as") ? expressions.name() : null;
      handlers.add(new Stmt.Handler(handlerAt, type, name, block()));
    }
    List<Stmt> otherwise = orElse();
    List<Stmt> cleanup = in.accept("finally") ? block() : List.of();
    if (handlers.isEmpty() && cleanup.isEmpty()) {
      throw in.expected("'except' or 'finally'");
    }
    return new Stmt.Try(at, body, List.copyOf(handlers), otherwise, cleanup);
  }

  private Stmt with(Position at, boolean isAsync) {
    in.expect("with");
    List<Stmt.Item> items = new ArrayList<>();
    boolean wrapped = in.at("(") && closesBeforeColon();
    if (wrapped) {
      in.next();
    }
    do {
      if (wrapped && in.at(")")) {
        break;
      }
      Expr context = expressions.expression();
      Expr target = in.accept("as") ? expressions.singleTarget() : null;
      items.add(new Stmt.Item(context, target));
    } while (in.accept(","));
    if (wrapped) {
      in.expect(")");
    }
    return new Stmt.With(at, List.copyOf(items), block(), isAsync);
  }

  /** {@return whether the parenthesis here wraps all items of a with statement} */
  private boolean closesBeforeColon() {
    int depth = 0;
    boolean sawAsOrComma = false;
    for (int i = 0; ; i++) {
      Token t = in.peek(i);
      if (t.kind() == Token.Kind.END || t.kind() == Token.Kind.NEWLINE) {
        return false;
      }
      if (t.is("(") || t.is("[") || t.is("{")) {
        depth++;
      } else if (t.is(")") || t.is("]") || t.is("}")) {
        depth--;
      } else if (depth == 1 && (t.is("as") || t.is(","))) {
        sawAsOrComma = true;
      }
      if (depth == 0) {
        return sawAsOrComma && in.peek(i + 1).is(":");
      }
    }
  }

  private Stmt function(Position at, List<Expr> decorators, boolean isAsync) {
    in.expect("def");
    String name = expressions.name();
    refuseTypeParameters();
    in.expect("(");
    Parameters parameters = new ParameterParser(in, expressions).read(")", true);
    in.expect(")");
    Expr returns = in.accept("->") ? expressions.expressions() : null;
    boolean outerYield = expressions.sawYield;
    expressions.sawYield = false;
    List<Stmt> body = block();
    boolean isGenerator = expressions.sawYield;
    expressions.sawYield = outerYield;
    return new Stmt.Function(at, name, parameters, body, decorators, returns, isAsync, isGenerator);
  }

  private Stmt classDefinition(Position at, List<Expr> decorators) {
    in.expect("class");
    String name = expressions.name();
    refuseTypeParameters();
    List<Expr.Argument> arguments = in.at("(") ? expressions.arguments() : List.of();
    return new Stmt.ClassDefinition(at, name, arguments, block(), decorators);
  }

  private void refuseTypeParameters() {
    if (in.at("[")) {
      throw in.error(in.position(), "type parameters in '[…]' are outside the subset");
    }
  }

  private boolean isMatch() {
    Token following = in.peek(1);
    if (following.is("=") || following.is(".") || following.is(",") || following.is(":")) {
      return false;
    }
    for (int i = 1; ; i++) {
      Token t = in.peek(i);
      if (t.kind() == Token.Kind.END) {
        return false;
      }
      if (t.kind() == Token.Kind.NEWLINE) {
        return in.peek(i - 1).is(":")
            && in.peek(i + 1).kind() == Token.Kind.INDENT
            && in.peek(i + 2).is("case");
      }
    }
  }

  private Stmt skipMatch() {
    Position at = in.position();
    while (!in.at(Token.Kind.INDENT)) {
      in.next();
    }
    int depth = 0;
    do {
      Token t = in.next();
      depth += t.kind() == Token.Kind.INDENT ? 1 : t.kind() == Token.Kind.DEDENT ? -1 : 0;
    } while (depth > 0);
    return new Stmt.Unsupported(at, "'match' statement");
  }

  private Stmt simple() {
    Token t = in.peek();
    if (t.kind() != Token.Kind.NAME) {
      return expressionStatement();
    }
    Position at = t.at();
    return switch (t.text()) {
      case "pass" -> new Stmt.Pass(in.next().at());
      case "break" -> new Stmt.Break(in.next().at());
      case "continue" -> new Stmt.Continue(in.next().at());
      case "return" -> {
        in.next();
        yield new Stmt.Return(at, endsStatement() ? null : expressions.expressions());
      }
      case "raise" -> {
        in.next();
        Expr exception = endsStatement() ? null : expressions.expression();
        yield new Stmt.Raise(at, exception, in.accept("from") ? expressions.expression() : null);
      }
      case "assert" -> {
        in.next();
        Expr test = expressions.expression();
        yield new Stmt.Assert(at, test, in.accept(",") ? expressions.expression() : null);
      }
      case "del" -> delete();
      case "global" -> new Stmt.Global(at, names());
      case "nonlocal" -> new Stmt.Nonlocal(at, names());
      case "import", "from" -> new ImportParser(in, expressions).read();
      default -> expressionStatement();
    };
  }

  private boolean endsStatement() {
    return in.at(Token.Kind.NEWLINE) || in.at(";") || in.at(Token.Kind.END);
  }

  private Stmt delete() {
    Position at = in.next().at();
    Expr what = Targets.check(in, expressions.expressions());
    return new Stmt.Delete(at, what instanceof Expr.Tuple t ? t.elements() : List.of(what));
  }

  private List<String> names() {
    in.next();
    List<String> all = new ArrayList<>();
    do {
      all.add(expressions.name());
    } while (in.accept(","));
    return List.copyOf(all);
  }

  private Stmt expressionStatement() {
    Position at = in.position();
    Expr first = expressions.yieldOrExpressions();
    if (in.accept(":")) {
      Targets.check(in, first);
      Expr annotation = expressions.expression();
      Expr value = in.accept("=") ? expressions.yieldOrExpressions() : null;
      return new Stmt.AnnotatedAssign(at, first, annotation, value);
    }
    Token t = in.peek();
    if (t.kind() == Token.Kind.OPERATOR && AUGMENTED.contains(t.text())) {
      Targets.check(in, first);
      if (first instanceof Expr.Tuple || first instanceof Expr.ListDisplay) {
        throw in.error(at, "illegal target for augmented assignment");
      }
      in.next();
      String operator = t.text().substring(0, t.text().length() - 1);
      return new Stmt.AugmentedAssign(at, first, operator, expressions.yieldOrExpressions());
    }
    if (!in.at("=")) {
      return new Stmt.Expression(at, first);
    }
    List<Expr> targets = new ArrayList<>();
    Expr value = first;
    while (in.accept("=")) {
      targets.add(Targets.check(in, value));
      value = expressions.yieldOrExpressions();
    }
    return new Stmt.Assign(at, List.copyOf(targets), value);
  }
}
