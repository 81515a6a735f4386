package dev.isomorph.formats.sniff;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.isomorph.formats.Text;
import dev.isomorph.formats.archive.ArchiveEntry;
import dev.isomorph.formats.archive.ZipArchive;
import dev.isomorph.formats.numpy.Npy;
import dev.isomorph.formats.pickle.PickleDialect;
import dev.isomorph.formats.pickle.PickleScan;
import dev.isomorph.formats.torch.TorchDialect;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Says what a model file would do if its own framework loaded it: every pickle in it, Python code
 * that would run, and what could not be looked into. Nothing is executed. Archives in archives are
 * followed to a small depth.
 */
public final class ModelScan {
  private static final int LEGACY_PICKLES = 5;
  private static final int DEEPEST = 3;

  /**
   * One pickle.
   *
   * @param entry where in the file; empty for the file itself
   * @param report what it would do
   */
  public record Part(String entry, PickleScan.Report report) {}

  /**
   * Code that comes with the model.
   *
   * @param entry where in the file
   * @param what what it is and when it would run
   * @param verdict how much harm it may do
   */
  public record Code(String entry, String what, PickleScan.Verdict verdict) {}

  /**
   * What loading would do.
   *
   * @param what what the file is
   * @param pickles its pickles
   * @param code its code
   * @param notes what was not looked into, and why
   */
  public record Report(Sniffed what, List<Part> pickles, List<Code> code, List<Diagnostic> notes) {
    public Report {
      pickles = List.copyOf(pickles);
      code = List.copyOf(code);
      notes = List.copyOf(notes);
    }

    /** {@return the worst that loading may do; what was not looked into counts as unknown} */
    public PickleScan.Verdict verdict() {
      Stream<PickleScan.Verdict> all =
          Stream.concat(
              pickles.stream().map(p -> p.report.verdict()), code.stream().map(Code::verdict));
      PickleScan.Verdict least =
          notes.isEmpty() ? PickleScan.Verdict.HARMLESS : PickleScan.Verdict.UNKNOWN;
      return all.reduce(least, (a, b) -> a.compareTo(b) > 0 ? a : b);
    }
  }

  private final TensorArena arena;
  private final Limits limits;
  private final PickleDialect known;
  private final List<Part> pickles = new ArrayList<>();
  private final List<Code> code = new ArrayList<>();
  private final List<Diagnostic> notes = new ArrayList<>();

  private ModelScan(TensorArena arena, Limits limits) {
    this.arena = arena;
    this.limits = limits;
    this.known = TorchDialect.withoutStorages(arena, limits);
  }

  /**
   * {@return what loading a file, or the files of a folder, would do}
   *
   * @throws IsomorphException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#FILE_UNREADABLE},
   *     or a damaged archive
   */
  public static Report scan(Path path, Limits limits) {
    Sniffed what = Sniffer.sniff(path, limits);
    try (TensorArena arena = TensorArena.open(path.toString())) {
      ModelScan scan = new ModelScan(arena, limits);
      if (Files.isDirectory(path)) {
        scan.folder(path);
      } else if (what.kind() != FormatKind.CHECKPOINT && what.kind() != FormatKind.EMPTY) {
        scan.bytes("", arena.map(path), what.kind(), 0);
      }
      return new Report(what, scan.pickles, scan.code, scan.notes);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    }
  }

