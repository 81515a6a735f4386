package dev.isomorph.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

class ReportsTest {
  @TempDir private Path folder;

  private Cli.Result verify(Object... more) {
    Object[] args = new Object[more.length + 5];
    args[0] = "verify";
    args[1] = Cli.digits("conv_net.onnx");
    args[2] = Cli.digits("conv_net_torchscript.onnx");
    args[3] = "--inputs";
    args[4] = Cli.digits("digits_images.npy");
    System.arraycopy(more, 0, args, 5, more.length);
    return Cli.run(args);
  }

  @Test
  void thePageStandsAloneAndDrawsEveryNode() throws IOException {
    Path page = folder.resolve("report.html");
    Cli.Result result = verify("--report", page);
    assertEquals(0, result.exit(), result.err());
    String html = Files.readString(page);
    assertFalse(html.matches("(?s).*(https?:|src=|href=|@import|<script).*"), "it asks for more");
    assertEquals(8 + 2, html.split("<g class=\"node ", -1).length - 1);
    assertEquals(9, html.split("<path class=\"edge\"", -1).length - 1);
    assertTrue(html.contains("<span class=\"badge pass\">PASS</span>"));
    assertTrue(html.contains("class=\"histogram\""));
    assertTrue(html.contains("features.0.0.weight"), "no weight ledger");
  }

  @Test
  void aModelAloneIsDrawnToo() throws IOException {
    Path page = folder.resolve("model.html");
    assertEquals(0, Cli.run("inspect", Cli.digits("conv_net.onnx"), "--html", page).exit());
    assertTrue(Files.readString(page).contains(">BatchNormalization</text>"));
  }

  @Test
  void namesFromFilesCannotBecomeMarkup() throws IOException {
    Path file = folder.resolve("<b>&x.onnx");
    Files.copy(Cli.digits("simple_nn.onnx"), file);
    Path page = folder.resolve("model.html");
    assertEquals(0, Cli.run("inspect", file, "--html", page).exit());
    assertFalse(Files.readString(page).contains("<b>"));
  }

  @Test
  void junitCountsWhatThereIs() throws Exception {
    Path xml = folder.resolve("parity.xml");
    verify("--junit", xml, "--rtol", "1e-12");
    Element root =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(xml.toFile())
            .getDocumentElement();
    Element suite = (Element) root.getElementsByTagName("testsuite").item(0);
    assertEquals(
        Integer.parseInt(suite.getAttribute("tests")),
        root.getElementsByTagName("testcase").getLength());
    assertEquals(
        Integer.parseInt(suite.getAttribute("failures")),
        root.getElementsByTagName("failure").getLength());
    assertEquals(3, root.getElementsByTagName("failure").getLength());
  }

  @Test
  void aReceiptHoldsUntilAFileChanges() throws IOException {
    Path receipt = folder.resolve("r.json");
    assertTrue(verify("--receipt", receipt, "--seed", "3").out().contains("receipt in " + receipt));
    assertTrue(verify("--receipt", receipt).out().contains("receipt " + receipt + " holds\n"));
    ObjectMapper mapper = new ObjectMapper();
    JsonNode root = mapper.readTree(receipt.toFile());
    ((ObjectNode) root.get("target")).put("sha256", "00");
    mapper.writeValue(receipt.toFile(), root);
    Cli.Result broken = verify("--receipt", receipt);
    assertEquals(1, broken.exit());
    assertTrue(broken.out().contains("receipt " + receipt + " is broken\n"), broken.out());
    assertTrue(broken.out().contains("conv_net_torchscript.onnx is not the one of the receipt"));
  }

  @Test
  void aBaselineFailsAtTwiceItsErrors() throws IOException {
    Path baseline = folder.resolve("b.json");
    assertEquals(0, verify("--write-baseline", baseline).exit());
    assertEquals(0, verify("--baseline", baseline).exit());
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = (ObjectNode) mapper.readTree(baseline.toFile());
    ObjectNode errors = (ObjectNode) root.get("maxUlp");
    String check = "engine by onnxruntime of logits";
    errors.put(check, errors.get(check).asDouble() / 2.1);
    mapper.writeValue(baseline.toFile(), root);
    Cli.Result worse = verify("--baseline", baseline);
    assertEquals(1, worse.exit());
    assertTrue(
        worse.out().contains("baseline " + baseline + " is exceeded\n  " + check + " is off"));
  }
}
