package dev.isomorph.ir;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Where a node comes from in what the user wrote. Fusion keeps the union of all places. Immutable.
 *
 * @param places file and line of Python source, a TorchScript line, a TensorFlow or ONNX node name,
 *     …, each as it is shown to the user
 * @param scope the module path, such as {@code layer1.0.conv2}; empty if unknown
 */
public record Origin(List<String> places, String scope) {
  /** No known origin. */
  public static final Origin NONE = new Origin(List.of(), "");

  public Origin {
    places = List.copyOf(places);
  }

  /** {@return an origin of one place} */
  public static Origin of(String place) {
    return new Origin(List.of(place), "");
  }

  /** {@return an origin of one place in a module} */
  public static Origin of(String place, String scope) {
    return new Origin(List.of(place), scope);
  }

  /** {@return all places of both, in order; the scope is the part that both share} */
  public Origin union(Origin other) {
    Set<String> all = new LinkedHashSet<>(places);
    all.addAll(other.places);
    return new Origin(new ArrayList<>(all), commonScope(scope, other.scope));
  }

  private static String commonScope(String a, String b) {
    if (a.isEmpty() || b.isEmpty() || a.equals(b)) {
      return a.isEmpty() ? b : a;
    }
    String[] x = a.split("\\.");
    String[] y = b.split("\\.");
    List<String> common = new ArrayList<>();
    for (int i = 0; i < Math.min(x.length, y.length) && x[i].equals(y[i]); i++) {
      common.add(x[i]);
    }
    return String.join(".", common);
  }

  /** {@return the places, and the scope in brackets} */
  @Override
  public String toString() {
    String joined = String.join("; ", places);
    return scope.isEmpty() ? joined : joined.isEmpty() ? scope : joined + " (" + scope + ")";
  }
}
