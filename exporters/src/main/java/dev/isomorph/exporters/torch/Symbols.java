package dev.isomorph.exporters.torch;

import dev.isomorph.ir.Signature;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Names of symbolic dims as local variables of {@code forward}, taken from the inputs' shapes. */
final class Symbols {
  private final Map<String, String> sources = new LinkedHashMap<>();
  private final Map<String, String> names = new LinkedHashMap<>();
  private final TreeSet<String> used = new TreeSet<>();

  /**
   * Finds where each symbol can be read.
   *
   * @param inputs the inputs' names in {@code forward}, in order
   */
  Symbols(Signature signature, java.util.List<String> inputs, PythonNames python) {
    for (int i = 0; i < signature.inputs().size(); i++) {
      Shape shape = signature.inputs().get(i).type().shape();
      for (int axis = 0; shape.isRanked() && axis < shape.rank(); axis++) {
        Dim dim = shape.dim(axis);
        if (dim.symbols().size() == 1 && dim.equals(Dim.symbol(dim.symbols().iterator().next()))) {
          String symbol = dim.toString();
          if (!sources.containsKey(symbol)) {
            sources.put(symbol, inputs.get(i) + ".shape[" + axis + "]");
            names.put(symbol, python.fresh("n_" + symbol));
          }
        }
      }
    }
  }

  /** {@return a dim as a Python expression, if the inputs give all of its symbols} */
  Optional<String> text(Dim dim) {
    if (!sources.keySet().containsAll(dim.symbols())) {
      return Optional.empty();
    }
    used.addAll(dim.symbols());
    return Optional.of(dim.substitute(s -> Dim.symbol(names.get(s))).toString());
  }

  /** {@return the assignments that the texts need, {@code name = expression}} */
  java.util.List<String> assignments() {
    return used.stream().map(s -> names.get(s) + " = " + sources.get(s)).toList();
  }
}
