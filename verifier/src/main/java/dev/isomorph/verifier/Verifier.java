package dev.isomorph.verifier;

import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.math.SummationOrder;
import dev.isomorph.verifier.CheckRow.Check;
import dev.isomorph.verifier.CheckRow.Status;
import dev.isomorph.verifier.Verdict.LocalResult;
import dev.isomorph.verifier.inputs.InputSet;
import dev.isomorph.verifier.inputs.InputSets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Decides whether two models are the same function. The source runs in f64 (the truth); the target,
 * as it was read back, must agree with it to f64's own rounding; other engines on the target's file
 * must stay within the spread that legal rounding gives the source's own precision. No tolerance is
 * guessed.
 */
public final class Verifier {
  /** How many times an f64 result's own spread a difference between two f64 runs may be. */
  static final double F64_FACTOR = 16;

  /** How many times the spread of legal roundings another engine may be away. */
  static final double ENGINE_FACTOR = 4;

  private static final int F64_RUNS = 3;
  private static final int OWN_RUNS = 6;

  private final VerificationRequest request;
  private final Subject source;
  private final Optional<Subject> target;
  private final Optional<PortPairs> pairs;
  private final List<Diagnostic> notes = new ArrayList<>();
  private final List<CheckRow> rows = new ArrayList<>();
  private final Doubts doubts = new Doubts();
  private final AccuracyCounter accuracy;
  private final List<String> refused = new ArrayList<>();

  private Verifier(VerificationRequest request) {
    this.request = request;
    this.source = new Subject(request.source(), request.source().signature());
    this.target = request.target().map(model -> new Subject(model, model.signature()));
    this.pairs =
        target.map(
            t -> PortPairs.of(source.signature(), t.signature(), request.names(), notes::add));
    this.accuracy = new AccuracyCounter(request.labels());
  }

  /**
   * {@return the verdict}
   *
   * @throws IsomorphException {@link ErrorCode#USAGE_NOTHING_TO_COMPARE} if there is neither a
   *     target nor a witness; {@link ErrorCode#ENGINE_MISSING} if an engine asked for by name is
   *     not there; {@link ErrorCode#UNSUPPORTED_OPERATOR} with all operators that the reference
   *     runtime lacks
   */
  public static Verdict verify(VerificationRequest request) {
    return new Verifier(request).verify();
  }

  private Verdict verify() {
    try (EngineRuns engines = EngineRuns.open(request)) {
      if (target.isEmpty() && request.expected().isEmpty() && !engines.hasWitness()) {
        throw nothingToCompare();
      }
      Optional<LocalTest> local = target.map(t -> new LocalTest(source, t));
      Optional<Rewritten> rewritten = target.map(t -> new Rewritten(source, t));
      int given = 0;
      for (InputSet set : request.inputs()) {
        given += compare(given, set, engines, local, rewritten) ? 1 : 0;
      }
      int compared = given + generated(request.sizes(), engines, local, rewritten);
      if (compared == given && given > 0 && !sizesOfGiven().isEmpty()) {
        compared += generated(sizesOfGiven(), engines, local, rewritten);
      }
      if (compared == 0 || rows.isEmpty()) {
        throw nothingToCompare();
      }
      return verdict(
          engines, local.map(LocalTest::result).orElse(LocalResult.none(source.graph())));
    }
  }

  /** Compares under inputs that are made; returns how many sets the source takes. */
  private int generated(
      Map<String, Long> sizes,
      EngineRuns engines,
      Optional<LocalTest> local,
      Optional<Rewritten> rewritten) {
    List<InputSet> sets;
    try {
      sets = InputSets.generate(source.signature(), sizes, request.seed());
    } catch (IsomorphException e) {
      if (request.inputs().isEmpty()) {
        throw e;
      }
      notes.add(
          Diagnostic.note(
              ErrorCode.USAGE_SHAPE_NEEDED,
              "only the given inputs are used: %s",
              e.diagnostics().getFirst().message()));
      return 0;
    }
    refused.clear();
    int compared = 0;
    for (InputSet set : sets) {
      compared += compare(request.inputs().size(), set, engines, local, rewritten) ? 1 : 0;
    }
    if (!refused.isEmpty()) {
      notes.add(
          Diagnostic.note(
              ErrorCode.INPUT_MISMATCH,
              "%d of %d sets of inputs are not used, because the source does not take them: %s",
              refused.size(),
              sets.size(),
              refused.getFirst()));
    }
    return compared;
  }

