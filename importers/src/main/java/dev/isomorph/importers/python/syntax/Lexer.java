package dev.isomorph.importers.python.syntax;

import dev.isomorph.ir.diagnostic.Limits;
import java.math.BigInteger;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Splits Python 3 source into tokens, as the reference manual's chapter "Lexical analysis" defines
 * them: indentation, implicit and explicit line joining, numbers, all string prefixes, formatted
 * strings with nested quotes.
 */
final class Lexer {
  private static final String[] OPERATORS = {
    "**=", "//=", ">>=", "<<=", "...", "!=", "->", ":=", "+=", "-=", "*=", "/=", "%=", "&=", "|=",
    "^=", "@=", "==", "<=", ">=", "<<", ">>", "**", "//", "+", "-", "*", "/", "%", "&", "|", "^",
    "~", "@", "<", ">", "(", ")", "[", "]", "{", "}", ",", ":", ".", ";", "="
  };
  private static final Set<String> PREFIXES = Set.of("r", "u", "b", "f", "br", "rb", "fr", "rf");
  private static final int TAB = 8;

  private final SourceFile file;
  private final String text;
  private final Limits limits;
  private final int[] lineStarts;
  private int pos;
  private List<Token> tokens = new ArrayList<>();
  private Deque<Character> brackets = new ArrayDeque<>();
  private int formatDepth;

  /** Where the innermost bracket was opened last. */
  private int bracketStart;

  Lexer(SourceFile file, Limits limits) {
    this.file = file;
    this.text = file.text();
    this.limits = limits;
    List<Integer> starts = new ArrayList<>(List.of(0));
    for (int i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) {
      starts.add(i + 1);
    }
    this.lineStarts = starts.stream().mapToInt(Integer::intValue).toArray();
  }

  List<Token> tokens() {
    Deque<Integer> indents = new ArrayDeque<>(List.of(0));
    while (pos < text.length()) {
      if (!readIndentation(indents)) {
        continue;
      }
      readLine();
    }
    if (!brackets.isEmpty()) {
      throw error(bracketStart, "'%s' was never closed", brackets.peek());
    }
    while (indents.peek() > 0) {
      indents.pop();
      add(Token.Kind.DEDENT, "", pos);
    }
    add(Token.Kind.END, "", pos);
    return tokens;
  }

  /** Reads the start of a line; {@return false if the line holds no code} */
  private boolean readIndentation(Deque<Integer> indents) {
    int start = pos;
    int column = 0;
    while (pos < text.length()) {
      char c = text.charAt(pos);
      if (c == ' ') {
        column++;
      } else if (c == '\t') {
        column = (column / TAB + 1) * TAB;
      } else if (c == '\f') {
        column = 0;
      } else {
        break;
      }
      pos++;
    }
    skipComment();
    if (pos >= text.length()) {
      return false;
    }
    if (text.charAt(pos) == '\n') {
      pos++;
      return false;
    }
    if (text.startsWith("\\\n", pos) && column == 0) {
      pos += 2;
      return false;
    }
    if (column > indents.peek()) {
      Limits.check("nesting of blocks at " + file.place(at(pos)), indents.size(), limits.nesting());
      indents.push(column);
      add(Token.Kind.INDENT, "", start);
    }
    while (column < indents.peek()) {
      indents.pop();
      add(Token.Kind.DEDENT, "", pos);
    }
    if (column != indents.peek()) {
      throw error(pos, "unindent does not match any outer indentation level");
    }
    return true;
  }

  /** Reads tokens up to the end of the logical line. */
  private void readLine() {
    while (true) {
      skipSpace();
      if (pos >= text.length()) {
        add(Token.Kind.NEWLINE, "", pos);
        return;
      }
      if (text.charAt(pos) == '\n') {
        if (brackets.isEmpty()) {
          add(Token.Kind.NEWLINE, "", pos);
          pos++;
          return;
        }
        pos++;
        continue;
      }
      readToken();
    }
  }

