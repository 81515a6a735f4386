package dev.isomorph.formats.pickle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.Fixtures;
import dev.isomorph.formats.Fuzz;
import dev.isomorph.formats.torch.TorchDialect;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PickleScanTest {
  private static final Limits LIMITS = Limits.defaults();
  private final TensorArena arena = TensorArena.open("test");

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void saysWhatWouldBeCalledWithWhat() {
    PickleScan.Report report = scan("cos\nsystem\n(S'rm -rf /'\ntR.");
    assertEquals(PickleScan.Verdict.DANGEROUS, report.verdict());
    assertEquals(
        List.of(
            new PickleScan.Import(
                "os.system",
                PickleScan.Verdict.DANGEROUS,
                "runs commands and changes files",
                0,
                1)),
        report.imports());
    assertEquals(
        List.of(
            new PickleScan.CallSite(
                "os.system", PickleScan.Verdict.DANGEROUS, "('rm -rf /')", Opcode.REDUCE, 25)),
        report.calls());
  }

  @Test
  void seesThroughEveryWayOfCalling() {
    for (String pickle :
        List.of(
            "(S'x'\niposix\nsystem\n.",
            "(cnt\nsystem\nS'x'\no.",
            "\u0080\4\u008c\5posix\u008c\6system\u0093\u008c\1x\u0085R.",
            "\u0080\4\u008c\12subprocess\u008c\5Popen\u0093)\u0081.",
            "\u0080\4\u008c\12subprocess\u008c\5Popen\u0093)}\u0092.",
            "c__builtin__\neval\n(S'1'\ntR.",
            "cbuiltins\ngetattr\n(cos\nsystem\nS'x'\ntR.",
            "ctorch.hub\nload\n)R.",
            "ccollections\nOrderedDict.__init__.__globals__\n.",
            "cwebbrowser\nopen\n)R.",
            "cnumpy\nload\n)R.",
            "cpip\nmain\n)R.",
            "crunpy\n_run_code\n)R.")) {
      assertEquals(PickleScan.Verdict.DANGEROUS, scan(pickle).verdict(), pickle);
    }
  }

  @Test
  void aStreamThatBreaksHasDoneItsHarmBefore() {
    PickleScan.Report report = scan("cos\nsystem\n(S'x'\ntR0garbage");
    assertEquals(PickleScan.Verdict.DANGEROUS, report.verdict());
    assertEquals(1, report.calls().size());
    assertTrue(report.broken().isPresent());
  }

  @Test
  void arguingConstructorsDoNotEndTheScan() {
    // Python takes what our constructor of sets refuses, and goes on to the call.
    PickleScan.Report report = scan("c__builtin__\nset\n(S'ab'\ntR0cos\nsystem\n(S'x'\ntR.");
    assertEquals(PickleScan.Verdict.DANGEROUS, report.verdict());
    assertTrue(report.broken().isEmpty());
  }

  @Test
  void picklesInBytesAreFound() {
    PickleScan.Report report =
        scan(
            "ctorch.storage\n"
                + "_load_from_bytes\n"
                + "(c_codecs\n"
                + "encode\n"
                + "(X\u0011\0\0\0\u00c2\u0080\2cos\n"
                + "system\n"
                + ")R.X\6\0\0\0latin1tRtR.");
    assertEquals(1, report.nested().size());
    assertEquals("os.system", report.nested().getFirst().calls().getFirst().callable());
    assertEquals(PickleScan.Verdict.DANGEROUS, report.verdict());
  }

  @Test
  void dataIsHarmlessAndOthersCodeIsUnknown() {
    assertEquals(PickleScan.Verdict.HARMLESS, scan("ccollections\nOrderedDict\n)R.").verdict());
    assertEquals(
        PickleScan.Verdict.HARMLESS, scan("ctorch._utils\n_rebuild_tensor_v2\n.").verdict());
    assertEquals(PickleScan.Verdict.HARMLESS, scan("ctorch.cuda\nFloatStorage\n.").verdict());
    assertEquals(
        PickleScan.Verdict.HARMLESS,
        scan("ccopy_reg\n_reconstructor\n(cargparse\nNamespace\nc__builtin__\nobject\nNtR.")
            .verdict());
    PickleScan.Report unknown = scan("cmodels.net\nNet\n)\u0081.");
    assertEquals(PickleScan.Verdict.UNKNOWN, unknown.verdict());
    assertEquals(
        "is code that the file expects to be installed", unknown.imports().getFirst().reason());
    assertEquals(
        "is a class or function of PyTorch, which runs its own code when it is unpickled",
        scan("ctorch.nn.modules.linear\nLinear\n)\u0081.").imports().getFirst().reason());
  }

  @Test
  void takesAnyBytes() {
    Fuzz.run(
        List.of(
            "cos\nsystem\n(S'rm -rf /'\ntR.".getBytes(StandardCharsets.ISO_8859_1),
            "\u0080\4\u008c\5posix\u008c\6system\u0093\u008c\1x\u0085R."
                .getBytes(StandardCharsets.ISO_8859_1)),
        (file, owner) ->
            PickleScan.scan(file, 3, TorchDialect.withoutStorages(owner, Fuzz.LIMITS), Fuzz.LIMITS)
                .verdict());
  }

  private PickleScan.Report scan(String latin1) {
    return PickleScan.scan(
        Fixtures.map(latin1.getBytes(StandardCharsets.ISO_8859_1), arena),
        1,
        TorchDialect.withoutStorages(arena, LIMITS),
        LIMITS);
  }
}
