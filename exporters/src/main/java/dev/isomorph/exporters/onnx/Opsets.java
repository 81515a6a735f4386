package dev.isomorph.exporters.onnx;

import dev.isomorph.ir.Model;
import dev.isomorph.ir.OperatorHistory;
import dev.isomorph.ir.tensor.DType;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Which opset and which version of the file format to write.
 *
 * @see <a href="https://onnx.ai/onnx/repo-docs/Versioning.html">ONNX versioning</a>
 */
final class Opsets {
  /** The oldest opset that is written. */
  static final int OLDEST = 9;

  /** The newest opset. */
  static final int NEWEST = OperatorHistory.NEWEST.get("");

  /** What today's runtimes have for certain; the start of the search for a default. */
  private static final int COMMON = 17;

  /** The newest version of the file format that the pinned ONNX Runtime loads. */
  private static final int NEWEST_IR = 13;

  /** The newest opset that the pinned ONNX Runtime loads. */
  private static final int NEWEST_COMMON = 26;

  private static final Pattern SOURCE = Pattern.compile("opset (\\d+),.*");

  /** The newest opset of {@code ai.onnx.ml} at each opset from 9 on. */
  private static final int[] ML = {1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 5, 5, 5, 5, 5, 5, 5, 5};

  /** The file format's version of the release that brought each opset, from 9 on. */
  private static final int[] IR = {
    4, 5, 6, 7, 7, 7, 8, 8, 8, 8, 9, 9, 10, 10, 11, 12, 13, 13, 13, 14
  };

  private Opsets() {}

  /**
   * {@return the opsets to try, in order, when none is asked for}: an ONNX source's own and those
   * above it, else those from 17 on
   */
  static List<Integer> candidates(Model model) {
    int first = COMMON;
    Matcher own = SOURCE.matcher(model.source().version());
    if (model.source().format().equals("onnx") && own.matches()) {
      int opset = Integer.parseInt(own.group(1));
      first = opset < OLDEST ? COMMON : opset;
    }
    int last = first <= NEWEST_COMMON && first == COMMON ? NEWEST_COMMON : NEWEST;
    return IntStream.rangeClosed(first, last).boxed().toList();
  }

  /** {@return the version of {@code ai.onnx.ml} that goes with an opset} */
  static int ml(int opset) {
    return ML[opset - OLDEST];
  }

  /** {@return the lowest version of the file format that an opset and element types need} */
  static int ir(int opset, Iterable<DType> dtypes) {
    int version = IR[opset - OLDEST];
    for (DType dtype : dtypes) {
      version = Math.max(version, ir(dtype));
    }
    return Math.min(version, NEWEST_IR);
  }

  private static int ir(DType dtype) {
    return switch (dtype) {
      case F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ -> 9;
      case U4, I4 -> 10;
      case F4E2M1 -> 11;
      case F8E8M0 -> 12;
      case U2, I2 -> 13;
      default -> 4;
    };
  }
}
