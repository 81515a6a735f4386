package dev.isomorph.formats.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.isomorph.formats.Text;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON of safetensors files and their indexes as a stream of tokens, with byte offsets in
 * errors.
 */
final class SafetensorsHeader {
  private static final int LONGEST_NAME = 1 << 16;
  private static final int HIGHEST_RANK = 64;

  private final JsonParser parser;
  private final long base;

  private SafetensorsHeader(byte[] json, long base, Limits limits) throws IOException {
    StreamReadConstraints constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(limits.nesting())
            .maxNameLength(LONGEST_NAME)
            .maxStringLength((int) Math.min(limits.headerBytes(), Integer.MAX_VALUE))
            .build();
    this.parser =
        JsonFactory.builder()
            .streamReadConstraints(constraints)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build()
            .createParser(json);
    this.base = base;
  }

  /** What a file's header says. */
  record Content(List<SafetensorsFile.Entry> entries, Map<String, String> metadata) {}

  static Content read(byte[] json, long base, Limits limits) {
    return parse(json, base, limits, SafetensorsHeader::content);
  }

  /** {@return tensor name → file name} */
  static Map<String, String> readIndex(byte[] json, Limits limits) {
    return parse(json, 0, limits, SafetensorsHeader::weightMap);
  }

  private interface Body<T> {
    T read(SafetensorsHeader header) throws IOException;
  }

  private static <T> T parse(byte[] json, long base, Limits limits, Body<T> body) {
    SafetensorsHeader header = null;
    try {
      header = new SafetensorsHeader(json, base, limits);
      T result = body.read(header);
      if (header.parser.nextToken() != null) {
        throw header.bad("text after the JSON object");
      }
      return result;
    } catch (JsonProcessingException e) {
      long at = base + (e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset()));
      throw new IsomorphException(
          List.of(
              Diagnostic.error(
                      ErrorCode.FORMAT_INVALID,
                      "the JSON is not valid: %s",
                      Text.quote(e.getOriginalMessage()))
                  .at(at)),
          e);
    } catch (IOException e) {
      throw new IsomorphException(
          List.of(
              Diagnostic.error(
                      ErrorCode.FORMAT_INVALID,
                      "the JSON is not valid: %s",
                      Text.quote(String.valueOf(e.getMessage())))
                  .at(base)),
          e);
    }
  }

  private Content content() throws IOException {
    List<SafetensorsFile.Entry> entries = new ArrayList<>();
    Map<String, String> metadata = Map.of();
    expect(parser.nextToken(), JsonToken.START_OBJECT, "the header");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (!name.equals("__metadata__")) {
        entries.add(entry(name, value));
      } else if (value != JsonToken.VALUE_NULL) {
        metadata = strings(value, "__metadata__");
      }
    }
    return new Content(entries, metadata);
  }

  private Map<String, String> weightMap() throws IOException {
    Map<String, String> map = null;
    expect(parser.nextToken(), JsonToken.START_OBJECT, "the index");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean wanted = parser.currentName().equals("weight_map");
      JsonToken value = parser.nextToken();
      if (wanted) {
        map = strings(value, "weight_map");
      } else {
        parser.skipChildren();
      }
    }
    if (map == null) {
      throw bad("an index without 'weight_map'");
    }
    return map;
  }

  private Map<String, String> strings(JsonToken start, String what) throws IOException {
    Map<String, String> map = new LinkedHashMap<>();
    expect(start, JsonToken.START_OBJECT, what);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      expect(
          parser.nextToken(),
          JsonToken.VALUE_STRING,
          "the value of " + Text.quote(key) + " in " + what);
      map.put(key, parser.getText());
    }
    return map;
  }

  private SafetensorsFile.Entry entry(String name, JsonToken start) throws IOException {
    expect(start, JsonToken.START_OBJECT, "the tensor " + Text.quote(name));
    String type = null;
    long[] dims = null;
    long[] offsets = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "dtype" -> {
          expect(value, JsonToken.VALUE_STRING, "'dtype' of " + Text.quote(name));
          type = parser.getText();
        }
        case "shape" -> dims = integers(value, "'shape' of " + Text.quote(name));
        case "data_offsets" -> offsets = integers(value, "'data_offsets' of " + Text.quote(name));
        default -> parser.skipChildren();
      }
    }
    if (type == null || dims == null || offsets == null || offsets.length != 2) {
      throw bad(
          "the tensor " + Text.quote(name) + " without its 'dtype', 'shape' or two 'data_offsets'");
    }
    return new SafetensorsFile.Entry(name, type, dims, offsets[0], offsets[1]);
  }

  private long[] integers(JsonToken start, String what) throws IOException {
    expect(start, JsonToken.START_ARRAY, what);
    List<Long> values = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      expect(t, JsonToken.VALUE_NUMBER_INT, "an element of " + what);
      if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw bad("an impossible number in " + what);
      }
      values.add(parser.getLongValue());
      if (values.size() > HIGHEST_RANK) {
        throw bad("more than " + HIGHEST_RANK + " numbers in " + what);
      }
    }
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  private void expect(JsonToken actual, JsonToken wanted, String what) {
    if (actual != wanted) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s is of the wrong kind", what)
          .at(offset())
          .expected(describe(wanted), describe(actual))
          .toException();
    }
  }

  private static String describe(JsonToken token) {
    return switch (token) {
      case null -> "nothing";
      case START_OBJECT -> "a JSON object";
      case START_ARRAY -> "a JSON array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "an integer";
      case VALUE_NUMBER_FLOAT -> "a number with a fraction";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      default -> "the end of something";
    };
  }

  private IsomorphException bad(String what) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "the JSON has %s", what)
        .at(offset())
        .toException();
  }

  private long offset() {
    return base + Math.max(0, parser.currentTokenLocation().getByteOffset());
  }
}