  /** {@return sizes of symbolic dims as the first given inputs have them, the batch left free} */
  private Map<String, Long> sizesOfGiven() {
    Map<String, Long> sizes = new LinkedHashMap<>(request.sizes());
    InputSet given = request.inputs().getFirst();
    for (Signature.Port port : source.signature().inputs()) {
      Tensor tensor = given.values().get(port.name());
      boolean fits = tensor != null && port.type().shape().hasRank(tensor.rank());
      for (int axis = 1; fits && axis < tensor.rank(); axis++) {
        String symbol = port.type().shape().dim(axis).toString();
        if (port.type().shape().dim(axis).symbols().contains(symbol)) {
          sizes.putIfAbsent(symbol, tensor.dim(axis));
        }
      }
    }
    return sizes.equals(request.sizes()) ? Map.of() : sizes;
  }

  /** Compares under one set of inputs; false if the source itself does not take such inputs. */
  private boolean compare(
      int index,
      InputSet set,
      EngineRuns engines,
      Optional<LocalTest> local,
      Optional<Rewritten> rewritten) {
    boolean given = index < request.inputs().size();
    Subject.Trace truth;
    try {
      truth = source.trace(set, RunOptions.TRUTH);
    } catch (IsomorphException e) {
      if (given || e.code() == ErrorCode.UNSUPPORTED_OPERATOR) {
        throw e;
      }
      refused.add("'%s': %s".formatted(set.name(), e.diagnostics().getFirst().message()));
      return false;
    }
    List<SequencedMap<String, Datum>> own = ownRuns(set);
    doubts.observe(truth.outputs(), own);
    doubts.probe(source, set, truth.outputs());
    Map<String, Map<String, double[]>> effects = Map.of();
    if (target.isPresent()) {
      effects = function(set, truth, rewritten.orElseThrow());
      local.orElseThrow().compare(set.name(), truth);
    }
    engines(set, truth, own, effects, engines);
    if (index < request.expected().size()) {
      witness("recorded values", set, truth, own, request.expected().get(index));
    }
    if (index == 0) {
      accuracy.add("f64 truth", truth.outputs());
    }
    return true;
  }

  private List<SequencedMap<String, Datum>> ownRuns(InputSet set) {
    List<SequencedMap<String, Datum>> runs = new ArrayList<>();
    SummationOrder[] orders = SummationOrder.values();
    for (int run = 0; run < OWN_RUNS; run++) {
      runs.add(
          source.run(
              set,
              RunOptions.OWN
                  .withOrder(orders[run % orders.length])
                  .withPerturbation(request.seed() + run + 1)));
    }
    return runs;
  }

  private Map<String, Map<String, double[]>> function(
      InputSet set, Subject.Trace truth, Rewritten rewritten) {
    InputSet targetSet = pairs.orElseThrow().rename(set);
    Subject other = target.orElseThrow();
    Subject.Trace found;
    try {
      found = other.trace(targetSet, RunOptions.TRUTH);
    } catch (IsomorphException e) {
      if (e.code() == ErrorCode.UNSUPPORTED_OPERATOR) {
        throw e;
      }
      rows.add(
          broken(set, "the target cannot be computed: " + e.diagnostics().getFirst().message()));
      return Map.of();
    }
    List<Subject.Trace> noise = new ArrayList<>();
    for (int run = 1; run <= F64_RUNS; run++) {
      noise.add(source.trace(set, RunOptions.TRUTH.withPerturbation(request.seed() + run)));
    }
    Map<String, Map<String, double[]>> effects =
        rewritten.effects(
            set, truth.outputs(), targetSet, found.outputs(), pairs.orElseThrow().outputs());
    Judge judge = new Judge(Check.FUNCTION, "reference", set.name(), F64_FACTOR, Optional.empty());
    pairs
        .orElseThrow()
        .outputs()
        .forEach(
            (name, inTarget) ->
                rows.addAll(
                    judge.compare(
                        name,
                        found.outputs().get(inTarget),
                        truth.outputs().get(name),
                        noise.stream().map(n -> n.outputs().get(name)).toList(),
                        DType.F64,
                        effects.getOrDefault(name, Map.of()))));
    operands(set, truth, found, noise, rewritten);
    return effects;
  }

