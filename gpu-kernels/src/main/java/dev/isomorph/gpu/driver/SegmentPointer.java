package dev.isomorph.gpu.driver;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.Pointer;

/** Native memory as the bindings want it. It is not kept alive by this. */
final class SegmentPointer extends Pointer {
  SegmentPointer(MemorySegment segment) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException("a segment on the heap has no address");
    }
    address = segment.address();
    limit = segment.byteSize();
    capacity = segment.byteSize();
  }
}
