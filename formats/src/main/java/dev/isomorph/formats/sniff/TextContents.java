package dev.isomorph.formats.sniff;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells text files apart by how they begin; JSON by the keys of its outermost object. */
final class TextContents {
  private static final Pattern LFS_SIZE = Pattern.compile("(?m)^size ([0-9]{1,18})$");
  private static final Pattern PYTHON =
      Pattern.compile(
          "(?m)^(import [A-Za-z_]|from [A-Za-z_.]+ import |class [A-Za-z_]\\w*[(:]|def"
              + " [A-Za-z_]\\w*\\()");
  private static final Pattern GRAPH_TEXT =
      Pattern.compile("(?s)\\A\\s*(#[^\n]*\n\\s*)*(node|library|versions)\\s*\\{.*");

  private TextContents() {}

  /**
   * {@return what a text is; empty when it is no text}
   *
   * @param head its first bytes as Latin-1
   */
  static Optional<Sniffed> match(Path path, String head) {
    String start = head.strip().toLowerCase(Locale.ROOT);
    if (head.startsWith("version https://git-lfs.github.com/spec/")) {
      Matcher size = LFS_SIZE.matcher(head);
      String detail = size.find() ? " (" + size.group(1) + " bytes)" : "";
      return Optional.of(
          new Sniffed(
              path,
              FormatKind.GIT_LFS_POINTER,
              FormatKind.GIT_LFS_POINTER.text() + detail,
              "fetch the file with 'git lfs pull'"));
    }
    if (start.startsWith("<!doctype html")
        || start.startsWith("<html")
        || start.startsWith("<head")) {
      return Optional.of(
          new Sniffed(
              path,
              FormatKind.HTML,
              FormatKind.HTML.text(),
              "a download gave a web page instead of the file: use the link to the raw file"));
    }
    if (start.startsWith("<?xml") || start.startsWith("<net ")) {
      boolean openVino = head.contains("<net ") && head.contains("<layers>");
      return Optional.of(
          Sniffed.of(path, FormatKind.XML, openVino ? ": a network of OpenVINO" : ""));
    }
    if (start.startsWith("{") || start.startsWith("[")) {
      Optional<Sniffed> json = json(path);
      if (json.isPresent()) {
        return json;
      }
    }
    if (!isText(head)) {
      return Optional.empty();
    }
    if (start.startsWith("saved_model_schema_version:")) {
      return Optional.of(Sniffed.of(path, FormatKind.SAVED_MODEL_FILE, " as text"));
    }
    if (start.startsWith("ir_version:")) {
      return Optional.of(Sniffed.of(path, FormatKind.ONNX_TEXT));
    }
    if (GRAPH_TEXT.matcher(head).matches()) {
      return Optional.of(Sniffed.of(path, FormatKind.GRAPHDEF_TEXT));
    }
    return Optional.of(
        Sniffed.of(path, PYTHON.matcher(head).find() ? FormatKind.PYTHON : FormatKind.TEXT));
  }

  private static boolean isText(String latin1) {
    byte[] raw = latin1.getBytes(StandardCharsets.ISO_8859_1);
    CharBuffer text = CharBuffer.allocate(raw.length);
    // The last character of the head may be cut, which counts as an underflow.
    if (StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw), text, false).isError()) {
      return false;
    }
    return text.flip().chars().allMatch(c -> c >= ' ' && c != 0x7F || "\n\r\t\f".indexOf(c) >= 0);
  }

  private static Optional<Sniffed> json(Path path) {
    Set<String> keys = new HashSet<>();
    try (InputStream in = Files.newInputStream(path);
        JsonParser parser = new JsonFactory().createParser(in)) {
      JsonToken start = parser.nextToken();
      if (start == JsonToken.START_ARRAY) {
        start = parser.nextToken();
      }
      while (start == JsonToken.START_OBJECT && parser.nextToken() == JsonToken.FIELD_NAME) {
        keys.add(parser.currentName());
        parser.nextToken();
        parser.skipChildren();
      }
    } catch (IOException e) {
      // A text that only begins like JSON is judged as text.
      return Optional.empty();
    }
    return Optional.of(Sniffed.of(path, jsonKind(path, keys)));
  }

  private static FormatKind jsonKind(Path path, Set<String> keys) {
    if (keys.contains("modelTopology") || keys.contains("weightsManifest")) {
      return FormatKind.TFJS;
    }
    if (keys.contains("weights") && keys.contains("paths")) {
      return FormatKind.TFJS_WEIGHTS;
    }
    if (keys.contains("weight_map")) {
      boolean torch = path.getFileName().toString().contains(".bin.");
      return torch ? FormatKind.TORCH_INDEX : FormatKind.SAFETENSORS_INDEX;
    }
    if (keys.contains("model_type") && keys.contains("architectures")) {
      return FormatKind.HUGGING_FACE;
    }
    return FormatKind.JSON;
  }
}
