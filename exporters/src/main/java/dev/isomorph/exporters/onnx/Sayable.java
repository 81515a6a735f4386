package dev.isomorph.exporters.onnx;

import dev.isomorph.ir.CompositeCall;
import java.util.Set;

/** The composites that a file can say by their own names. */
final class Sayable {
  /** The domain of ONNX's own operators as superseded versions had them. */
  private static final String LEGACY = "onnx.legacy";

  private static final Set<String> FLATTENING = Set.of("Softmax", "LogSoftmax", "Hardmax");

  /** The opset from which on these work along one axis. */
  private static final int ALONG_AXIS = 13;

  private Sayable() {}

  /** {@return whether an opset, with ONNX Runtime's own domain, has the composite} */
  static boolean is(CompositeCall call, int opset) {
    return call.name().domain().equals("com.microsoft")
        || isLegacy(call) && opset < ALONG_AXIS && FLATTENING.contains(call.name().name());
  }

  /** {@return whether the composite is an ONNX operator of an older opset} */
  static boolean isLegacy(CompositeCall call) {
    return call.name().domain().equals(LEGACY);
  }
}
