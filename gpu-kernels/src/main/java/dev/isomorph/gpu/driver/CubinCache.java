package dev.isomorph.gpu.driver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Compiled kernels on disk. An entry's name is the digest of everything that it depends on; its
 * first bytes are the digest of the rest, so that a damaged entry is compiled anew. Entries appear
 * by rename. A cache that cannot be written is no error: kernels are then compiled in each process.
 * Safe for many threads and processes.
 */
public final class CubinCache {
  private static final int DIGEST_BYTES = 32;

  private final Path folder;

  /** Makes a cache; the folder is made when something is stored. */
  public CubinCache(Path folder) {
    this.folder = folder;
  }

  /**
   * {@return the user's cache: {@code $ISOMORPH_CACHE}, else {@code isomorph} in {@code
   * $XDG_CACHE_HOME} or {@code ~/.cache}}
   */
  public static CubinCache ofUser() {
    String own = System.getenv("ISOMORPH_CACHE");
    String shared = System.getenv("XDG_CACHE_HOME");
    Path root =
        own != null
            ? Path.of(own)
            : shared != null
                ? Path.of(shared, "isomorph")
                : Path.of(System.getProperty("user.home"), ".cache", "isomorph");
    return new CubinCache(root.resolve("cubin"));
  }

  /** {@return the key of what these parts together determine} */
  public static String key(List<String> parts) {
    MessageDigest digest = sha256();
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** {@return an entry that is there and whole} */
  public Optional<byte[]> get(String key) {
    byte[] stored;
    try {
      stored = Files.readAllBytes(file(key));
    } catch (IOException e) {
      return Optional.empty();
    }
    if (stored.length <= DIGEST_BYTES) {
      return Optional.empty();
    }
    byte[] image = Arrays.copyOfRange(stored, DIGEST_BYTES, stored.length);
    byte[] digest = Arrays.copyOf(stored, DIGEST_BYTES);
    return MessageDigest.isEqual(digest, sha256().digest(image))
        ? Optional.of(image)
        : Optional.empty();
  }

  /** {@return whether the image could be stored} */
  public boolean put(String key, byte[] image) {
    Path made = null;
    try {
      Files.createDirectories(folder);
      made = Files.createTempFile(folder, "new-", ".tmp");
      byte[] stored = Arrays.copyOf(sha256().digest(image), DIGEST_BYTES + image.length);
      System.arraycopy(image, 0, stored, DIGEST_BYTES, image.length);
      Files.write(made, stored);
      Files.move(made, file(key), StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (IOException e) {
      remove(made);
      return false;
    }
  }

  private static void remove(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // The folder does not take writes; then there is nothing to tidy up either.
    }
  }

  private Path file(String key) {
    return folder.resolve(key + ".cubin");
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