  /**
   * Judges what goes into operators that hide differences, where no constant was rewritten before.
   */
  private void operands(
      InputSet set,
      Subject.Trace truth,
      Subject.Trace found,
      List<Subject.Trace> noise,
      Rewritten rewritten) {
    if (rewritten.changesAnything()) {
      return;
    }
    Judge judge = new Judge(Check.OPERAND, "reference", set.name(), F64_FACTOR, Optional.empty());
    for (HidingOperators.Pair pair :
        HidingOperators.pairs(source.graph(), target.orElseThrow().graph())) {
      Datum expected = truth.values().get(pair.source());
      Datum actual = found.values().get(pair.target());
      boolean comparable =
          expected instanceof Tensor a
              && actual instanceof Tensor b
              && java.util.Arrays.equals(a.dims(), b.dims());
      if (comparable) {
        rows.addAll(
            judge.compare(
                pair.name(),
                actual,
                expected,
                noise.stream().map(n -> n.values().get(pair.source())).toList(),
                DType.F64,
                Map.of()));
      }
    }
  }

  private void engines(
      InputSet set,
      Subject.Trace truth,
      List<SequencedMap<String, Datum>> own,
      Map<String, Map<String, double[]>> effects,
      EngineRuns engines) {
    for (EngineRuns.Run run : engines.run(set, pairs)) {
      boolean witness = run.file().side() == VerificationRequest.Side.SOURCE;
      Check check = witness ? Check.WITNESS : Check.ENGINE;
      if (run.failure().isPresent()) {
        rows.add(broken(check, run.engine(), set, run.failure().get()));
        continue;
      }
      judgeAgainstNoise(
          check, run.engine(), set, truth, own, run.outputs(), witness ? Map.of() : effects);
      if (set == request.inputs().stream().findFirst().orElse(null)) {
        accuracy.add(run.engine(), run.outputs());
      }
    }
  }

  private void witness(
      String name,
      InputSet set,
      Subject.Trace truth,
      List<SequencedMap<String, Datum>> own,
      SequencedMap<String, Tensor> expected) {
    Map<String, Datum> byName = new LinkedHashMap<>();
    List<String> outputs = source.signature().outputs().stream().map(Signature.Port::name).toList();
    List<Tensor> inOrder = List.copyOf(expected.values());
    for (int i = 0; i < outputs.size(); i++) {
      Tensor value = expected.get(outputs.get(i));
      if (value == null && i < inOrder.size() && inOrder.size() == outputs.size()) {
        value = inOrder.get(i);
      }
      if (value == null) {
        throw Diagnostic.error(
                ErrorCode.USAGE_NOTHING_TO_COMPARE,
                "no expected value is given for the output '%s'",
                outputs.get(i))
            .expected(String.join(", ", outputs), String.join(", ", expected.keySet()))
            .toException();
      }
      byName.put(outputs.get(i), value);
    }
    judgeAgainstNoise(Check.WITNESS, name, set, truth, own, byName, Map.of());
  }

