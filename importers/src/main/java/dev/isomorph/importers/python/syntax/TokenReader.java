package dev.isomorph.importers.python.syntax;

import dev.isomorph.ir.diagnostic.Limits;
import java.util.List;

/** A position in a list of tokens, with the nesting bound that both parsers share. */
final class TokenReader {
  final SourceFile file;
  final Limits limits;
  private final List<Token> tokens;
  private int index;
  private int depth;

  TokenReader(SourceFile file, List<Token> tokens, Limits limits, int depth) {
    this.file = file;
    this.tokens = tokens;
    this.limits = limits;
    this.depth = depth;
  }

  Token peek() {
    return tokens.get(index);
  }

  Token peek(int ahead) {
    return tokens.get(Math.min(index + ahead, tokens.size() - 1));
  }

  Token next() {
    Token token = tokens.get(index);
    if (index < tokens.size() - 1) {
      index++;
    }
    return token;
  }

  boolean at(String operatorOrKeyword) {
    return peek().is(operatorOrKeyword);
  }

  boolean at(Token.Kind kind) {
    return peek().kind() == kind;
  }

  boolean accept(String operatorOrKeyword) {
    if (at(operatorOrKeyword)) {
      next();
      return true;
    }
    return false;
  }

  Token expect(String operatorOrKeyword) {
    if (!at(operatorOrKeyword)) {
      throw expected("'" + operatorOrKeyword + "'");
    }
    return next();
  }

  Token expect(Token.Kind kind, String what) {
    if (!at(kind)) {
      throw expected(what);
    }
    return next();
  }

  Position position() {
    return peek().at();
  }

  int depth() {
    return depth;
  }

  /** Goes one level deeper; each call needs its {@link #leave}. */
  void enter() {
    Limits.check("nesting of source at " + file.place(position()), ++depth, limits.nesting());
  }

  void leave() {
    depth--;
  }

  RuntimeException expected(String what) {
    return error(position(), "expected %s, found %s", what, peek().describe());
  }

  RuntimeException error(Position at, String format, Object... args) {
    return file.syntaxError(at, format, args);
  }
}
