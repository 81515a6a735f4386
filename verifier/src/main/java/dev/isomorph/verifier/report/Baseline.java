package dev.isomorph.verifier.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.verifier.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Errors of an earlier verification, to be held against: a later one may be twice as far from the
 * truth, counted in units of the last place, and never less than one such unit is allowed.
 *
 * @param errors largest error in ulps by check, engine and output
 */
public record Baseline(Map<String, Double> errors) {
  /** How many times the recorded error a new one may be. */
  public static final double FACTOR = 2;

  private static final String SCHEMA = "isomorph-baseline/1";
  private static final double LEAST = 0.5;

  public Baseline {
    errors = new LinkedHashMap<>(errors);
  }

  /** {@return the errors of a verdict} */
  public static Baseline of(Verdict verdict) {
    Map<String, Double> errors = new LinkedHashMap<>();
    for (SummaryRow row : SummaryRow.of(verdict.rows())) {
      errors.put(key(row), row.maxUlp());
    }
    return new Baseline(errors);
  }

  private static String key(SummaryRow row) {
    return "%s by %s of %s"
        .formatted(row.check().name().toLowerCase(Locale.ROOT), row.engine(), row.output());
  }

  /**
   * {@return what a file holds}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@code FILE_UNREADABLE}, or {@code
   *     FORMAT_INVALID} if it is no baseline
   */
  public static Baseline read(Path file) {
    JsonNode root = JsonFiles.read(file, SCHEMA, "a baseline");
    Map<String, Double> errors = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : root.path("maxUlp").properties()) {
      if (!entry.getValue().isNumber()) {
        throw JsonFiles.invalid(
            file, "a number for " + entry.getKey(), entry.getValue().toString());
      }
      errors.put(entry.getKey(), entry.getValue().doubleValue());
    }
    if (errors.isEmpty()) {
      throw JsonFiles.invalid(file, "a baseline with errors in maxUlp", "none");
    }
    return new Baseline(errors);
  }

  /** {@return the file's text; errors that are not finite are left out} */
  public String json() {
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    ObjectNode root = mapper.createObjectNode();
    root.put("schema", SCHEMA);
    ObjectNode values = root.putObject("maxUlp");
    errors.forEach(
        (name, error) -> {
          if (Double.isFinite(error)) {
            values.put(name, error);
          }
        });
    try {
      return mapper.writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@return what got worse than this allows, as sentences} */
  public List<String> worse(Verdict verdict) {
    Map<String, Double> now = of(verdict).errors;
    List<String> sentences = new ArrayList<>();
    errors.forEach(
        (name, recorded) -> {
          Double found = now.get(name);
          if (found == null) {
            sentences.add(name + " is not compared any more");
          } else if (!(found <= FACTOR * Math.max(recorded, LEAST))) {
            sentences.add(
                "%s is off by %s ULP, and was by %s"
                    .formatted(name, TextReport.number(found), TextReport.number(recorded)));
          }
        });
    return sentences;
  }
}
