package dev.isomorph.exporters.tensorflow;

import dev.isomorph.exporters.LedgerEntry;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.Value.Parameter.Kind;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Which parameters become variables, under which names and in which order of axes. Tied parameters
 * are one variable. A kernel that only convolutions use is stored as they need it; the first run
 * over the graphs collects what is needed. Not safe for many threads.
 */
final class StoredTensors {
  /** Constants beyond this many bytes are variables, to keep the graph's message small. */
  private static final long LARGEST_CONSTANT = 1 << 20;

  private final Map<Value.Parameter, String> variables = new IdentityHashMap<>();
  private final SequencedMap<String, Value.Parameter> owners = new LinkedHashMap<>();
  private final Map<String, Set<Form>> demands = new HashMap<>();
  private final Map<String, String> arguments = new HashMap<>();
  private boolean decided;

  StoredTensors(Iterable<Value.Parameter> parameters) {
    Map<Object, Value.Parameter> byStorage = new IdentityHashMap<>();
    for (Value.Parameter parameter : parameters) {
      if (parameter.tensor().dtype() == DType.STRING || isSmallConstant(parameter)) {
        continue;
      }
      Value.Parameter owner = byStorage.putIfAbsent(parameter.storage(), parameter);
      boolean tied = owner != null && sameType(owner.tensor(), parameter.tensor());
      String name = tied ? variables.get(owner) : parameter.name();
      variables.put(parameter, name);
      if (!tied) {
        owners.put(name, parameter);
        arguments.put(name, "resource_" + owners.size());
      }
    }
  }

  private static boolean isSmallConstant(Value.Parameter parameter) {
    return parameter.kind() == Kind.CONSTANT && parameter.tensor().byteSize() <= LARGEST_CONSTANT;
  }

  private static boolean sameType(Tensor a, Tensor b) {
    return a.dtype() == b.dtype() && Arrays.equals(a.dims(), b.dims());
  }

  /** {@return the variables' names with the parameters that they hold} */
  SequencedMap<String, Value.Parameter> owners() {
    return owners;
  }

  boolean isVariable(Value.Parameter parameter) {
    return variables.containsKey(parameter);
  }

  /** {@return the name of a parameter's variable} */
  String variable(Value.Parameter parameter) {
    return variables.get(parameter);
  }

  /** {@return the name of the argument that hands a variable to functions} */
  String argument(String variable) {
    return arguments.get(variable);
  }

  /** Notes that a parameter is needed in a form. */
  void demand(Value.Parameter parameter, Form form) {
    if (isVariable(parameter) && !decided) {
      demands.computeIfAbsent(variable(parameter), _ -> new HashSet<>()).add(form);
    }
  }

  /** Ends the first run: from now on {@link #form} says how variables are stored. */
  void decide() {
    decided = true;
  }

  /** {@return the form in which a variable is stored} */
  Form form(Value.Parameter parameter) {
    return form(variable(parameter));
  }

  private Form form(String variable) {
    Set<Form> forms = demands.getOrDefault(variable, Set.of());
    return decided && forms.size() == 1 ? forms.iterator().next() : Form.PLAIN;
  }

  /** {@return the tensor of a variable as it is stored} */
  Tensor tensor(String variable) {
    return form(variable).apply(owners.get(variable).tensor());
  }

  /** {@return what became of each parameter} */
  List<LedgerEntry> ledger(Iterable<Value.Parameter> parameters) {
    List<LedgerEntry> ledger = new ArrayList<>();
    for (Value.Parameter parameter : parameters) {
      List<String> sources =
          parameter.derivation().keys().isEmpty()
              ? List.of(parameter.name())
              : parameter.derivation().keys();
      String variable = variables.get(parameter);
      if (variable == null) {
        ledger.add(
            new LedgerEntry(
                parameter.name(), "", parameter.tensor().typeText(), "constant", sources));
      } else {
        boolean kept = form(variable).equals(Form.PLAIN);
        String how = kept ? parameter.derivation().how() : "transposed";
        ledger.add(
            new LedgerEntry(parameter.name(), variable, tensor(variable).typeText(), how, sources));
      }
    }
    return ledger;
  }
}
