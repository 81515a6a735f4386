package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.Expr;
import dev.isomorph.importers.python.syntax.Parser;
import dev.isomorph.importers.python.syntax.Position;
import dev.isomorph.importers.python.syntax.SourceFile;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One run of the evaluator: its modules, its call stack, its budget. For one thread.
 *
 * <p>A Python exception that nobody catches becomes {@link ErrorCode#SOURCE_RAISED}; what is
 * outside the subset becomes {@link ErrorCode#UNSUPPORTED_CONSTRUCT}, which Python code cannot
 * catch.
 */
public final class Interpreter implements AutoCloseable {
  /** Deepest nesting of Python calls, as CPython's default. */
  private static final int RECURSION = 1000;

  private final Limits limits;
  private final Consumer<Diagnostic> diagnostics;
  private final Operators operators = new Operators(this);
  private final Attributes attributes = new Attributes(this);
  private final Calls calls = new Calls(this);
  private final ExpressionEvaluator expressions = new ExpressionEvaluator(this);
  private final StatementEvaluator statements = new StatementEvaluator(this);
  private final Text text = new Text(this);
  private final Imports imports;
  private final PyDict builtins = new PyDict();
  private final List<Frame> frames = new ArrayList<>();
  private final List<Generator> generators = new ArrayList<>();
  private Consumer<String> printer = _ -> {};
  private long steps;
  private Object host;
  private Branching branching;

  /** One call in progress. */
  private static final class Frame {
    final String function;
    final SourceFile file;
    final boolean library;
    Position at = new Position(1, 1);

    Frame(String function, SourceFile file, boolean library) {
      this.function = function;
      this.file = file;
      this.library = library;
    }
  }

  /**
   * @param sources where modules come from
   * @param diagnostics receives notes and warnings
   */
  public Interpreter(ModuleSources sources, Limits limits, Consumer<Diagnostic> diagnostics) {
    this.limits = limits;
    this.diagnostics = diagnostics;
    this.imports = new Imports(this, sources);
    Builtins.install(builtins);
  }

  public Limits limits() {
    return limits;
  }

  public Operators operators() {
    return operators;
  }

  public Attributes attributes() {
    return attributes;
  }

  public Calls calls() {
    return calls;
  }

  public Text text() {
    return text;
  }

  public Imports imports() {
    return imports;
  }

  ExpressionEvaluator expressions() {
    return expressions;
  }

  StatementEvaluator statements() {
    return statements;
  }

  PyDict builtins() {
    return builtins;
  }

  /** Sets who receives what {@code print} prints; by default nobody. */
  public void printer(Consumer<String> printer) {
    this.printer = printer;
  }

  /** Sets who evaluates both arms of a condition that is not known. */
  public void branching(Branching branching) {
    this.branching = branching;
  }

  /** {@return who evaluates both arms, if the condition is not known; else {@code null}} */
  Branching branching(PyObject condition) {
    return branching != null && branching.isOpen(this, condition) ? branching : null;
  }

  /** {@return whether a condition was taken for granted; see {@link Branching#assume}} */
  boolean assume(PyObject condition, boolean holds) {
    return branching != null && branching.assume(condition, holds);
  }

  /** Sets what the modules that are written in Java belong to. */
  public void host(Object host) {
    this.host = host;
  }

  /** {@return what was set by {@link #host(Object)}} */
  public <T> T host(Class<T> type) {
    return type.cast(host);
  }

  void print(String line) {
    printer.accept(line);
  }

  /** Passes a note or warning on. */
  public void report(Diagnostic diagnostic) {
    diagnostics.accept(diagnostic);
  }

  /**
   * {@return the value of an expression in a module's namespace}
   *
   * @param label how messages call the expression's source
   */
  public PyObject evaluate(PyModule module, String label, String expression) {
    SourceFile file = new SourceFile(label, expression);
    Expr parsed = Parser.parseExpression(file, limits);
    return guarded(
        () -> {
          enter("<expression>", file, false);
          try {
            return expressions.evaluate(
                parsed, Environment.ofModule(module.namespace(), file, false));
          } finally {
            leave();
          }
        });
  }

  /** {@return what {@code work} gives; an uncaught Python exception becomes a diagnostic} */
  public <T> T guarded(java.util.function.Supplier<T> work) {
    try {
      return work.get();
    } catch (PyRaise raised) {
      frames.clear();
      throw uncaught(raised);
    }
  }

  IsomorphException uncaught(PyRaise raised) {
    String message = text.str(raised.exception());
    String type = raised.exception().type().name();
    boolean missingModule = raised.exception().type().isSubclassOf(Types.exception("ImportError"));
    ErrorCode code = missingModule ? ErrorCode.UNSUPPORTED_CONSTRUCT : ErrorCode.SOURCE_RAISED;
    String place = raised.place();
    int colon = place.indexOf(':');
    return Diagnostic.error(code, "%s%s", type, message.isEmpty() ? "" : ": " + message)
        .inFile(colon < 0 ? place : place.substring(0, colon))
        .from(place)
        .toException();
  }

  void enter(String function, SourceFile file, boolean library) {
    if (frames.size() >= RECURSION) {
      throw raise("RecursionError", "maximum recursion depth exceeded");
    }
    frames.add(new Frame(function, file, library));
  }

  void leave() {
    frames.removeLast();
  }

  int depth() {
    return frames.size();
  }

  /** Forgets the calls above a depth, after an exception passed through them. */
  void unwind(int depth) {
    while (frames.size() > depth) {
      frames.removeLast();
    }
  }

  /** Counts one step at a place. */
  void step(Position at) {
    frames.getLast().at = at;
    count(1);
  }

  /** Counts work against the budget. */
  public void count(long more) {
    steps += more;
    if (steps > limits.steps()) {
      throw Diagnostic.error(ErrorCode.FORMAT_LIMIT, "the source takes more steps than are allowed")
          .inFile(frames.isEmpty() ? "" : frames.getLast().file.name())
          .from(place())
          .expected("at most " + limits.steps(), "more")
          .toException();
    }
  }

  /** Checks that a sequence does not grow beyond what is allowed. */
  void checkSize(long size) {
    if (size < 0 || size > limits.objects()) {
      throw Diagnostic.error(ErrorCode.FORMAT_LIMIT, "the source makes too large a sequence")
          .from(place())
          .expected("at most " + limits.objects() + " elements", size)
          .toException();
    }
  }

  /** {@return {@code file:line} of the innermost code of the user that is being run} */
  public String place() {
    for (int i = frames.size() - 1; i >= 0; i--) {
      Frame frame = frames.get(i);
      if (!frame.library) {
        return frame.file.name() + ":" + frame.at.line();
      }
    }
    return frames.isEmpty() ? "" : frames.getLast().file.name() + ":" + frames.getLast().at.line();
  }

  private String file() {
    String place = place();
    int colon = place.lastIndexOf(':');
    return colon < 0 ? place : place.substring(0, colon);
  }

  /** {@return a Python exception of a built-in type, to be thrown} */
  public RuntimeException raise(String type, String format, Object... arguments) {
    String message =
        arguments.length == 0 ? format : String.format(java.util.Locale.ROOT, format, arguments);
    PyInstance exception = new PyInstance(Types.exception(type), null);
    exception.attributes().put("args", PyObject.tuple(PyObject.of(message)));
    return new PyRaise(exception, place());
  }

  /** {@return an error about a construct that is outside the subset, at the current place} */
  public IsomorphException unsupported(String format, Object... arguments) {
    return unsupported(ErrorCode.UNSUPPORTED_CONSTRUCT, format, arguments);
  }

  /** {@return an error at the current place} */
  public IsomorphException unsupported(ErrorCode code, String format, Object... arguments) {
    return Diagnostic.error(code, format, arguments).inFile(file()).from(place()).toException();
  }

  /** Suspends the running generator at a yield, with its frame off the stack meanwhile. */
  PyObject suspend(Generator generator, PyObject value) {
    Frame frame = frames.removeLast();
    PyObject sent = generator.emit(value);
    frames.add(frame);
    return sent;
  }

  void register(Generator generator) {
    generators.add(generator);
  }

  /** Ends suspended generators. */
  @Override
  public void close() {
    generators.forEach(Generator::close);
    generators.clear();
  }
}