  private void folder(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = file.getFileName().toString();
        FormatKind kind = Sniffer.sniff(file, limits).kind();
        if (kind == FormatKind.PYTHON) {
          code.add(
              new Code(
                  name, "Python code, which runs when it is imported", PickleScan.Verdict.UNKNOWN));
        } else if (kind != FormatKind.EMPTY) {
          bytes(name, arena.map(file), kind, 0);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void bytes(String entry, MemorySegment bytes, FormatKind kind, int depth) {
    switch (kind) {
      case TORCH_LEGACY -> pickles(entry, bytes, LEGACY_PICKLES);
      case TORCH_TAR ->
          pickles.add(
              new Part(
                  entry,
                  PickleScan.scan(
                      known, limits, l -> TorchDialect.readTar(bytes, arena, limits, l))));
      case PICKLE -> pickles(entry, bytes, 1);
      case NPY -> array(entry, bytes);
      case TORCH_ZIP, TORCHSCRIPT, TORCHSCRIPT_MOBILE, PT2, MAR, KERAS, NPZ, ZIP ->
          zip(entry, bytes, kind, depth);
      case HDF5 ->
          note(
              entry,
              "the layers of an HDF5 file are not looked into: a Lambda layer would run code");
      case COMPRESSED, TAR -> note(entry, "what is packed in it is not looked into");
      default -> {}
    }
  }

  private void pickles(String entry, MemorySegment bytes, int count) {
    pickles.add(new Part(entry, PickleScan.scan(bytes, count, known, limits)));
  }

  private void array(String entry, MemorySegment bytes) {
    try {
      Npy.pickle(bytes).ifPresent(pickle -> pickles(entry, pickle, 1));
    } catch (IsomorphException e) {
      e.map(d -> entry.isEmpty() ? d : d.inEntry(entry)).diagnostics().forEach(notes::add);
    }
  }

  private void zip(String entry, MemorySegment bytes, FormatKind kind, int depth) {
    ZipArchive zip = ZipArchive.open(bytes, arena, limits);
    for (ArchiveEntry inner : zip.entries()) {
      String name = entry.isEmpty() ? inner.name() : entry + " › " + inner.name();
      boolean storage = inner.name().matches("[^/]+/(data|constants|traced_inputs)/[^/]+");
      if (inner.isFolder() || storage || inner.size() == 0) {
        continue;
      }
      if (inner.name().endsWith(".py")) {
        boolean script = kind == FormatKind.TORCHSCRIPT || kind == FormatKind.TORCHSCRIPT_MOBILE;
        code.add(
            script
                ? new Code(
                    name,
                    "TorchScript, which PyTorch interprets without Python",
                    PickleScan.Verdict.HARMLESS)
                : new Code(
                    name,
                    "Python code, which runs when the model is served",
                    PickleScan.Verdict.UNKNOWN));
        continue;
      }
      try {
        inside(name, inner.name(), zip.bytes(inner), depth);
      } catch (IsomorphException e) {
        e.map(d -> d.inEntry(name)).diagnostics().forEach(notes::add);
      }
    }
  }

  private void inside(String name, String plainName, MemorySegment bytes, int depth) {
    if (plainName.endsWith(".pkl") || plainName.endsWith(".pickle")) {
      pickles(name, bytes, 1);
    } else if (plainName.endsWith(".weights.h5")) {
      // Arrays alone: the layers of a Keras archive are in its configuration.
      return;
    } else if (plainName.endsWith("config.json")) {
      keras(name, bytes);
    } else {
      FormatKind kind = Sniffer.kindOf(bytes, arena, limits);
      if (depth >= DEEPEST && kind != FormatKind.UNKNOWN) {
        note(name, "archives in archives in archives are not looked into");
      } else {
        bytes(name, bytes, kind, depth + 1);
      }
    }
  }

  /** Lambda layers hold Python bytecode as text. */
  private void keras(String name, MemorySegment json) {
    if (json.byteSize() > limits.headerBytes()) {
      note(name, "the configuration is too long to be looked into");
      return;
    }
    try (JsonParser parser = new JsonFactory().createParser(json.toArray(ValueLayout.JAVA_BYTE))) {
      int lambdas = 0;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        boolean type = token == JsonToken.VALUE_STRING && "class_name".equals(parser.currentName());
        if (type && (parser.getText().equals("Lambda") || parser.getText().equals("__lambda__"))) {
          lambdas++;
        }
      }
      if (lambdas > 0) {
        code.add(
            new Code(
                name,
                "a Lambda layer of Keras, which runs Python code",
                PickleScan.Verdict.DANGEROUS));
      }
    } catch (IOException e) {
      note(
          name,
          "the configuration is no valid JSON: " + Text.quote(String.valueOf(e.getMessage())));
    }
  }

  private void note(String entry, String what) {
    notes.add(Diagnostic.note(ErrorCode.UNSUPPORTED_FEATURE, "%s", what).inEntry(entry));
  }
}
