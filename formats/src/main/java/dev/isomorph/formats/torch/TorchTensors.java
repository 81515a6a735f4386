package dev.isomorph.formats.torch;

import dev.isomorph.formats.pickle.Call;
import dev.isomorph.formats.pickle.DictValue;
import dev.isomorph.formats.pickle.InstanceValue;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.pickle.StrValue;
import dev.isomorph.ir.diagnostic.Limits;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds every tensor in a pickled value, wherever it is: for inspection, not for binding weights.
 */
public final class TorchTensors {
  private static final int MOST = 1_000_000;

  private final Limits limits;
  private final Map<String, TensorRef> found = new LinkedHashMap<>();
  private final Set<PickleValue> onWay = Collections.newSetFromMap(new IdentityHashMap<>());
  private long steps;

  private TorchTensors(Limits limits) {
    this.limits = limits;
  }

  /**
   * {@return path → tensor, in order}. Paths join dict keys, positions, and the attributes of
   * objects by {@code /}; those of modules are the names of their parameters, buffers and children.
   * A tensor that is held in several places has several paths.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link
   *     dev.isomorph.ir.diagnostic.ErrorCode#FORMAT_LIMIT}
   */
  public static Map<String, TensorRef> byPath(PickleValue root, Limits limits) {
    TorchTensors walk = new TorchTensors(limits);
    walk.visit("", root, 0);
    return walk.found;
  }

  private void visit(String path, PickleValue value, int depth) {
    if (value instanceof TensorRef tensor) {
      Limits.check("the number of tensors", found.size(), MOST);
      found.put(path, tensor);
      return;
    }
    boolean container =
        value instanceof DictValue
            || value instanceof InstanceValue
            || Call.items(value).isPresent();
    if (!container || depth > limits.nesting() || !onWay.add(value)) {
      return;
    }
    Limits.check("the number of values", ++steps, limits.objects());
    switch (value) {
      case DictValue dict ->
          dict.entries().forEach(e -> visit(join(path, name(e.key())), e.value(), depth + 1));
      case InstanceValue instance -> instance(path, instance, depth);
      default -> items(path, Call.items(value).orElseThrow(), depth);
    }
    onWay.remove(value);
  }

  private void instance(String path, InstanceValue instance, int depth) {
    if (StateDictSearch.isModule(instance)) {
      for (String part : List.of("_parameters", "_buffers", "_modules")) {
        Optional<PickleValue> members = instance.attribute(part);
        members.ifPresent(m -> visit(path, m, depth + 1));
      }
      return;
    }
    instance.states().forEach(state -> visit(path, state, depth + 1));
    visit(path, instance.items(), depth + 1);
    visit(path, instance.elements(), depth + 1);
  }

  private void items(String path, List<PickleValue> items, int depth) {
    for (int i = 0; i < items.size(); i++) {
      visit(join(path, Integer.toString(i)), items.get(i), depth + 1);
    }
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }

  private static String name(PickleValue key) {
    return switch (key) {
      case StrValue s -> s.value();
      case PickleValue.Int i -> i.value().toString();
      default -> key.describe();
    };
  }
}