  private void skipSpace() {
    while (pos < text.length()) {
      char c = text.charAt(pos);
      if (c == ' ' || c == '\t' || c == '\f') {
        pos++;
      } else if (c == '\\' && text.startsWith("\\\n", pos)) {
        pos += 2;
      } else {
        skipComment();
        return;
      }
    }
  }

  private void skipComment() {
    if (pos < text.length() && text.charAt(pos) == '#') {
      int end = text.indexOf('\n', pos);
      pos = end < 0 ? text.length() : end;
    }
  }

  private void readToken() {
    int c = text.codePointAt(pos);
    if (Character.isDigit(c) && c < 128
        || c == '.' && pos + 1 < text.length() && isDigit(text.charAt(pos + 1), 10)) {
      readNumber();
    } else if (c == '"' || c == '\'') {
      readString("", pos);
    } else if (c == '_' || Character.isUnicodeIdentifierStart(c)) {
      readName();
    } else {
      readOperator();
    }
  }

  private void readName() {
    int start = pos;
    while (pos < text.length()) {
      int c = text.codePointAt(pos);
      if (!Character.isUnicodeIdentifierPart(c) || Character.isIdentifierIgnorable(c)) {
        break;
      }
      pos += Character.charCount(c);
    }
    String name = text.substring(start, pos);
    if (pos < text.length() && name.length() <= 2) {
      char next = text.charAt(pos);
      String prefix = name.toLowerCase(Locale.ROOT);
      if ((next == '"' || next == '\'') && PREFIXES.contains(prefix)) {
        readString(prefix, start);
        return;
      }
    }
    add(Token.Kind.NAME, Normalizer.normalize(name, Normalizer.Form.NFKC), start);
  }

  private void readOperator() {
    for (String op : OPERATORS) {
      if (text.startsWith(op, pos)) {
        int start = pos;
        pos += op.length();
        if ("([{".contains(op)) {
          brackets.push(op.charAt(0));
          bracketStart = start;
          Limits.check(
              "nesting of brackets at " + file.place(at(start)), brackets.size(), limits.nesting());
        } else if (")]}".contains(op)) {
          closeBracket(op.charAt(0), start);
        }
        add(Token.Kind.OPERATOR, op, start);
        return;
      }
    }
    throw error(pos, "invalid character '%s'", Character.toString(text.codePointAt(pos)));
  }

  private void closeBracket(char close, int start) {
    char open = close == ')' ? '(' : close == ']' ? '[' : '{';
    if (brackets.isEmpty()) {
      throw error(start, "unmatched '%s'", close);
    }
    if (brackets.peek() != open) {
      throw error(start, "closing '%s' does not match opening '%s'", close, brackets.peek());
    }
    brackets.pop();
  }

  private void readNumber() {
    int start = pos;
    if (text.charAt(pos) == '0' && pos + 1 < text.length()) {
      int radix =
          switch (text.charAt(pos + 1)) {
            case 'x', 'X' -> 16;
            case 'o', 'O' -> 8;
            case 'b', 'B' -> 2;
            default -> 10;
          };
      if (radix != 10) {
        pos += 2;
        String digits = digits(radix);
        if (digits.isEmpty()) {
          throw error(start, "invalid number");
        }
        add(
            Token.Kind.NUMBER,
            text.substring(start, pos),
            start,
            new Expr.IntLiteral(new BigInteger(digits, radix)));
        return;
      }
    }
    String whole = digits(10);
    StringBuilder number = new StringBuilder(whole);
    boolean isFloat = false;
    if (pos < text.length() && text.charAt(pos) == '.') {
      isFloat = true;
      pos++;
      number.append('.').append(digits(10));
    }
    if (pos < text.length() && (text.charAt(pos) == 'e' || text.charAt(pos) == 'E')) {
      int mark = pos++;
      String sign = "";
      if (pos < text.length() && (text.charAt(pos) == '+' || text.charAt(pos) == '-')) {
        sign = text.substring(pos, ++pos);
      }
      String exponent = digits(10);
      if (exponent.isEmpty()) {
        pos = mark;
      } else {
        isFloat = true;
        number.append('e').append(sign).append(exponent);
      }
    }
    Expr.Literal value;
    if (pos < text.length() && (text.charAt(pos) == 'j' || text.charAt(pos) == 'J')) {
      pos++;
      value = new Expr.ImaginaryLiteral(Double.parseDouble(number.toString()));
    } else if (isFloat) {
      value = new Expr.FloatLiteral(Double.parseDouble(number.toString()));
    } else {
      if (whole.length() > 1 && whole.charAt(0) == '0' && !whole.matches("0+")) {
        throw error(start, "leading zeros in decimal integer literals are not permitted");
      }
      Limits.check("digits of a number at " + file.place(at(start)), whole.length(), 4300);
      value = new Expr.IntLiteral(new BigInteger(whole));
    }
    add(Token.Kind.NUMBER, text.substring(start, pos), start, value);
  }

