package dev.isomorph.gpu.driver;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.cuGetErrorName;
import static org.bytedeco.cuda.global.cudart.cuGetErrorString;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Turns results of the driver into errors with CUDA's own names. */
final class CudaErrors {
  private CudaErrors() {}

  /**
   * Does nothing for success.
   *
   * @param what what was asked for, for the message
   * @throws IsomorphException {@link ErrorCode#RUN_FAILED} for any other result
   */
  static void check(int result, String what) {
    if (result != CUDA_SUCCESS) {
      throw failure(result, what);
    }
  }

  static IsomorphException failure(int result, String what) {
    return Diagnostic.error(
            ErrorCode.RUN_FAILED, "CUDA cannot %s: %s (%s)", what, name(result), text(result))
        .toException();
  }

  private static String name(int result) {
    try (BytePointer name = new BytePointer((Pointer) null)) {
      return cuGetErrorName(result, name) == CUDA_SUCCESS
          ? name.getString()
          : "CUDA error " + result;
    }
  }

  private static String text(int result) {
    try (BytePointer text = new BytePointer((Pointer) null)) {
      return cuGetErrorString(result, text) == CUDA_SUCCESS ? text.getString() : "no description";
    }
  }
}
