package dev.isomorph.formats.numpy;

import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.OutputFile;
import dev.isomorph.formats.Text;
import dev.isomorph.formats.archive.ArchiveEntry;
import dev.isomorph.formats.archive.ZipArchive;
import dev.isomorph.formats.archive.ZipWriter;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * NumPy's {@code .npz} archives: a zip of npy files, each array under its name without the suffix.
 * Arrays of stored entries are slices of the mapped file. All methods are safe for many threads.
 */
public final class Npz {
  private static final String SUFFIX = ".npy";

  private Npz() {}

  /**
   * {@return the arrays in the order of the archive}
   *
   * @param notes told of each entry that is no array
   * @throws IsomorphException with every array that cannot be read
   */
  public static List<NamedTensor> read(
      Path path, TensorArena arena, Limits limits, Consumer<Diagnostic> notes) {
    try {
      return read(ZipArchive.open(arena.map(path), arena, limits), limits, notes);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    }
  }

  static List<NamedTensor> read(ZipArchive zip, Limits limits, Consumer<Diagnostic> notes) {
    List<NamedTensor> arrays = new ArrayList<>();
    List<Diagnostic> faults = new ArrayList<>();
    for (ArchiveEntry entry : zip.entries()) {
      String name = entry.name();
      if (!name.endsWith(SUFFIX)) {
        notes.accept(
            Diagnostic.note(
                ErrorCode.UNSUPPORTED_FEATURE, "the entry %s is no array", Text.quote(name)));
        continue;
      }
      try {
        arrays.add(
            NamedTensor.of(
                name.substring(0, name.length() - SUFFIX.length()),
                Npy.read(zip.bytes(entry), zip.owner(), Optional.empty(), limits)));
      } catch (IsomorphException e) {
        e.map(d -> d.entry().isEmpty() ? d.inEntry(name) : d).diagnostics().forEach(faults::add);
      }
    }
    if (!faults.isEmpty()) {
      throw new IsomorphException(faults);
    }
    return arrays;
  }

  /**
   * Writes arrays, stored and aligned, as a file that appears when it is complete. Tied tensors are
   * written once for each name: npz cannot say that they are one.
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_DTYPE} naming every tensor that NumPy
   *     cannot hold, {@link ErrorCode#OUTPUT_FAILED}
   */
  public static void write(Path path, List<NamedTensor> arrays) {
    List<byte[]> headers;
    try {
      headers = headers(arrays);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    }
    OutputFile.write(
        path,
        out -> {
          ZipWriter zip = new ZipWriter(out);
          for (int i = 0; i < arrays.size(); i++) {
            byte[] header = headers.get(i);
            NamedTensor array = arrays.get(i);
            zip.add(
                array.name() + SUFFIX,
                header.length + array.tensor().byteSize(),
                w -> Npy.write(w, header, array.tensor()));
          }
          zip.finish();
        });
  }

  /**
   * Checks that the format can hold arrays.
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_DTYPE} naming every tensor that NumPy
   *     cannot hold
   */
  public static void check(List<NamedTensor> arrays) {
    headers(arrays);
  }

  private static List<byte[]> headers(List<NamedTensor> arrays) {
    List<byte[]> headers = new ArrayList<>();
    List<Diagnostic> faults = new ArrayList<>();
    for (NamedTensor array : arrays) {
      try {
        headers.add(Npy.header(array.tensor()));
      } catch (IsomorphException e) {
        e.map(d -> d.inEntry(array.name())).diagnostics().forEach(faults::add);
      }
    }
    if (!faults.isEmpty()) {
      throw new IsomorphException(faults);
    }
    return headers;
  }
}
