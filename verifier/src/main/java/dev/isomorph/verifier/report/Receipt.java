package dev.isomorph.verifier.report;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The proof of one verification as a file, {@code OUTPUT.parity.json}: digests of both sides, the
 * seed, engines with versions, errors and what they were allowed, the weight ledger and the
 * verdict. {@code verify --receipt} checks it again.
 */
public final class Receipt {
  private static final String SCHEMA = "isomorph-parity/1";

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
    root.put("schema", SCHEMA);
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

  /**
   * What a receipt says, as far as it can be checked again.
   *
   * @param source digest of the source
   * @param target digest of the target
   * @param seed where the random inputs started
   * @param verdict {@code pass}, {@code fail} or {@code inconclusive}
   */
  public record Claim(String source, String target, long seed, String verdict) {
    /** {@return what does not hold any more, as sentences; empty if the receipt holds} */
    public List<String> contradictions(Path sourceFile, Path targetFile, Verdict found) {
      List<String> sentences = new ArrayList<>();
      changed("source", source, sourceFile, sentences);
      changed("target", target, targetFile, sentences);
      String now = found.status().name().toLowerCase(Locale.ROOT);
      if (!verdict.equals(now)) {
        sentences.add("the verdict was %s and is %s now".formatted(verdict, now));
      }
      return sentences;
    }

    private static void changed(String side, String then, Path file, List<String> into) {
      String now = digest(file);
      if (!now.equals(then)) {
        into.add(
            "the %s %s is not the one of the receipt: its SHA-256 is %s, not %s"
                .formatted(side, file, now, then));
      }
    }
  }

  /**
   * {@return what a receipt claims}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#FILE_UNREADABLE}, or
   *     {@link ErrorCode#FORMAT_INVALID} if it is no receipt
   */
  public static Claim read(Path file) {
    JsonNode root = JsonFiles.read(file, SCHEMA, "a receipt");
    JsonNode source = root.path("source").path("sha256");
    JsonNode target = root.path("target").path("sha256");
    boolean whole =
        source.isTextual()
            && target.isTextual()
            && root.path("seed").isIntegralNumber()
            && root.path("verdict").isTextual();
    if (!whole) {
      throw JsonFiles.invalid(file, "a receipt with digests, a seed and a verdict", "others");
    }
    return new Claim(
        source.textValue(),
        target.textValue(),
        root.path("seed").longValue(),
        root.path("verdict").textValue());
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
