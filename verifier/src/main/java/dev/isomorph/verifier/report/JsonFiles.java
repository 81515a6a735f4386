package dev.isomorph.verifier.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the JSON files that Isomorph itself writes. */
final class JsonFiles {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final long LARGEST = 256L << 20;

  private JsonFiles() {}

  /**
   * {@return the document}
   *
   * @param schema what its field {@code schema} must say
   * @param wanted what it should be, for messages
   */
  static JsonNode read(Path file, String schema, String wanted) {
    JsonNode root;
    try {
      if (Files.size(file) > LARGEST) {
        throw invalid(file, wanted, Files.size(file) + " bytes");
      }
      root = MAPPER.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "this is no JSON")
          .inFile(file.toString())
          .at(Math.max(0, e.getLocation().getByteOffset()))
          .expected(wanted, e.getOriginalMessage())
          .toException();
    } catch (IOException e) {
      throw Diagnostic.error(ErrorCode.FILE_UNREADABLE, "it cannot be read: %s", e)
          .inFile(file.toString())
          .toException();
    }
    String found = root.path("schema").asText("no schema");
    if (!found.equals(schema)) {
      throw invalid(file, wanted + ", " + schema, found);
    }
    return root;
  }

  static IsomorphException invalid(Path file, String expected, String actual) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "this is not what it should be")
        .inFile(file.toString())
        .expected(expected, actual)
        .toException();
  }
}
