package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.KernelSource;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.runtime.scalar.CudaSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The hand-written sources, which are resources beside this class, with the prelude before. */
public final class Sources {
  private record Key(List<String> macros, List<String> parts) {}

  private static final Map<String, String> TEXTS = new ConcurrentHashMap<>();
  private static final Map<Key, KernelSource> MADE = new ConcurrentHashMap<>();

  private Sources() {}

  /**
   * {@return a source for elements of one float type, which is its macro {@code REAL}}
   *
   * @param parts names of the resources, in order
   */
  static KernelSource real(DType dtype, List<String> macros, String... parts) {
    List<String> all = new java.util.ArrayList<>(List.of("REAL=" + CudaSource.memoryType(dtype)));
    all.addAll(macros);
    return of(all, parts);
  }

  static KernelSource real(DType dtype, String... parts) {
    return real(dtype, List.of(), parts);
  }

  /** {@return a source with these macros} */
  static KernelSource of(List<String> macros, String... parts) {
    return MADE.computeIfAbsent(new Key(List.copyOf(macros), List.of(parts)), Sources::make);
  }

  private static KernelSource make(Key key) {
    StringBuilder text = new StringBuilder(text("prelude"));
    key.parts.forEach(part -> text.append(text(part)));
    return new KernelSource(key.parts.getLast() + ".cu", text.toString(), key.macros);
  }

  private static String text(String part) {
    return TEXTS.computeIfAbsent(part, Sources::read);
  }

  private static String read(String part) {
    try (InputStream in = Sources.class.getResourceAsStream(part + ".cu")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
