package dev.isomorph.gpu.driver;

/**
 * Device memory with a count of its holders; it goes back to its allocator when the last one lets
 * go. Not safe for many threads.
 */
public final class DeviceBuffer {
  private final CudaAllocator allocator;
  private final CudaAllocator.Block block;
  private final long byteSize;
  private int holders = 1;

  DeviceBuffer(CudaAllocator allocator, CudaAllocator.Block block, long byteSize) {
    this.allocator = allocator;
    this.block = block;
    this.byteSize = byteSize;
  }

  /**
   * {@return the device's address}
   *
   * @throws IllegalStateException if nobody holds the buffer any more
   */
  public long address() {
    if (holders == 0) {
      throw new IllegalStateException("the device buffer is freed");
    }
    return block.address() + allocator.redZone();
  }

  /** {@return the bytes that were asked for} */
  public long byteSize() {
    return byteSize;
  }

  /** {@return this, held once more} */
  public DeviceBuffer retain() {
    address();
    holders++;
    return this;
  }

  /** Lets go once. */
  public void release() {
    address();
    if (--holders == 0) {
      allocator.reuse(this);
    }
  }

  CudaAllocator.Block block() {
    return block;
  }
}
