package dev.isomorph.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.diagnostic.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Documents that are made from the program: {@code -Disomorph.update=true} writes them anew. */
class DocumentsTest {
  private static void check(String file, String text) throws IOException {
    Path path = Cli.ROOT.resolve("docs").resolve(file);
    if (Boolean.getBoolean("isomorph.update")) {
      Files.createDirectories(path.getParent());
      Files.writeString(path, text);
    }
    assertEquals(text, Files.readString(path).replace("\r\n", "\n"));
  }

  @Test
  void errorCodes() throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            # Error codes

            Every error has one of these codes, in people's text as `error[CODE]`, in JSON as `"code"`. A code
            never changes its meaning or its exit status. This page is made from `ErrorCode`.

            | code | exit status | meaning |
            |---|--:|---|
            """);
    for (ErrorCode code : ErrorCode.values()) {
      text.append(
          "| `%s` | %d | %s |\n".formatted(code.name(), code.kind().exit(), code.meaning()));
    }
    check("errors.md", text.toString());
  }

  @Test
  void operators() throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            # Operators

            The operators of ONNX's newest opset: the version of their newest definition, whether shapes are
            inferred, whether the reference runtime computes them on the CPU, and whether ONNX itself defines
            them by other operators. This page is what `isomorph ops --markdown` prints.

            """);
    OperatorCoverage.of("onnx").markdown().forEach(line -> text.append(line).append('\n'));
    check("operators.md", text.toString());
  }

  @Test
  void everyCommandIsDescribedAndHasExamples() throws IOException {
    String page = Files.readString(Cli.ROOT.resolve("docs/cli.md"));
    for (var entry : CommandLines.tree().getSubcommands().entrySet()) {
      CommandLine.Model.CommandSpec spec = entry.getValue().getCommandSpec();
      if (spec.userObject() instanceof IsomorphCommand) {
        assertTrue(page.contains("`isomorph " + entry.getKey()), entry.getKey());
        assertTrue(
            String.join("\n", spec.usageMessage().footer())
                .contains("  isomorph " + entry.getKey()),
            entry.getKey() + " has no example");
        assertTrue(spec.usageMessage().description().length > 0);
      }
    }
  }

  @Test
  void everyExampleParses() {
    for (CommandLine command : CommandLines.tree().getSubcommands().values()) {
      for (String line : command.getCommandSpec().usageMessage().footer()) {
        if (line.startsWith("  isomorph ")) {
          String words = line.strip().replaceAll(" [|>].*", "");
          String[] args = words.substring("isomorph ".length()).split(" ");
          CommandLines.tree().parseArgs(args);
        }
      }
    }
  }
}
