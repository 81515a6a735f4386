package dev.isomorph.zoo.onnx;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * The node cases of the onnx package, as {@code tools/onnx-suite/generate.py} records them: one
 * gzip stream of records, each a line {@code PATH LENGTH} and that many bytes.
 */
final class OnnxSuite {
  /**
   * A case in a folder of its own: {@code model.onnx} and {@code test_data_set_0/input_0.pb}, …
   *
   * @param rtol the tolerance that the package declares, relative to the expected value
   * @param atol the tolerance that the package declares, absolute
   */
  record Case(String name, Path folder, double rtol, double atol) {}

  private OnnxSuite() {}

  /** {@return all cases, unpacked below {@code folder}} */
  static List<Case> unpack(Path folder) throws IOException {
    Map<String, Case> cases = new LinkedHashMap<>();
    try (InputStream raw = OnnxSuite.class.getResourceAsStream("/onnx-suite/node.gz");
        InputStream in = new BufferedInputStream(new GZIPInputStream(raw, 1 << 16), 1 << 16)) {
      for (String head = line(in); head != null; head = line(in)) {
        int space = head.lastIndexOf(' ');
        String path = head.substring(0, space);
        byte[] data = in.readNBytes(Integer.parseInt(head.substring(space + 1)));
        if (path.equals("cases.txt")) {
          for (String row : new String(data, StandardCharsets.UTF_8).lines().toList()) {
            String[] part = row.split(" ");
            cases.put(
                part[0],
                new Case(
                    part[0],
                    folder.resolve(part[0]),
                    Double.parseDouble(part[1]),
                    Double.parseDouble(part[2])));
          }
          continue;
        }
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, data);
      }
    }
    return new ArrayList<>(cases.values());
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder out = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        if (out.isEmpty()) {
          return null;
        }
        throw new EOFException("the archive ends inside a record's head");
      }
      out.append((char) b);
    }
    return out.toString();
  }
}
