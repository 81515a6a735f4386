package dev.isomorph.importers.python.syntax;

import java.util.ArrayList;
import java.util.List;

/** The two forms of import statements. */
final class ImportParser {
  private final TokenReader in;
  private final ExpressionParser expressions;

  ImportParser(TokenReader in, ExpressionParser expressions) {
    this.in = in;
    this.expressions = expressions;
  }

  Stmt read() {
    Position at = in.position();
    return in.next().is("import") ? new Stmt.Import(at, aliases(true)) : from(at);
  }

  private Stmt from(Position at) {
    int level = 0;
    while (in.at(".") || in.at("...")) {
      level += in.next().text().length();
    }
    String module = in.at("import") ? "" : dotted();
    if (level == 0 && module.isEmpty()) {
      throw in.expected("a module name");
    }
    in.expect("import");
    if (in.at("*")) {
      Position star = in.next().at();
      return new Stmt.ImportFrom(at, module, level, List.of(new Stmt.Alias(star, "*", null)));
    }
    boolean wrapped = in.accept("(");
    List<Stmt.Alias> names = aliases(false);
    if (wrapped) {
      in.expect(")");
    }
    return new Stmt.ImportFrom(at, module, level, names);
  }

  private List<Stmt.Alias> aliases(boolean dotted) {
    List<Stmt.Alias> all = new ArrayList<>();
    do {
      if (in.at(")")) {
        break;
      }
      Position at = in.position();
      String name = dotted ? dotted() : expressions.name();
      all.add(new Stmt.Alias(at, name, in.accept("as") ? expressions.name() : null));
    } while (in.accept(","));
    if (all.isEmpty()) {
      throw in.expected("a name");
    }
    return List.copyOf(all);
  }

  private String dotted() {
    StringBuilder name = new StringBuilder(expressions.name());
    while (in.accept(".")) {
      name.append('.').append(expressions.name());
    }
    return name.toString();
  }
}
