package dev.isomorph.verifier;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.verifier.VerificationRequest.EngineFile;
import dev.isomorph.verifier.VerificationRequest.Side;
import dev.isomorph.verifier.engine.Engine;
import dev.isomorph.verifier.engine.EngineSession;
import dev.isomorph.verifier.engine.Engines;
import dev.isomorph.verifier.inputs.InputSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** The engines of one verification, each with the files that it has loaded. */
final class EngineRuns implements AutoCloseable {
  /**
   * What one engine computed.
   *
   * @param outputs by the source's names; empty if it failed
   * @param failure the engine's own words, if it failed
   */
  record Run(
      String engine, EngineFile file, Map<String, Datum> outputs, Optional<String> failure) {}

  private record Loaded(Engine engine, EngineFile file, EngineSession session) {}

  private final List<Loaded> loaded = new ArrayList<>();
  private final List<Verdict.EngineUse> uses = new ArrayList<>();
  private final List<Run> refusals = new ArrayList<>();

  private EngineRuns() {}

  static EngineRuns open(VerificationRequest request) {
    EngineRuns runs = new EngineRuns();
    List<Engine> engines =
        request.engines().isEmpty()
            ? Engines.all()
            : request.engines().stream().map(Engines::require).toList();
    try {
      for (Engine engine : engines) {
        for (EngineFile file : request.files()) {
          if (engine.runs(file.format())) {
            runs.load(engine, file);
          }
        }
      }
    } catch (RuntimeException e) {
      runs.close();
      throw e;
    }
    return runs;
  }

  private void load(Engine engine, EngineFile file) {
    Engine.Availability availability = engine.availability();
    if (!availability.present()) {
      uses.add(new Verdict.EngineUse(engine.name(), "", false, availability.reason()));
      return;
    }
    try {
      loaded.add(new Loaded(engine, file, engine.open(file.path(), file.signature())));
      uses.add(new Verdict.EngineUse(engine.name(), availability.version(), true, ""));
    } catch (IsomorphException e) {
      // A file that its own engines refuse has failed, even if we could read it.
      refusals.add(new Run(engine.name(), file, Map.of(), Optional.of(words(e))));
      uses.add(new Verdict.EngineUse(engine.name(), availability.version(), false, words(e)));
    }
  }

  /** {@return whether an engine runs the source itself} */
  boolean hasWitness() {
    return loaded.stream().anyMatch(l -> l.file.side() == Side.SOURCE);
  }

  List<Verdict.EngineUse> uses() {
    return List.copyOf(uses);
  }

  /** {@return what each engine computes for these inputs, given under the source's names} */
  List<Run> run(InputSet set, Optional<PortPairs> pairs) {
    List<Run> runs = new ArrayList<>(refusals);
    for (Loaded each : loaded) {
      boolean renames = each.file.side() == Side.TARGET && pairs.isPresent();
      InputSet own = renames ? pairs.get().rename(set) : set;
      try {
        SequencedMap<String, Datum> outputs = each.session.run(own.values());
        runs.add(
            new Run(
                each.engine.name(),
                each.file,
                renames ? underSourceNames(outputs, pairs.get()) : outputs,
                Optional.empty()));
      } catch (IsomorphException e) {
        runs.add(new Run(each.engine.name(), each.file, Map.of(), Optional.of(words(e))));
      }
    }
    return runs;
  }

  private static Map<String, Datum> underSourceNames(Map<String, Datum> outputs, PortPairs pairs) {
    Map<String, Datum> renamed = new LinkedHashMap<>();
    pairs
        .outputs()
        .forEach(
            (name, inTarget) -> {
              if (outputs.containsKey(inTarget)) {
                renamed.put(name, outputs.get(inTarget));
              }
            });
    return renamed;
  }

  private static String words(IsomorphException e) {
    Diagnostic first = e.diagnostics().getFirst();
    return first.message();
  }

  @Override
  public void close() {
    loaded.forEach(each -> each.session.close());
    loaded.clear();
  }
}