  private void judgeAgainstNoise(
      Check check,
      String engine,
      InputSet set,
      Subject.Trace truth,
      List<SequencedMap<String, Datum>> own,
      Map<String, Datum> found,
      Map<String, Map<String, double[]>> effects) {
    Judge judge = new Judge(check, engine, set.name(), ENGINE_FACTOR, tolerance());
    for (Signature.Port port : source.signature().outputs()) {
      Datum actual = found.get(port.name());
      if (actual == null) {
        rows.add(broken(check, engine, set, "it has no output '" + port.name() + "'"));
        continue;
      }
      DType precision =
          port.type() instanceof dev.isomorph.ir.ValueType.TensorType t ? t.dtype() : DType.F32;
      rows.addAll(
          judge.compare(
              port.name(),
              actual,
              truth.outputs().get(port.name()),
              own.stream().map(run -> run.get(port.name())).toList(),
              precision,
              effects.getOrDefault(port.name(), Map.of())));
    }
  }

  private Optional<Judge.Tolerance> tolerance() {
    return request.rtol().isEmpty() && request.atol().isEmpty()
        ? Optional.empty()
        : Optional.of(new Judge.Tolerance(request.rtol().orElse(0), request.atol().orElse(0)));
  }

  private Verdict verdict(EngineRuns engines, LocalResult local) {
    List<String> witnesses =
        rows.stream()
            .filter(r -> r.check() == Check.WITNESS)
            .map(CheckRow::engine)
            .distinct()
            .toList();
    Optional<String> witness =
        witnesses.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", witnesses));
    boolean failed =
        rows.stream().anyMatch(r -> r.status() == Status.FAIL) || !local.divergent().isEmpty();
    List<String> sentences = new ArrayList<>(doubts.sentences(source));
    if (request.requireWitness() && witness.isEmpty()) {
      failed = true;
      notes.add(
          Diagnostic.error(
                  ErrorCode.USAGE_NOTHING_TO_COMPARE,
                  "a witness is required, but the source was not run by its own framework")
              .help("give what it computes with --expected, or add its engine"));
    }
    Verdict.Status status =
        failed
            ? Verdict.Status.FAIL
            : sentences.isEmpty() ? Verdict.Status.PASS : Verdict.Status.INCONCLUSIVE;
    return new Verdict(
        status,
        rows,
        local,
        sentences,
        witness,
        engines.uses(),
        accuracy.result(),
        ledger(),
        notes,
        request.seed());
  }

  private List<Verdict.LedgerRow> ledger() {
    List<Verdict.LedgerRow> ledger = new ArrayList<>();
    Map<Long, Value.Parameter> inTarget = new HashMap<>();
    target.ifPresent(
        t ->
            t.model()
                .parameters()
                .forEach(p -> inTarget.putIfAbsent(Rewritten.fingerprint(p.tensor()), p)));
    for (Value.Parameter parameter : source.model().parameters()) {
      if (parameter.kind() == Value.Parameter.Kind.CONSTANT) {
        continue;
      }
      Value.Parameter other = inTarget.get(Rewritten.fingerprint(parameter.tensor()));
      String change =
          target.isEmpty()
              ? parameter.derivation().how()
              : other == null
                  ? "folded or rewritten"
                  : java.util.Arrays.equals(parameter.tensor().dims(), other.tensor().dims())
                      ? "kept"
                      : "rearranged to " + other.type();
      ledger.add(
          new Verdict.LedgerRow(
              parameter.name(),
              other == null ? "" : other.name(),
              parameter.type().toString(),
              change));
    }
    return ledger;
  }

  private CheckRow broken(InputSet set, String detail) {
    return broken(Check.FUNCTION, "reference", set, detail);
  }

  private static CheckRow broken(Check check, String engine, InputSet set, String detail) {
    return new Judge(check, engine, set.name(), 1, Optional.empty()).broken("", detail);
  }

  private static IsomorphException nothingToCompare() {
    return Diagnostic.error(
            ErrorCode.USAGE_NOTHING_TO_COMPARE, "there is nothing to compare the model with")
        .help("give a second model, --expected values, or an engine that runs the model's format")
        .toException();
  }
}
