package dev.isomorph.runtime;

import dev.isomorph.ir.Signature;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Checks what a caller gives against what a signature declares. */
final class InputCheck {
  private record Bound(long length, String place) {}

  private InputCheck() {}

  /**
   * {@return the inputs in the signature's order}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#INPUT_MISMATCH} with
   *     everything that does not fit
   */
  static List<Datum> check(Signature signature, Map<String, ? extends Datum> given) {
    Diagnostics problems = new Diagnostics();
    Set<String> unknown = new TreeSet<>(given.keySet());
    List<Datum> ordered = new ArrayList<>();
    Map<String, Bound> symbols = new HashMap<>();
    for (Signature.Port port : signature.inputs()) {
      unknown.remove(port.name());
      Datum value = given.get(port.name());
      if (value == null) {
        problems.accept(
            Diagnostic.error(ErrorCode.INPUT_MISMATCH, "input '%s' is missing", port.name())
                .expected(port.type(), "nothing"));
        continue;
      }
      ordered.add(value);
      if (port.type() instanceof ValueType.TensorType type) {
        tensor(port.name(), type, value, symbols, problems);
      }
    }
    expressions(signature, given, symbols, problems);
    for (String name : unknown) {
      problems.accept(
          Diagnostic.error(ErrorCode.INPUT_MISMATCH, "there is no input '%s'", name)
              .expected(
                  String.join(", ", signature.inputs().stream().map(Signature.Port::name).toList()),
                  name));
    }
    problems.throwIfErrors();
    return ordered;
  }

  private static void tensor(
      String name,
      ValueType.TensorType type,
      Datum value,
      Map<String, Bound> symbols,
      Diagnostics problems) {
    if (!(value instanceof Tensor tensor)) {
      problems.accept(
          Diagnostic.error(ErrorCode.INPUT_MISMATCH, "input '%s' must be a tensor", name)
              .expected(type, value.getClass().getSimpleName()));
      return;
    }
    if (tensor.dtype() != type.dtype()) {
      problems.accept(
          Diagnostic.error(ErrorCode.INPUT_MISMATCH, "input '%s' has another element type", name)
              .expected(type, tensor.typeText()));
    }
    if (!type.shape().isRanked()) {
      return;
    }
    boolean fits = tensor.rank() == type.shape().rank();
    for (int i = 0; fits && i < tensor.rank(); i++) {
      Dim dim = type.shape().dim(i);
      fits = !dim.isKnown() || dim.known() == tensor.dim(i);
    }
    if (!fits) {
      problems.accept(
          Diagnostic.error(ErrorCode.INPUT_MISMATCH, "input '%s' has another shape", name)
              .expected(type, tensor.typeText()));
      return;
    }
    for (int i = 0; i < tensor.rank(); i++) {
      Dim dim = type.shape().dim(i);
      if (dim.isKnown() || !Dim.isSymbolName(dim.toString())) {
        continue;
      }
      String place = "axis " + i + " of '" + name + "'";
      Bound before = symbols.putIfAbsent(dim.toString(), new Bound(tensor.dim(i), place));
      if (before != null && before.length != tensor.dim(i)) {
        problems.accept(
            Diagnostic.error(ErrorCode.INPUT_MISMATCH, "dim %s has two lengths in one call", dim)
                .expected(
                    before.length + " (" + before.place + ")", tensor.dim(i) + " (" + place + ")"));
      }
    }
  }

  private static void expressions(
      Signature signature,
      Map<String, ? extends Datum> given,
      Map<String, Bound> symbols,
      Diagnostics problems) {
    Map<String, Long> lengths = new HashMap<>();
    symbols.forEach((symbol, bound) -> lengths.put(symbol, bound.length));
    for (Signature.Port port : signature.inputs()) {
      if (!(given.get(port.name()) instanceof Tensor tensor)
          || !port.type().shape().isRanked()
          || port.type().shape().rank() != tensor.rank()) {
        continue;
      }
      for (int i = 0; i < tensor.rank(); i++) {
        Dim dim = port.type().shape().dim(i).evaluate(lengths);
        boolean expression = !Dim.isSymbolName(port.type().shape().dim(i).toString());
        if (expression
            && !port.type().shape().dim(i).isKnown()
            && dim.isKnown()
            && dim.known() != tensor.dim(i)) {
          problems.accept(
              Diagnostic.error(
                      ErrorCode.INPUT_MISMATCH,
                      "axis %d of input '%s' is not %s",
                      i,
                      port.name(),
                      port.type().shape().dim(i))
                  .expected(dim, tensor.dim(i)));
        }
      }
    }
  }
}
