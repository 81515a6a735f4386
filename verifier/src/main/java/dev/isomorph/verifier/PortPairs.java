package dev.isomorph.verifier;

import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Signature.Port;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.verifier.inputs.InputSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;

/**
 * Which input and output of the target stands for which of the source: by the user's word, else by
 * name, else by order with a note.
 *
 * @param inputs target names by source names
 * @param outputs target names by source names
 */
record PortPairs(SequencedMap<String, String> inputs, SequencedMap<String, String> outputs) {

  /**
   * {@return the pairs}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#USAGE_NOTHING_TO_COMPARE}
   *     if the numbers of inputs or of outputs differ and names do not settle it
   */
  static PortPairs of(
      Signature source, Signature target, Map<String, String> names, Consumer<Diagnostic> notes) {
    return new PortPairs(
        pair("input", source.inputs(), target.inputs(), names, notes),
        pair("output", source.outputs(), target.outputs(), names, notes));
  }

  private static SequencedMap<String, String> pair(
      String what,
      List<Port> source,
      List<Port> target,
      Map<String, String> names,
      Consumer<Diagnostic> notes) {
    List<String> left = new ArrayList<>(source.stream().map(Port::name).toList());
    List<String> right = new ArrayList<>(target.stream().map(Port::name).toList());
    if (left.size() != right.size()) {
      throw Diagnostic.error(
              ErrorCode.USAGE_NOTHING_TO_COMPARE,
              "the models have different numbers of %ss, so that they cannot be compared",
              what)
          .expected(String.join(", ", left), String.join(", ", right))
          .toException();
    }
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String name : List.copyOf(left)) {
      String wanted = names.getOrDefault(name, name);
      if (right.remove(wanted)) {
        pairs.put(name, wanted);
        left.remove(name);
      } else if (names.containsKey(name)) {
        throw Diagnostic.error(ErrorCode.USAGE, "the target has no %s '%s'", what, wanted)
            .expected(String.join(", ", target.stream().map(Port::name).toList()), wanted)
            .toException();
      }
    }
    for (int i = 0; i < left.size(); i++) {
      pairs.put(left.get(i), right.get(i));
      notes.accept(
          Diagnostic.note(
              ErrorCode.USAGE,
              "%s '%s' is compared with '%s' because of their order",
              what,
              left.get(i),
              right.get(i)));
    }
    SequencedMap<String, String> ordered = new LinkedHashMap<>();
    source.forEach(port -> ordered.put(port.name(), pairs.get(port.name())));
    return ordered;
  }

  /** {@return the same inputs under the target's names} */
  InputSet rename(InputSet set) {
    SequencedMap<String, Tensor> values = new LinkedHashMap<>();
    set.values().forEach((name, tensor) -> values.put(inputs.getOrDefault(name, name), tensor));
    return new InputSet(set.name(), values);
  }
}
