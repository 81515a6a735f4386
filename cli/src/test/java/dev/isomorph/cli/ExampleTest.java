package dev.isomorph.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.numpy.Npy;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles the example program as it stands, and runs it. */
class ExampleTest {
  @TempDir private Path folder;

  @Test
  void theExampleClassifiesDigits() throws Exception {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter complaints = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  complaints,
                  files,
                  null,
                  List.of("-proc:none", "-d", folder.toString()),
                  null,
                  files.getJavaFileObjects(Cli.ROOT.resolve("examples/java/DigitsExample.java")))
              .call();
      assertTrue(compiled, complaints.toString());
    }
    try (URLClassLoader loader =
            new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader());
        TensorArena arena = TensorArena.open("digits")) {
      var classify =
          loader.loadClass("DigitsExample").getMethod("classify", Path.class, float[].class);
      float[] pixels = Npy.read(Cli.digits("digits.npy"), arena, Limits.defaults()).toFloats();
      float[] logits =
          Npy.read(Cli.digits("expected/torch_simple_nn.npy"), arena, Limits.defaults()).toFloats();
      for (int i = 0; i < 20; i++) {
        float[] picture = Arrays.copyOfRange(pixels, 64 * i, 64 * i + 64);
        assertEquals(
            largest(Arrays.copyOfRange(logits, 10 * i, 10 * i + 10)),
            classify.invoke(null, Cli.digits("simple_nn.onnx"), picture),
            "picture " + i);
      }
    }
  }

  private static int largest(float[] values) {
    int largest = 0;
    for (int i = 1; i < values.length; i++) {
      largest = values[i] > values[largest] ? i : largest;
    }
    return largest;
  }
}
