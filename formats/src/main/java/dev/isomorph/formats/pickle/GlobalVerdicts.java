package dev.isomorph.formats.pickle;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Judges the globals that a pickle names, by two lists that are shipped as data. */
final class GlobalVerdicts {
  private static final Map<String, String> DANGEROUS = new HashMap<>();
  private static final Set<String> HARMLESS = new HashSet<>();

  static {
    for (String line : lines("dangerous-globals.txt")) {
      int tab = line.indexOf('\t');
      DANGEROUS.put(line.substring(0, tab), line.substring(tab + 1));
    }
    HARMLESS.addAll(lines("harmless-globals.txt"));
  }

  private GlobalVerdicts() {}

  /** A verdict with its reason. */
  record Judged(PickleScan.Verdict verdict, String reason) {}

  static Judged judge(GlobalValue global, PickleDialect known) {
    String name = global.qualifiedName();
    if (name.equals(PickleScan.LOADER)) {
      return new Judged(
          PickleScan.Verdict.HARMLESS, "loads the pickles in its argument, which are scanned too");
    }
    if (known.knows(name) || HARMLESS.contains(name) || isStorageOrTensor(global)) {
      return new Judged(PickleScan.Verdict.HARMLESS, "only holds data");
    }
    if (global.name().contains("__")) {
      return new Judged(PickleScan.Verdict.DANGEROUS, "reaches into the internals of a class");
    }
    for (String prefix = name; !prefix.isEmpty(); prefix = parent(prefix)) {
      String reason = DANGEROUS.get(prefix);
      if (reason != null) {
        return new Judged(PickleScan.Verdict.DANGEROUS, reason);
      }
    }
    return new Judged(
        PickleScan.Verdict.UNKNOWN,
        global.module().startsWith("torch.")
            ? "is a class or function of PyTorch, which runs its own code when it is unpickled"
            : "is code that the file expects to be installed");
  }

  /** Storage classes and the tensor classes of old files, on any device. */
  private static boolean isStorageOrTensor(GlobalValue global) {
    boolean module = global.module().matches("torch(\\.cuda)?(\\.sparse)?");
    return module && global.name().matches("[A-Z][A-Za-z0-9]*(Storage|Tensor)");
  }

  private static String parent(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(0, dot);
  }

  private static List<String> lines(String resource) {
    try (InputStream in = GlobalVerdicts.class.getResourceAsStream(resource);
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
