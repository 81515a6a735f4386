package dev.isomorph.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command's JSON is one document that its committed schemas allow. */
class JsonTest {
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

  @TempDir private Path folder;

  private static Set<ValidationMessage> violations(String schema, JsonNode node)
      throws IOException {
    try (InputStream in = Main.class.getResourceAsStream("/schema/" + schema + ".json")) {
      return SCHEMAS.getSchema(in).validate(node);
    }
  }

  private static JsonNode check(String command, int exit, Object... args) throws IOException {
    Object[] all = new Object[args.length + 2];
    all[0] = command;
    all[1] = "--json";
    System.arraycopy(args, 0, all, 2, args.length);
    Cli.Result result = Cli.run(all);
    assertEquals("", result.err());
    JsonNode document = result.json();
    assertEquals(exit, result.exit(), result.out());
    assertEquals(exit, document.get("exit").asInt());
    assertEquals(command, document.get("command").asText());
    assertEquals(Set.of(), violations("document", document));
    if (!document.get("result").isNull()) {
      assertEquals(Set.of(), violations(command, document.get("result")));
    }
    return document;
  }

  @Test
  void inspect() throws IOException {
    JsonNode result = check("inspect", 0, Cli.digits("conv_net.onnx")).get("result");
    assertEquals(2, result.at("/signatures/0/operators/Conv").asInt());
    assertEquals("f32[N,1,8,8]", result.at("/signatures/0/inputs/0/type").asText());
    check("inspect", 0, Cli.digits("conv_net.pt"));
    check("inspect", 0, "--text", Cli.digits("conv_net.onnx"));
  }

  @Test
  void diff() throws IOException {
    check("diff", 0, Cli.digits("conv_net.pt"), Cli.digits("conv_net.safetensors"));
    JsonNode result =
        check("diff", 1, Cli.digits("conv_net.onnx"), Cli.digits("conv_net_torchscript.onnx"));
    assertEquals("differ", result.get("status").asText());
    assertTrue(result.at("/result/differences").size() > 5);
  }

  @Test
  void run() throws IOException {
    JsonNode result =
        check(
            "run",
            0,
            Cli.digits("simple_nn.onnx"),
            "--inputs",
            Cli.digits("digits.npy"),
            "-o",
            folder);
    assertTrue(Files.exists(Path.of(result.at("/result/outputs/0/file").asText())));
  }

  @Test
  void scan() throws IOException {
    JsonNode result = check("scan", 0, Cli.digits("conv_net.pt")).get("result");
    assertEquals("harmless", result.get("verdict").asText());
    Path evil = folder.resolve("evil.pkl");
    Files.write(evil, ScanTest.RUNS_A_COMMAND);
    JsonNode findings = check("scan", 1, evil).get("result");
    assertEquals("posix.system", findings.at("/pickles/0/calls/0/callable").asText());
  }

  @Test
  void verifyAndItsFailure() throws IOException {
    JsonNode held =
        check(
            "verify",
            0,
            Cli.digits("simple_nn.onnx"),
            Cli.digits("simple_nn_torchscript.onnx"),
            "--inputs",
            Cli.digits("digits.npy"));
    assertEquals("pass", held.at("/result/verdict").asText());
    JsonNode nothing = check("verify", 3, Cli.digits("simple_nn.pt"), "--source", "none.py");
    assertTrue(nothing.get("result").isNull());
  }

  @Test
  void convert() throws IOException {
    JsonNode document =
        check("convert", 0, Cli.digits("simple_nn.onnx"), "--to", "onnx", "-o", folder + "/");
    assertEquals("pass", document.at("/result/targets/0/parity/verdict").asText());
    JsonNode again =
        check("convert", 74, Cli.digits("simple_nn.onnx"), "--to", "onnx", "-o", folder + "/");
    assertEquals("OUTPUT_EXISTS", again.at("/errors/0/code").asText());
  }

  @Test
  void opsDoctorAndBench() throws IOException {
    assertEquals("Abs", check("ops", 0).at("/result/operators/0/operator").asText());
    check("doctor", 0);
    JsonNode bench =
        check("bench", 0, Cli.digits("simple_nn.onnx"), "--runs", "2", "--device", "cpu");
    assertEquals("onnxruntime", bench.at("/result/engines/1/engine").asText());
  }

  @Test
  void sweep() throws IOException {
    Path cases = folder.resolve("cases.jsonl");
    Files.writeString(cases, "");
    Cli.Result result = Cli.run("sweep", "--json", cases);
    assertEquals(Set.of(), violations("document", result.json()));
  }

  @Test
  void wrongUsageIsADocumentToo() throws IOException {
    check("convert", 2, Cli.digits("simple_nn.onnx"));
    check("inspect", 3, "no_such_file.onnx");
    check("ops", 2, "nope");
  }
}
