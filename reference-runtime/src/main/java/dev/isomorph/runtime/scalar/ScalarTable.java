package dev.isomorph.runtime.scalar;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The elementwise operators as rows of the scalar language, from which the CPU's loops and the CUDA
 * sources both come. The standard table is the resource {@code operators.txt}: every elementwise
 * operator of ONNX's newest opset. Immutable and safe for many threads.
 */
public final class ScalarTable {
  private record Key(String name, ScalarOperator.Kind kind) {}

  private static final class Standard {
    static final ScalarTable TABLE = parse(read());

    private static String read() {
      try (InputStream in = ScalarTable.class.getResourceAsStream("operators.txt")) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private final Map<Key, ScalarOperator> rows;

  private ScalarTable(Map<Key, ScalarOperator> rows) {
    this.rows = Collections.unmodifiableMap(rows);
  }

  /** {@return the table of ONNX's elementwise operators} */
  public static ScalarTable standard() {
    return Standard.TABLE;
  }

  /**
   * {@return a table from its text: one row per line, {@code #} starts a comment}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#FORMAT_INVALID} with line
   *     and column
   */
  public static ScalarTable parse(String text) {
    Map<Key, ScalarOperator> rows = new LinkedHashMap<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      int comment = line.indexOf('#');
      String row = (comment < 0 ? line : line.substring(0, comment)).strip();
      if (row.isEmpty()) {
        continue;
      }
      String where = "line " + number;
      try {
        for (ScalarOperator op :
            ScalarParser.parse(
                row, (name, kind) -> Optional.ofNullable(rows.get(new Key(name, kind))))) {
          if (rows.put(new Key(op.name(), op.kind()), op) != null) {
            throw Diagnostic.error(
                    ErrorCode.FORMAT_INVALID, "%s is defined twice for %s", op.name(), op.kind())
                .toException();
          }
        }
      } catch (dev.isomorph.ir.diagnostic.IsomorphException e) {
        throw e.map(d -> d.inEntry(where));
      }
    }
    return new ScalarTable(rows);
  }

  /** {@return the row of this name for a family of types} */
  public Optional<ScalarOperator> find(String name, ScalarOperator.Kind kind) {
    return Optional.ofNullable(rows.get(new Key(name, kind)));
  }

  /** {@return all rows, in the table's order} */
  public Collection<ScalarOperator> rows() {
    return rows.values();
  }
}
