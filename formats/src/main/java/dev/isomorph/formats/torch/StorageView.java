package dev.isomorph.formats.torch;

import dev.isomorph.formats.pickle.ForeignValue;

/**
 * What a tensor's pickle names as its storage: a storage, or in legacy files a part of one.
 *
 * @param storage whose memory
 * @param offset first element of the part
 * @param count elements of the part, counted as the storage counts
 */
record StorageView(StorageRef storage, long offset, long count) implements ForeignValue {
  static StorageView whole(StorageRef storage) {
    return new StorageView(storage, 0, storage.count());
  }

  long capacity(TorchDType as) {
    long bytes = count * storage.dtype().map(TorchDType::bytes).orElse(1);
    return bytes / as.bytes();
  }

  @Override
  public String describe() {
    return storage.describe();
  }
}
