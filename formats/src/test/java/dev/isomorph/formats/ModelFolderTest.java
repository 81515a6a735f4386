package dev.isomorph.formats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.isomorph.formats.safetensors.SafetensorsFile;
import dev.isomorph.formats.torch.TensorRef;
import dev.isomorph.formats.torch.TorchArchive;
import dev.isomorph.formats.torch.TorchFile;
import dev.isomorph.formats.torch.TorchTensors;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Real models of other people, where a folder of them is present ({@code -Disomorph.models=DIR}
 * with {@code cases.jsonl}): every tensor of every weight file has the digest that its own
 * framework computed.
 */
@EnabledIfSystemProperty(named = "isomorph.models", matches = ".+")
class ModelFolderTest {
  private static final Limits LIMITS = Limits.defaults();
  private final Path folder = Path.of(System.getProperty("isomorph.models", "."));

  @Test
  void everyTensorHasItsDigest() throws IOException {
    Map<String, int[]> counts = new TreeMap<>();
    List<String> faults = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("cases.jsonl"))) {
      Map<String, Object> each = json(line);
      String format = (String) each.get("format");
      Path digests =
          folder.resolve("expected").resolve((String) each.get("name")).resolve("tensors.json");
      boolean ours =
          format.startsWith("torch.save")
              || format.equals("safetensors")
              || format.equals("torchscript");
      if (!ours || !Files.exists(digests)) {
        continue;
      }
      int[] count = counts.computeIfAbsent(format + " " + each.get("tier"), _ -> new int[2]);
      count[0]++;
      String fault =
          check(
              folder.resolve((String) each.get("model")),
              format,
              json(Files.readString(digests)),
              count);
      if (!fault.isEmpty()) {
        faults.add(each.get("name") + ": " + fault);
      }
    }
    counts.forEach(
        (key, count) ->
            System.out.println(key + ": " + count[0] + " files, " + count[1] + " tensors"));
    assertFalse(counts.isEmpty());
    assertEquals(List.of(), faults);
  }

  private static String check(Path file, String format, Map<String, Object> expected, int[] count) {
    try (TensorArena arena = TensorArena.open(file.toString())) {
      Map<String, Tensor> actual = new LinkedHashMap<>();
      if (format.equals("safetensors")) {
        SafetensorsFile.open(file, arena, LIMITS)
            .tensors()
            .forEach(t -> actual.put(t.name(), t.tensor()));
      } else {
        boolean script = format.equals("torchscript");
        var root =
            script
                ? TorchArchive.open(file, arena, LIMITS).readPickle("data")
                : TorchFile.read(file, arena, LIMITS).root();
        TorchTensors.byPath(root, LIMITS)
            .forEach((path, ref) -> actual.put(script ? "data/" + path : path, tensor(ref)));
      }
      for (Map.Entry<String, Object> e : expected.entrySet()) {
        Map<?, ?> facts = (Map<?, ?>) e.getValue();
        Tensor tensor = actual.get(e.getKey());
        if (tensor == null) {
          return "no tensor " + e.getKey() + " among " + actual.keySet();
        }
        List<Long> dims = new ArrayList<>();
        for (long dim : tensor.dims()) {
          dims.add(dim);
        }
        if (!dims.equals(facts.get("shape"))
            || !TensorDigest.sha256(tensor).equals(facts.get("sha256"))) {
          return e.getKey() + " is " + tensor.typeText() + ", not " + facts;
        }
        count[1]++;
      }
      return "";
    } catch (IsomorphException e) {
      return e.getMessage();
    }
  }

  private static Tensor tensor(TensorRef ref) {
    return ref.quantization().isPresent() ? ref.stored() : ref.tensor();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> json(String text) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      parser.nextToken();
      return (Map<String, Object>) value(parser);
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          map.put(key, value(parser));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NULL -> "null";
      default -> parser.getText();
    };
  }
}