  private String digits(int radix) {
    StringBuilder out = new StringBuilder();
    while (pos < text.length()) {
      char c = text.charAt(pos);
      boolean separator =
          c == '_' && pos + 1 < text.length() && isDigit(text.charAt(pos + 1), radix);
      if (!separator && !isDigit(c, radix)) {
        break;
      }
      if (!separator) {
        out.append(c);
      }
      pos++;
    }
    return out.toString();
  }

  private static boolean isDigit(char c, int radix) {
    return c < 128 && Character.digit(c, radix) >= 0;
  }

  private void readString(String prefix, int start) {
    char quote = text.charAt(pos);
    String delimiter = String.valueOf(quote).repeat(3);
    if (!text.startsWith(delimiter, pos)) {
      delimiter = String.valueOf(quote);
    }
    pos += delimiter.length();
    boolean raw = prefix.contains("r");
    if (prefix.contains("f")) {
      List<Token.Part> parts = readFormatted(delimiter, raw, start, false);
      add(Token.Kind.FORMATTED, "", start, parts);
      return;
    }
    boolean bytes = prefix.contains("b");
    int from = pos;
    while (true) {
      checkStringGoesOn(delimiter, start);
      if (text.startsWith(delimiter, pos)) {
        break;
      }
      pos += text.charAt(pos) == '\\' && pos + 1 < text.length() ? 2 : 1;
    }
    String body = text.substring(from, pos);
    pos += delimiter.length();
    String value = raw ? body : StringEscapes.decode(file, at(from), body, bytes);
    if (bytes && value.chars().anyMatch(c -> c > 255)) {
      throw error(start, "bytes can only contain ASCII literal characters");
    }
    add(
        Token.Kind.STRING,
        "",
        start,
        bytes ? new Expr.BytesLiteral(value) : new Expr.StringLiteral(value));
  }

  private void checkStringGoesOn(String delimiter, int start) {
    if (pos >= text.length() || delimiter.length() == 1 && text.charAt(pos) == '\n') {
      throw error(start, "unterminated string literal");
    }
  }

