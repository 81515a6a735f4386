package dev.isomorph.formats.pickle;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Says what a pickle would do if Python loaded it: which globals it would import, what it would
 * call with what, and what pickles lie inside its bytes. Nothing is resolved or executed, and no
 * constructor of the closed list is applied, so that a stream which a constructor would refuse is
 * still read to its end. A stream that breaks is reported with all that it would have done until
 * then, for Python would have done it.
 */
public final class PickleScan implements PickleListener {
  /** Loads the pickles in its argument: as harmless as they are. */
  static final String LOADER = "torch.storage._load_from_bytes";

  /** The most that anything loads from a stream: what torch.save writes are five. */
  private static final int NESTED_PICKLES = 5;

  private static final int MOST_CALLS = 1000;
  private static final int MOST_GLOBALS = 100_000;
  private static final int DEEPEST = 4;
  private static final int MOST_ARGUMENTS = 4;

  /** What a global may do. */
  public enum Verdict {
    /** It only holds data. */
    HARMLESS,
    /** It is neither known to be harmless nor known to be dangerous: code that must be trusted. */
    UNKNOWN,
    /** It can run code, change files, open connections, or load another pickle. */
    DANGEROUS
  }

  /**
   * A global that the stream names.
   *
   * @param name {@code module.name}
   * @param verdict what it may do
   * @param reason why, in a few words
   * @param offset where it is named first
   * @param count how often it is named
   */
  public record Import(String name, Verdict verdict, String reason, long offset, int count) {}

  /**
   * A call that Python would make, of something that is not harmless.
   *
   * @param callable what is called
   * @param verdict what it may do
   * @param arguments the arguments, shortened
   * @param opcode how it is called
   * @param offset where
   */
  public record CallSite(
      String callable, Verdict verdict, String arguments, Opcode opcode, long offset) {}

  /**
   * What one stream would do.
   *
   * @param imports the globals, in order of their first mention
   * @param calls the calls that are not harmless, in order; the first thousand
   * @param nested what the pickles in its bytes would do
   * @param broken where and why the stream cannot be read to its end, if so
   */
  public record Report(
      List<Import> imports,
      List<CallSite> calls,
      List<Report> nested,
      Optional<Diagnostic> broken) {
    public Report {
      imports = List.copyOf(imports);
      calls = List.copyOf(calls);
      nested = List.copyOf(nested);
    }

    /** {@return the worst that it may do}; a broken stream is never harmless. */
    public Verdict verdict() {
      Verdict worst = broken.isPresent() ? Verdict.UNKNOWN : Verdict.HARMLESS;
      for (Import i : imports) {
        worst = i.verdict.compareTo(worst) > 0 ? i.verdict : worst;
      }
      for (CallSite c : calls) {
        worst = c.verdict.compareTo(worst) > 0 ? c.verdict : worst;
      }
      for (Report r : nested) {
        worst = r.verdict().compareTo(worst) > 0 ? r.verdict() : worst;
      }
      return worst;
    }
  }

  private final PickleDialect known;
  private final Limits limits;
  private final int depth;
  private final Map<String, Import> imports = new LinkedHashMap<>();
  private final List<CallSite> calls = new ArrayList<>();
  private final List<Report> nested = new ArrayList<>();

  private PickleScan(PickleDialect known, Limits limits, int depth) {
    this.known = known;
    this.limits = limits;
    this.depth = depth;
  }

  /**
   * {@return what the pickles in a stream would do, one after another}
   *
   * @param bytes the stream
   * @param count how many pickles to read, at most; reading ends at the end of the bytes
   * @param known whose constructors count as harmless
   */
  public static Report scan(MemorySegment bytes, int count, PickleDialect known, Limits limits) {
    return scan(bytes, count, known, limits, 0);
  }

  private static Report scan(
      MemorySegment bytes, int count, PickleDialect known, Limits limits, int depth) {
    PickleScan scan = new PickleScan(known, limits, depth);
    return scan.report(
        listener -> {
          PickleReader reader = new PickleReader(bytes, PickleDialect.inert(), limits, listener);
          for (int i = 0; i < count && (i == 0 || reader.position() < bytes.byteSize()); i++) {
            try {
              reader.read();
            } catch (IsomorphException e) {
              // Behind a whole pickle other data may follow, which nothing loads as a pickle.
              if (i == 0 || depth == 0) {
                throw e;
              }
              return;
            }
          }
        });
  }

