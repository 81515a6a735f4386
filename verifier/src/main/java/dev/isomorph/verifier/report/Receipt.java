package dev.isomorph.verifier.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.verifier.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The proof of one verification as a file, {@code OUTPUT.parity.json}: digests of both sides, the
 * seed, engines with versions, errors and what they were allowed, the weight ledger and the
 * verdict. {@code verify --receipt} checks it again.
 */
public final class Receipt {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private Receipt() {}

  /** {@return where the receipt of an output stands: beside it} */
  public static Path pathFor(Path output) {
    return output.resolveSibling(output.getFileName() + ".parity.json");
  }

  /**
   * Writes a receipt, replacing an older one.
   *
   * @return its path
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#OUTPUT_FAILED}
   */
  public static Path write(Path file, String name, Path source, Path target, Verdict verdict) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("schema", "isomorph-parity/1");
    root.put("model", name);
    root.set("source", side(source));
    root.set("target", side(target));
    root.setAll(VerdictJson.of(verdict));
    try {
      Path temporary = file.resolveSibling(file.getFileName() + ".part");
      Files.writeString(temporary, MAPPER.writeValueAsString(root) + "\n");
      Files.move(temporary, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      return file;
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.OUTPUT_FAILED, "the receipt cannot be written: %s", e.getMessage())
          .inFile(file.toString())
          .toException();
    }
  }

  private static ObjectNode side(Path path) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("path", String.valueOf(path.getFileName()));
    node.put("sha256", digest(path));
    return node;
  }

  /**
   * {@return the SHA-256 of a file, or of a folder's file names and contents in the order of names}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#FILE_UNREADABLE}
   */
  public static String digest(Path path) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      if (!Files.isDirectory(path)) {
        feed(path, digest);
        return HexFormat.of().formatHex(digest.digest());
      }
      List<Path> files;
      try (Stream<Path> walk = Files.walk(path)) {
        files = walk.filter(Files::isRegularFile).sorted().toList();
      }
      for (Path file : files) {
        String name = path.relativize(file).toString().replace('\\', '/');
        digest.update((name + "\0").getBytes(java.nio.charset.StandardCharsets.UTF_8));
        feed(file, digest);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw Diagnostic.error(ErrorCode.FILE_UNREADABLE, "it cannot be read: %s", e.getMessage())
          .inFile(path.toString())
          .toException();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void feed(Path file, MessageDigest digest) throws IOException {
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
  }
}
