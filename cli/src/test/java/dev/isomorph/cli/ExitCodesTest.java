package dev.isomorph.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exit statuses that scripts rely on, one by one. */
class ExitCodesTest {
  @TempDir private Path folder;

  private static void check(int exit, String message, Object... args) {
    Cli.Result result = Cli.run(args);
    assertEquals(exit, result.exit(), result.out() + result.err());
    assertTrue(result.err().contains(message), result.err());
  }

  @Test
  void zeroWhenParityHeld() {
    Cli.Result result =
        Cli.run(
            "verify",
            Cli.digits("simple_nn.onnx"),
            Cli.digits("simple_nn_torchscript.onnx"),
            "--inputs",
            Cli.digits("digits.npy"));
    assertEquals(0, result.exit(), result.out());
  }

  @Test
  void oneWhenItFailed() {
    Cli.Result result =
        Cli.run(
            "verify",
            Cli.digits("conv_net.onnx"),
            Cli.digits("conv_net_torchscript.onnx"),
            "--rtol",
            "1e-12",
            "--inputs",
            Cli.digits("digits_images.npy"));
    assertEquals(1, result.exit(), result.out());
    assertTrue(result.out().endsWith("FAIL\n"), result.out());
  }

  @Test
  void twoForWrongUsage() {
    check(2, "a command is missing");
    check(
        2,
        "did you mean --input or --inputs? isomorph help verify shows",
        "verify",
        "a.onnx",
        "--inptus",
        "x.npy");
    check(2, "there is no target format 'onix'", "convert", "a", "--to", "onix");
    check(2, "expected: onnx", "convert", "a", "--to", "onix");
    check(
        2,
        "'most' is no level of optimization",
        "convert",
        Cli.digits("simple_nn.onnx"),
        "--to",
        "onnx",
        "--optimize",
        "most");
  }

  @Test
  void threeForInputThatCannotBeRead() throws IOException {
    check(3, "error[FILE_NOT_FOUND] no_such.onnx", "inspect", "no_such.onnx");
    Path cut = folder.resolve("cut.onnx");
    byte[] whole = Files.readAllBytes(Cli.digits("simple_nn.onnx"));
    Files.write(cut, java.util.Arrays.copyOf(whole, whole.length / 2));
    check(3, "cut.onnx", "inspect", cut);
    Path receipt = Files.writeString(folder.resolve("r.json"), "{\"schema\": \"other\"}");
    check(
        3,
        "expected: a receipt, isomorph-parity/1",
        "verify",
        Cli.digits("simple_nn.onnx"),
        Cli.digits("simple_nn_torchscript.onnx"),
        "--receipt",
        receipt);
  }

  @Test
  void fourForWhatIsNotSupported() throws IOException {
    Path zip = folder.resolve("model.tflite");
    Files.write(zip, new byte[] {28, 0, 0, 0, 'T', 'F', 'L', '3', 0, 0, 0, 0, 0, 0, 0, 0});
    Cli.Result result = Cli.run("inspect", zip);
    assertEquals(4, result.exit(), result.err());
  }

  @Test
  void fiveWhenAnEngineOrDeviceIsMissing() {
    check(
        5,
        "there is no engine 'torch'",
        "verify",
        Cli.digits("simple_nn.onnx"),
        Cli.digits("simple_nn_torchscript.onnx"),
        "--engine",
        "torch");
    check(
        5,
        "there is no device 'tpu'",
        "run",
        Cli.digits("simple_nn.onnx"),
        "--inputs",
        Cli.digits("digits.npy"),
        "--device",
        "tpu",
        "-o",
        folder);
  }

  @Test
  void seventyFourWhenTheOutputCannotBeWritten() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    check(
        74,
        "error[OUTPUT_FAILED]",
        "run",
        Cli.digits("simple_nn.onnx"),
        "--inputs",
        Cli.digits("digits.npy"),
        "-o",
        file.resolve("inside"));
  }
}