  /**
   * {@return what the pickles that are read by {@code read} would do, for containers that mix
   * pickles and data}
   *
   * @param read reads pickles and passes on the listener that it is given; its exceptions end the
   *     scan
   */
  public static Report scan(PickleDialect known, Limits limits, Consumer<PickleListener> read) {
    return new PickleScan(known, limits, 0).report(read);
  }

  private Report report(Consumer<PickleListener> read) {
    Optional<Diagnostic> broken = Optional.empty();
    try {
      read.accept(this);
    } catch (IsomorphException e) {
      broken = Optional.of(e.diagnostics().getFirst());
    }
    return new Report(List.copyOf(imports.values()), calls, nested, broken);
  }

  @Override
  public void onGlobal(GlobalValue global) {
    String name = global.qualifiedName();
    Import old = imports.get(name);
    if (old != null) {
      imports.put(name, new Import(name, old.verdict, old.reason, old.offset, old.count + 1));
      return;
    }
    Limits.check("the number of globals", imports.size(), MOST_GLOBALS);
    GlobalVerdicts.Judged judged = GlobalVerdicts.judge(global, known);
    imports.put(name, new Import(name, judged.verdict(), judged.reason(), global.offset(), 1));
  }

  @Override
  public void onCall(PickleValue callable, TupleValue arguments, Opcode opcode, long offset) {
    Verdict verdict =
        callable instanceof GlobalValue g
            ? GlobalVerdicts.judge(g, known).verdict()
            : Verdict.UNKNOWN;
    boolean loads = callable instanceof GlobalValue g && g.qualifiedName().equals(LOADER);
    if (verdict == Verdict.HARMLESS && !loads) {
      return;
    }
    int before = nested.size();
    arguments.items().forEach(this::scanNested);
    if (loads && nested.size() > before) {
      return;
    }
    String name =
        callable instanceof GlobalValue g
            ? g.qualifiedName()
            : "the result of " + callable.describe();
    add(new CallSite(name, loads ? Verdict.UNKNOWN : verdict, describe(arguments), opcode, offset));
  }

  @Override
  public void onBuild(PickleValue target, PickleValue state, long offset) {
    if (target instanceof GlobalValue g) {
      add(
          new CallSite(
              g.qualifiedName(),
              Verdict.DANGEROUS,
              "its attributes are changed",
              Opcode.BUILD,
              offset));
    }
  }

  private void add(CallSite call) {
    if (calls.size() < MOST_CALLS) {
      calls.add(call);
    }
  }

  private void scanNested(PickleValue value) {
    Optional<MemorySegment> bytes =
        switch (value) {
          case PickleValue.Bytes b -> Optional.of(b.value());
          case InstanceValue i
              when i.typeName().filter("_codecs.encode"::equals).isPresent()
                  && !i.arguments().items().isEmpty()
                  && i.arguments().items().getFirst() instanceof StrValue s ->
              latin1(s.value());
          default -> Optional.empty();
        };
    if (bytes.isPresent() && depth < DEEPEST && looksLikePickle(bytes.get())) {
      nested.add(scan(bytes.get(), NESTED_PICKLES, known, limits, depth + 1));
    }
  }

  private static Optional<MemorySegment> latin1(String text) {
    byte[] raw = new byte[text.length()];
    for (int i = 0; i < raw.length; i++) {
      if (text.charAt(i) > 0xFF) {
        return Optional.empty();
      }
      raw[i] = (byte) text.charAt(i);
    }
    return Optional.of(MemorySegment.ofArray(raw));
  }

  /** {@return whether bytes begin with the protocol mark of a pickle} */
  public static boolean looksLikePickle(MemorySegment bytes) {
    return bytes.byteSize() > 2
        && bytes.get(ValueLayout.JAVA_BYTE, 0) == (byte) 0x80
        && bytes.get(ValueLayout.JAVA_BYTE, 1) >= 2
        && bytes.get(ValueLayout.JAVA_BYTE, 1) <= 5;
  }

  private static String describe(TupleValue arguments) {
    List<String> shown =
        new ArrayList<>(
            arguments.items().stream().limit(MOST_ARGUMENTS).map(PickleScan::describe).toList());
    if (arguments.items().size() > MOST_ARGUMENTS) {
      shown.add("…");
    }
    return "(" + String.join(", ", shown) + ")";
  }

  private static String describe(PickleValue value) {
    String text = value.describe();
    return text.startsWith("the str ") ? text.substring(8) : text;
  }
}
