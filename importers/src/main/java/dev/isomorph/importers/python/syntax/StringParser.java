package dev.isomorph.importers.python.syntax;

import java.util.ArrayList;
import java.util.List;

/** String atoms: adjacent literals are joined, formatted ones parsed. */
final class StringParser {
  private StringParser() {}

  static Expr read(TokenReader in) {
    Position at = in.position();
    List<Expr> parts = new ArrayList<>();
    boolean bytes = in.peek().value() instanceof Expr.BytesLiteral;
    StringBuilder literal = new StringBuilder();
    boolean formatted = false;
    while (in.at(Token.Kind.STRING) || in.at(Token.Kind.FORMATTED)) {
      Token t = in.next();
      if (bytes != t.value() instanceof Expr.BytesLiteral) {
        throw in.error(t.at(), "cannot mix bytes and nonbytes literals");
      }
      switch (t.value()) {
        case Expr.StringLiteral s -> literal.append(s.value());
        case Expr.BytesLiteral b -> literal.append(b.value());
        default -> {
          formatted = true;
          flush(at, literal, parts);
          addParts(in, t, parts(t.value()), parts);
        }
      }
    }
    if (!formatted) {
      String value = literal.toString();
      return new Expr.Constant(
          at, bytes ? new Expr.BytesLiteral(value) : new Expr.StringLiteral(value));
    }
    flush(at, literal, parts);
    return new Expr.JoinedString(at, List.copyOf(parts));
  }

  @SuppressWarnings("unchecked")
  private static List<Token.Part> parts(Object value) {
    return (List<Token.Part>) value;
  }

  private static void flush(Position at, StringBuilder literal, List<Expr> parts) {
    if (!literal.isEmpty()) {
      parts.add(new Expr.Constant(at, new Expr.StringLiteral(literal.toString())));
      literal.setLength(0);
    }
  }

  private static void addParts(
      TokenReader in, Token token, List<Token.Part> source, List<Expr> target) {
    for (Token.Part part : source) {
      switch (part) {
        case Token.Text text ->
            target.add(new Expr.Constant(token.at(), new Expr.StringLiteral(text.text())));
        case Token.Field field -> {
          if (field.debug() != null) {
            target.add(new Expr.Constant(token.at(), new Expr.StringLiteral(field.debug())));
          }
          target.add(field(in, token, field));
        }
      }
    }
  }

  private static Expr.FormattedValue field(TokenReader in, Token token, Token.Field field) {
    TokenReader inner = new TokenReader(in.file, field.tokens(), in.limits, in.depth());
    Position at = inner.position();
    Expr value = new ExpressionParser(inner).yieldOrExpressions();
    if (!inner.at(Token.Kind.END)) {
      throw inner.expected("the end of the field of a formatted string");
    }
    Expr.JoinedString spec = null;
    if (field.spec() != null) {
      List<Expr> parts = new ArrayList<>();
      addParts(in, token, field.spec(), parts);
      spec = new Expr.JoinedString(at, List.copyOf(parts));
    }
    boolean showRepr = field.debug() != null && field.conversion() == 0 && spec == null;
    return new Expr.FormattedValue(at, value, showRepr ? 'r' : field.conversion(), spec);
  }
}
