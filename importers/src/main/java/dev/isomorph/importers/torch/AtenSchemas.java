package dev.isomorph.importers.torch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The table of ATen's operators, and the names that PyTorch's namespaces hold. */
final class AtenSchemas {
  private static final Map<String, List<String>> LINES = new HashMap<>();
  private static final Map<String, List<AtenSchema>> PARSED =
      new java.util.concurrent.ConcurrentHashMap<>();
  private static final Set<String> NAMES = new HashSet<>();

  static {
    for (String line : lines("aten.txt")) {
      String head = line.substring(0, line.indexOf('('));
      int dot = head.indexOf('.');
      String name = dot < 0 ? head : head.substring(0, dot);
      LINES.computeIfAbsent(name, _ -> new ArrayList<>()).add(line);
    }
    NAMES.addAll(lines("names.txt"));
  }

  private AtenSchemas() {}

  private static List<String> lines(String resource) {
    try (InputStream in = AtenSchemas.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return the overloads of an operator, those that take tensors first} */
  static List<AtenSchema> overloads(String name) {
    return PARSED.computeIfAbsent(
        name,
        n ->
            LINES.getOrDefault(n, List.of()).stream()
                .map(AtenSchema::parse)
                .filter(s -> s.arguments() != null)
                .sorted(java.util.Comparator.comparingInt(AtenSchemas::order))
                .toList());
  }

  private static int order(AtenSchema s) {
    return s.overload().equals("self")
            || s.arguments().stream().anyMatch(a -> a.type().equals("Tensor"))
        ? 0
        : 1;
  }

  static boolean has(String name) {
    return LINES.containsKey(name);
  }

  /** {@return every operator's name} */
  static Set<String> names() {
    return LINES.keySet();
  }

  /** {@return whether PyTorch has a name, such as {@code torch.nn.Bilinear}} */
  static boolean isKnown(String qualifiedName) {
    return NAMES.contains(qualifiedName);
  }
}