  /**
   * Reads the parts of a formatted string up to its delimiter, or those of a format specification
   * up to its closing brace, which stays unread.
   */
  private List<Token.Part> readFormatted(
      String delimiter, boolean raw, int start, boolean inSpecification) {
    Limits.check("nesting of formatted strings at " + file.place(at(start)), ++formatDepth, 32);
    List<Token.Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    while (true) {
      checkStringGoesOn(delimiter, start);
      char c = text.charAt(pos);
      if (!inSpecification && text.startsWith(delimiter, pos)) {
        pos += delimiter.length();
        break;
      }
      if (inSpecification && c == '}') {
        break;
      }
      if (c == '{' && text.startsWith("{{", pos) && !inSpecification) {
        literal.append('{');
        pos += 2;
      } else if (c == '}' && text.startsWith("}}", pos)) {
        literal.append('}');
        pos += 2;
      } else if (c == '}') {
        throw error(pos, "single '}' is not allowed in a formatted string");
      } else if (c == '{') {
        flush(literal, parts);
        parts.add(readField(delimiter, raw, start));
      } else if (c == '\\' && pos + 1 < text.length() && raw) {
        literal.append(c);
        pos++;
        if (text.charAt(pos) != '{' && text.charAt(pos) != '}') {
          literal.append(text.charAt(pos++));
        }
      } else if (c == '\\' && pos + 1 < text.length()) {
        int end = StringEscapes.end(text, pos);
        literal.append(StringEscapes.decode(file, at(pos), text.substring(pos, end), false));
        pos = end;
      } else {
        literal.append(c);
        pos++;
      }
    }
    flush(literal, parts);
    formatDepth--;
    return parts;
  }

  private static void flush(StringBuilder literal, List<Token.Part> parts) {
    if (!literal.isEmpty()) {
      parts.add(new Token.Text(literal.toString()));
      literal.setLength(0);
    }
  }

  private Token.Field readField(String delimiter, boolean raw, int start) {
    int open = pos++;
    List<Token> outerTokens = tokens;
    Deque<Character> outerBrackets = brackets;
    tokens = new ArrayList<>();
    brackets = new ArrayDeque<>();
    String debug = null;
    while (true) {
      skipFieldSpace();
      if (pos >= text.length()) {
        throw error(start, "unterminated string literal");
      }
      char c = text.charAt(pos);
      if (brackets.isEmpty()) {
        if (c == '}' || c == ':' || c == '!' && !text.startsWith("!=", pos)) {
          break;
        }
        if (c == '=' && isDebugMark()) {
          pos++;
          skipFieldSpace();
          debug = text.substring(open + 1, pos);
          break;
        }
      }
      readToken();
    }
    if (tokens.isEmpty()) {
      throw error(open, "empty expression in a formatted string");
    }
    add(Token.Kind.END, "", pos);
    List<Token> field = tokens;
    tokens = outerTokens;
    brackets = outerBrackets;
    char conversion = 0;
    if (text.charAt(pos) == '!') {
      conversion = pos + 1 < text.length() ? text.charAt(pos + 1) : 0;
      if ("rsa".indexOf(conversion) < 0) {
        throw error(pos, "invalid conversion character in a formatted string");
      }
      pos += 2;
      skipFieldSpace();
    }
    List<Token.Part> spec = null;
    if (pos < text.length() && text.charAt(pos) == ':') {
      pos++;
      spec = readFormatted(delimiter, raw, start, true);
    }
    if (pos >= text.length() || text.charAt(pos) != '}') {
      throw error(open, "'{' was never closed in a formatted string");
    }
    pos++;
    return new Token.Field(field, debug, conversion, spec);
  }

  private boolean isDebugMark() {
    int i = pos + 1;
    while (i < text.length() && text.charAt(i) == ' ') {
      i++;
    }
    return i < text.length() && "}!:".indexOf(text.charAt(i)) >= 0;
  }

  private void skipFieldSpace() {
    while (pos < text.length()) {
      int before = pos;
      skipSpace();
      if (pos < text.length() && text.charAt(pos) == '\n') {
        pos++;
      }
      if (pos == before) {
        return;
      }
    }
  }

  private void add(Token.Kind kind, String string, int start) {
    add(kind, string, start, null);
  }

  private void add(Token.Kind kind, String string, int start, Object value) {
    tokens.add(new Token(kind, string, at(start), value));
  }

  private Position at(int offset) {
    int found = Arrays.binarySearch(lineStarts, offset);
    int line = found >= 0 ? found : -found - 2;
    return new Position(line + 1, offset - lineStarts[line] + 1);
  }

  private RuntimeException error(int offset, String format, Object... args) {
    return file.syntaxError(at(offset), format, args);
  }
}
