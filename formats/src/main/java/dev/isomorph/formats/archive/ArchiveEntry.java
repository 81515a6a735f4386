package dev.isomorph.formats.archive;

/**
 * An entry of an archive. Immutable.
 *
 * @param name relative, with {@code /}, checked to stay inside
 * @param size bytes of the content
 * @param dataOffset first byte of what is stored, in the archive
 * @param storedSize bytes that are stored: less than {@code size} when compressed
 * @param compressed whether the content must be inflated
 * @param crc CRC-32 of the content; 0 when unknown
 */
public record ArchiveEntry(
    String name, long size, long dataOffset, long storedSize, boolean compressed, long crc) {

  /** {@return whether it is a folder} */
  public boolean isFolder() {
    return name.endsWith("/");
  }
}
