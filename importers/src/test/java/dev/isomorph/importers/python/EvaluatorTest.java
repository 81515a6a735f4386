package dev.isomorph.importers.python;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.importers.python.syntax.SourceFile;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluatorTest {
  @TempDir Path folder;

  private String resource(String name) throws IOException {
    try (var in = EvaluatorTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String run(String source, Limits limits, Diagnostics notes) {
    SourceTree tree =
        new SourceTree(List.of(folder), List.of(new StandardLibrary()), Set.of(), limits);
    StringBuilder out = new StringBuilder();
    try (Interpreter in = new Interpreter(tree, limits, notes)) {
      in.printer(out::append);
      SourceFile file = new SourceFile("model.py", source);
      ModuleSources.Found found = new ModuleSources.Found(file, false, false);
      DeepStack.call(() -> in.guarded(() -> in.imports().evaluate("model", found)));
    }
    return out.toString();
  }

  private String run(String source) {
    return run(source, Limits.defaults(), new Diagnostics());
  }

  private String note(String source) {
    Diagnostics notes = new Diagnostics();
    run(source, Limits.defaults(), notes);
    return notes.all().getFirst().render();
  }

  @ParameterizedTest
  @ValueSource(strings = {"numbers_and_text", "containers", "classes"})
  void printsWhatPythonPrints(String script) throws IOException {
    assertEquals(resource(script + ".txt"), run(resource(script + ".py")));
  }

  @Test
  void siblingFilesAreImportedOnceAndCyclesEnd() throws IOException {
    Files.createDirectories(folder.resolve("net/blocks"));
    Files.writeString(folder.resolve("net/__init__.py"), "from .a import A\n");
    Files.writeString(
        folder.resolve("net/a.py"),
        "from . import b\nfrom .blocks.conv import SIZE\nclass A: pass\n");
    Files.writeString(
        folder.resolve("net/b.py"), "import net\nprint('b once')\ndef late(): return net.A\n");
    Files.writeString(folder.resolve("net/blocks/conv.py"), "from ..b import late\nSIZE = 3\n");
    assertEquals(
        "b once\n3 A\n",
        run(
            """
            from net import A
            from net.a import SIZE
            from net.b import late
            import net.b as again
            print(SIZE, late().__name__)
            """));
  }

  @Test
  void anUnusedMissingModuleDoesNoHarmAndAGuardedOneRaises() {
    assertEquals(
        "False\n",
        run(
            """
            import cv2
            from torchvision import transforms as T
            try:
                import apex
                HAVE = True
            except ImportError:
                HAVE = False
            print(HAVE)
            """));
    assertEquals(
        """
        note[UNSUPPORTED_CONSTRUCT] model.py
          a statement at module level was left out, because it could not be evaluated: \
        'cv2.imread' is called, but it is not part of the subset (imported at model.py:1)
          from:     model.py:2\
        """,
        note("import cv2\nimage = cv2.imread('x')\n"));
  }

  @Test
  void whatAStatementWouldHaveBoundGivesTheReason() {
    SourceFile file = new SourceFile("model.py", "import cv2\nimage = cv2.imread('x')\n");
    SourceTree tree =
        new SourceTree(List.of(), List.of(new StandardLibrary()), Set.of(), Limits.defaults());
    IsomorphException e;
    try (Interpreter in = new Interpreter(tree, Limits.defaults(), new Diagnostics())) {
      PyModule module = in.imports().evaluate("model", new ModuleSources.Found(file, false, false));
      e =
          assertThrows(
              IsomorphException.class, () -> in.evaluate(module, "--source", "image.shape"));
    }
    assertEquals(ErrorCode.UNSUPPORTED_CONSTRUCT, e.code());
  }

  @Test
  void nothingOfTheHostCanBeReached() {
    for (String call :
        List.of("open('/etc/passwd')", "eval('1')", "exec('x')", "compile('', '', 'exec')")) {
      assertTrue(note("x = " + call + "\n").contains("is outside the subset"), call);
    }
    assertTrue(
        note("import subprocess\nx = subprocess.run(['ls'])\n")
            .contains("'subprocess.run' is called"));
    assertTrue(
        note("import os\nx = os.system('ls')\n").contains("module 'os' has no attribute 'system'"));
  }

  @Test
  void stepsSequencesIntegersAndDepthAreBounded() {
    Limits small = new Limits(1 << 20, 10, 1 << 20, 64, 100_000, 1 << 20, 1 << 20, 100, 50_000);
    for (String bomb :
        List.of(
            "while True: pass",
            "x = [0] * 10 ** 9",
            "x = 'a' * 10 ** 12",
            "x = 9 ** 9 ** 9",
            "x = 1 << 10 ** 15",
            "x = list(range(10 ** 12))",
            "def f():\n    while True:\n        yield 1\nx = list(f())",
            "x = f'{1:>{10 ** 8}}'")) {
      IsomorphException e =
          assertThrows(
              IsomorphException.class, () -> run(bomb + "\n", small, new Diagnostics()), bomb);
      assertEquals(ErrorCode.FORMAT_LIMIT, e.code(), bomb);
    }
    assertTrue(note("def f(): return f()\nx = f()\n").contains("RecursionError"));
  }

  @Test
  void anImportNeverLeavesItsFolder() throws IOException {
    Path outside = Files.createTempFile("outside", ".py");
    Files.writeString(outside, "SECRET = 1\n");
    Files.createSymbolicLink(folder.resolve("link.py"), outside);
    IsomorphException e = assertThrows(IsomorphException.class, () -> run("import link\n"));
    assertEquals(ErrorCode.FORMAT_UNSAFE_PATH, e.code());
    Files.delete(outside);
  }

  @Test
  void generatorsOfAClosedEvaluatorEnd() {
    assertEquals(
        "0 1\n",
        run("def f():\n    for i in range(9): yield i\ng = f()\nprint(next(g), next(g))\n"));
  }
}
