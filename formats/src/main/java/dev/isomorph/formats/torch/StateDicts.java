package dev.isomorph.formats.torch;

import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.Text;
import dev.isomorph.formats.pickle.DictValue;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.torch.StateDictCandidate.Leaf;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Picks a model's weights out of what {@code torch.save} wrote: a state dict, or a checkpoint that
 * holds one beside optimizer states, averages and counters. The rule:
 *
 * <ol>
 *   <li>A key given by the user names the place: {@code --key a.b}, list items by their number.
 *   <li>Otherwise the candidates are all dicts (and pickled modules) that hold tensors under text
 *       keys directly. Parts below a key that belongs to an optimizer, scheduler or scaler are no
 *       candidates. When everything below the root is tensors in nested dicts, and no key is one of
 *       the well-known names below, the root is the only candidate, its keys joined by dots.
 *   <li>A single candidate is picked.
 *   <li>Of several, one is picked if it alone lies below a well-known name: {@code state_dict},
 *       {@code model_state_dict}, {@code model}, {@code net}, {@code network}, {@code module},
 *       {@code params}, {@code params_ema}, {@code ema}, {@code model_ema}, {@code generator},
 *       {@code weights}.
 *   <li>Else one is picked if it holds more elements than all others (below well-known names, if
 *       any is) together.
 *   <li>Otherwise the choice is the user's: the error lists the candidates.
 * </ol>
 *
 * All methods are safe for many threads.
 */
public final class StateDicts {
  private static final Set<String> WELL_KNOWN =
      Set.of(
          "state_dict",
          "model_state_dict",
          "model",
          "net",
          "network",
          "module",
          "params",
          "params_ema",
          "ema",
          "model_ema",
          "generator",
          "weights");

  private static final List<String> WRAPPER_PREFIXES = List.of("module.", "_orig_mod.");

  private static final int MOST_SHOWN = 8;

  private StateDicts() {}

  /**
   * {@return the weights of a file}
   *
   * @param key where they are, joined by dots, if the user says so
   * @throws IsomorphException {@link ErrorCode#USAGE} when the key leads nowhere or the choice is
   *     ambiguous, {@link ErrorCode#FORMAT_INVALID} when there are no tensors, {@link
   *     ErrorCode#UNSUPPORTED_FEATURE} naming every tensor that cannot be used
   */
  public static StateDict pick(TorchFile file, Optional<String> key, Limits limits) {
    return pick(file.root(), key, limits);
  }

  /** {@return the weights in a value; see {@link #pick(TorchFile, Optional, Limits)}} */
  public static StateDict pick(PickleValue root, Optional<String> key, Limits limits) {
    if (root instanceof DictValue dict && dict.entries().isEmpty() && key.isEmpty()) {
      // What a network without weights saves.
      return new StateDict("", List.of(), List.of(), Optional.empty(), List.of());
    }
    StateDictSearch search = new StateDictSearch(root, limits);
    List<StateDictCandidate> candidates = search.candidates();
    StateDictCandidate chosen =
        key.isPresent()
            ? search.at(key.get()).orElseThrow(() -> noSuchKey(key.get(), candidates))
            : choose(candidates, root);
    List<Diagnostic> notes = new ArrayList<>();
    if (!chosen.path().isEmpty()) {
      notes.add(note("the weights were taken from " + chosen.summary()));
      List<String> unused = search.besides(chosen);
      if (!unused.isEmpty()) {
        notes.add(note("not used: " + String.join(", ", unused)));
      }
    }
    return convert(chosen, notes);
  }

  private static StateDictCandidate choose(List<StateDictCandidate> candidates, PickleValue root) {
    if (candidates.isEmpty()) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "the file holds no state dict")
          .expected("a dict of tensors", root.describe())
          .toException();
    }
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    List<StateDictCandidate> known =
        candidates.stream()
            .filter(c -> c.path().stream().anyMatch(StateDicts::isWellKnown))
            .toList();
    if (known.size() == 1) {
      return known.getFirst();
    }
    List<StateDictCandidate> pool = known.isEmpty() ? candidates : known;
    StateDictCandidate largest =
        pool.stream()
            .max(java.util.Comparator.comparingLong(StateDictCandidate::elements))
            .orElseThrow();
    long rest =
        pool.stream().filter(c -> c != largest).mapToLong(StateDictCandidate::elements).sum();
    if (rest >= 0 && largest.elements() > rest) {
      return largest;
    }
    throw Diagnostic.error(
            ErrorCode.USAGE,
            "the file holds several state dicts, none of which is clearly the model's")
        .expected("one state dict", list(pool))
        .help("choose one with --key, such as --key " + pool.getFirst().dottedPath())
        .toException();
  }

  static boolean isWellKnown(String name) {
    return WELL_KNOWN.contains(name.toLowerCase(Locale.ROOT));
  }

  private static IsomorphException noSuchKey(String key, List<StateDictCandidate> candidates) {
    return Diagnostic.error(
            ErrorCode.USAGE, "the key %s leads to no dict of tensors", Text.quote(key))
        .expected("one of: " + list(candidates), Text.quote(key))
        .toException();
  }

  private static String list(List<StateDictCandidate> candidates) {
    return candidates.stream().map(StateDictCandidate::summary).collect(Collectors.joining("\n"));
  }

  private static StateDict convert(StateDictCandidate chosen, List<Diagnostic> notes) {
    List<NamedTensor> tensors = new ArrayList<>();
    List<StateDict.Other> others = new ArrayList<>();
    List<Diagnostic> faults = new ArrayList<>();
    for (Leaf leaf : chosen.leaves()) {
      if (!(leaf.value() instanceof TensorRef tensor)) {
        others.add(new StateDict.Other(leaf.key(), leaf.value().describe()));
        continue;
      }
      tensor
          .subclass()
          .ifPresent(
              type ->
                  notes.add(
                      note(
                          "the tensor "
                              + Text.quote(leaf.key())
                              + " was of class "
                              + Text.quote(type))));
      try {
        tensors.add(tensor.named(leaf.key()));
      } catch (IsomorphException e) {
        e.map(d -> d.inEntry(leaf.key())).diagnostics().forEach(faults::add);
      }
    }
    if (!faults.isEmpty()) {
      throw new IsomorphException(faults);
    }
    if (!others.isEmpty()) {
      notes.add(
          note(
              "the state dict has entries that are no tensors: "
                  + others.stream()
                      .limit(MOST_SHOWN)
                      .map(o -> Text.quote(o.key()) + " is " + o.description())
                      .collect(Collectors.joining(", "))
                  + (others.size() > MOST_SHOWN
                      ? ", and " + (others.size() - MOST_SHOWN) + " more"
                      : "")));
    }
    for (String prefix : WRAPPER_PREFIXES) {
      if (!tensors.isEmpty() && tensors.stream().allMatch(t -> t.name().startsWith(prefix))) {
        notes.add(
            note("every key begins with '" + prefix + "', which a wrapper of the model added"));
      }
    }
    Optional<DictValue> metadata =
        chosen.value() instanceof DictValue dict
            ? dict.attributes()
                .flatMap(a -> a.get("_metadata"))
                .filter(DictValue.class::isInstance)
                .map(DictValue.class::cast)
            : Optional.empty();
    return new StateDict(chosen.dottedPath(), tensors, others, metadata, notes);
  }

  private static Diagnostic note(String text) {
    return Diagnostic.note(ErrorCode.WEIGHTS_MISMATCH, "%s", text);
  }
}
