package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.Expr;
import dev.isomorph.importers.python.syntax.Parameters;
import dev.isomorph.importers.python.syntax.Stmt;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The names of a function's own scope: those that its body binds, less those that it declares
 * global or nonlocal.
 */
record Scope(Set<String> locals, Set<String> globals, Set<String> nonlocals) {
  static final Scope MODULE = new Scope(Set.of(), Set.of(), Set.of());

  static Scope of(Parameters parameters, List<Stmt> body) {
    Collector c = new Collector();
    parameters.all().forEach(p -> c.bound.add(p.name()));
    c.statements(body);
    return c.scope();
  }

  /** {@return the scope of an expression: parameters, and the targets of walrus operators} */
  static Scope of(Parameters parameters, Expr body) {
    Collector c = new Collector();
    parameters.all().forEach(p -> c.bound.add(p.name()));
    c.walrus(body);
    return c.scope();
  }

  static Scope ofComprehension(Expr.Comprehension comprehension) {
    Collector c = new Collector();
    comprehension.clauses().forEach(clause -> c.target(clause.target()));
    return c.scope();
  }

  private static final class Collector {
    private final Set<String> bound = new HashSet<>();
    private final Set<String> globals = new HashSet<>();
    private final Set<String> nonlocals = new HashSet<>();

    private Scope scope() {
      bound.removeAll(globals);
      bound.removeAll(nonlocals);
      return new Scope(Set.copyOf(bound), Set.copyOf(globals), Set.copyOf(nonlocals));
    }

    private void statements(List<Stmt> all) {
      all.forEach(this::statement);
    }

    private void statement(Stmt stmt) {
      switch (stmt) {
        case Stmt.Expression s -> walrus(s.value());
        case Stmt.Assign s -> {
          s.targets().forEach(this::target);
          walrus(s.value());
        }
        case Stmt.AugmentedAssign s -> {
          target(s.target());
          walrus(s.value());
        }
        case Stmt.AnnotatedAssign s -> {
          target(s.target());
          walrus(s.value());
        }
        case Stmt.If s -> {
          for (Stmt.Branch branch : s.branches()) {
            walrus(branch.test());
            statements(branch.body());
          }
          statements(s.otherwise());
        }
        case Stmt.For s -> {
          target(s.target());
          walrus(s.iterable());
          statements(s.body());
          statements(s.otherwise());
        }
        case Stmt.While s -> {
          walrus(s.test());
          statements(s.body());
          statements(s.otherwise());
        }
        case Stmt.Function s -> bound.add(s.name());
        case Stmt.ClassDefinition s -> bound.add(s.name());
        case Stmt.Try s -> {
          statements(s.body());
          for (Stmt.Handler handler : s.handlers()) {
            if (handler.name() != null) {
              bound.add(handler.name());
            }
            statements(handler.body());
          }
          statements(s.otherwise());
          statements(s.cleanup());
        }
        case Stmt.With s -> {
          for (Stmt.Item item : s.items()) {
            walrus(item.context());
            target(item.target());
          }
          statements(s.body());
        }
        case Stmt.Return s -> walrus(s.value());
        case Stmt.Assert s -> walrus(s.test());
        case Stmt.Delete s -> s.targets().forEach(this::target);
        case Stmt.Global s -> globals.addAll(s.names());
        case Stmt.Nonlocal s -> nonlocals.addAll(s.names());
        case Stmt.Import s -> s.names().forEach(this::alias);
        case Stmt.ImportFrom s -> s.names().forEach(this::alias);
        case Stmt.Raise _, Stmt.Pass _, Stmt.Break _, Stmt.Continue _, Stmt.Unsupported _ -> {}
      }
    }

    private void alias(Stmt.Alias alias) {
      String name = alias.name();
      int dot = name.indexOf('.');
      bound.add(alias.as() != null ? alias.as() : dot < 0 ? name : name.substring(0, dot));
    }

    private void target(Expr target) {
      switch (target) {
        case Expr.Name name -> bound.add(name.id());
        case Expr.Starred starred -> target(starred.value());
        case Expr.Tuple tuple -> tuple.elements().forEach(this::target);
        case Expr.ListDisplay list -> list.elements().forEach(this::target);
        case null -> {}
        default -> {}
      }
    }

    /** Finds the targets of {@code :=}, which bind in the function around a comprehension. */
    private void walrus(Expr expr) {
      switch (expr) {
        case null -> {}
        case Expr.Walrus e -> {
          bound.add(e.target().id());
          walrus(e.value());
        }
        case Expr.JoinedString e -> e.parts().forEach(this::walrus);
        case Expr.FormattedValue e -> walrus(e.value());
        case Expr.Binary e -> {
          walrus(e.left());
          walrus(e.right());
        }
        case Expr.Unary e -> walrus(e.operand());
        case Expr.Logical e -> e.operands().forEach(this::walrus);
        case Expr.Compare e -> {
          walrus(e.left());
          e.others().forEach(this::walrus);
        }
        case Expr.Call e -> {
          walrus(e.function());
          e.arguments().forEach(a -> walrus(a.value()));
        }
        case Expr.Attribute e -> walrus(e.value());
        case Expr.Subscript e -> {
          walrus(e.value());
          walrus(e.index());
        }
        case Expr.Slice e -> {
          walrus(e.lower());
          walrus(e.upper());
          walrus(e.step());
        }
        case Expr.Conditional e -> {
          walrus(e.test());
          walrus(e.then());
          walrus(e.otherwise());
        }
        case Expr.Tuple e -> e.elements().forEach(this::walrus);
        case Expr.ListDisplay e -> e.elements().forEach(this::walrus);
        case Expr.SetDisplay e -> e.elements().forEach(this::walrus);
        case Expr.DictDisplay e ->
            e.entries()
                .forEach(
                    entry -> {
                      walrus(entry.key());
                      walrus(entry.value());
                    });
        case Expr.Comprehension e -> {
          walrus(e.element());
          walrus(e.value());
          for (Expr.Clause clause : e.clauses()) {
            walrus(clause.iterable());
            clause.conditions().forEach(this::walrus);
          }
        }
        case Expr.Starred e -> walrus(e.value());
        case Expr.Await e -> walrus(e.value());
        case Expr.Yield e -> walrus(e.value());
        case Expr.YieldFrom e -> walrus(e.value());
        case Expr.Constant _, Expr.Name _, Expr.Lambda _ -> {}
      }
    }
  }
}
