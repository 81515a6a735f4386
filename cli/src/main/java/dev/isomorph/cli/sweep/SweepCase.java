package dev.isomorph.cli.sweep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/**
 * One line of a sweep. Paths are relative to the sweep's file.
 *
 * @param name the case's name
 * @param model the file or folder
 * @param source Python source, {@code model.py:EXPR}
 * @param inputs arrays by input name; names are empty if they are given in order
 * @param expected arrays in the order of {@code outputs}, or of the model's outputs
 * @param outputs names of the outputs that are expected; empty for all
 * @param data a folder in the layout of ONNX's backend tests, instead of inputs and expected
 * @param targets formats to export to, load back and compare, too
 * @param rtol relative tolerance of numpy's rule
 * @param atol absolute tolerance of numpy's rule
 */
record SweepCase(
    String name,
    Path model,
    Optional<String> source,
    SequencedMap<String, Path> inputs,
    List<Path> expected,
    List<String> outputs,
    Optional<Path> data,
    List<String> targets,
    OptionalDouble rtol,
    OptionalDouble atol) {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /**
   * {@return the case of a line}
   *
   * @param folder the folder of the sweep's file
   * @throws IsomorphException {@link ErrorCode#USAGE} if the line is no case
   */
  static SweepCase parse(String line, Path folder) {
    JsonNode json;
    try {
      json = MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw wrong(line, e.getOriginalMessage());
    }
    if (!json.path("name").isTextual() || !json.path("model").isTextual()) {
      throw wrong(line, "it needs a name and a model");
    }
    SequencedMap<String, Path> inputs = new LinkedHashMap<>();
    JsonNode given = json.path("inputs");
    if (given.isArray()) {
      for (int i = 0; i < given.size(); i++) {
        // A name that no input has: the order decides.
        inputs.put("#" + i, folder.resolve(given.get(i).asText()));
      }
    } else {
      given
          .properties()
          .forEach(e -> inputs.put(e.getKey(), folder.resolve(e.getValue().asText())));
    }
    return new SweepCase(
        json.get("name").asText(),
        folder.resolve(json.get("model").asText()),
        text(json, "source").map(s -> folder.resolve(s).toString()),
        inputs,
        texts(json, "expected").stream().map(folder::resolve).toList(),
        texts(json, "outputs"),
        text(json, "data").map(folder::resolve),
        texts(json, "to"),
        number(json, "rtol"),
        number(json, "atol"));
  }

  private static IsomorphException wrong(String line, String why) {
    String start = line.length() > 80 ? line.substring(0, 80) + " …" : line;
    return Diagnostic.error(ErrorCode.USAGE, "a line of the sweep is no case: %s", why)
        .expected("{\"name\": …, \"model\": …, \"inputs\": …, \"expected\": …}", start)
        .toException();
  }

  private static Optional<String> text(JsonNode json, String field) {
    return json.path(field).isTextual() ? Optional.of(json.get(field).asText()) : Optional.empty();
  }

  private static List<String> texts(JsonNode json, String field) {
    List<String> texts = new ArrayList<>();
    if (json.path(field).isArray()) {
      json.get(field).forEach(item -> texts.add(item.asText()));
    }
    return texts;
  }

  private static OptionalDouble number(JsonNode json, String field) {
    return json.path(field).isNumber()
        ? OptionalDouble.of(json.get(field).asDouble())
        : OptionalDouble.empty();
  }
}
