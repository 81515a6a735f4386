package dev.isomorph.exporters.weights;

import dev.isomorph.exporters.ExportReport;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.LedgerEntry;
import dev.isomorph.exporters.WeightsExporter;
import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.io.AtomicOutput;
import dev.isomorph.formats.numpy.Npz;
import dev.isomorph.formats.safetensors.SafetensorsWriter;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes weights as one safetensors or npz file. Bytes, keys and order are the source's; tensors
 * that are tied stay so where the format can say it. Stateless and safe for many threads.
 */
public final class WeightFileExporter implements WeightsExporter {
  private enum Format {
    SAFETENSORS("safetensors") {
      @Override
      void check(List<NamedTensor> tensors) {
        SafetensorsWriter.check(tensors);
      }

      @Override
      void write(Path path, List<NamedTensor> tensors, Map<String, String> metadata) {
        SafetensorsWriter.write(path, tensors, metadata);
      }
    },
    NPZ("npz") {
      @Override
      void check(List<NamedTensor> tensors) {
        Npz.check(tensors);
      }

      @Override
      void write(Path path, List<NamedTensor> tensors, Map<String, String> metadata) {
        Npz.write(path, tensors);
      }
    };

    private final String text;

    Format(String text) {
      this.text = text;
    }

    abstract void check(List<NamedTensor> tensors);

    abstract void write(Path path, List<NamedTensor> tensors, Map<String, String> metadata);
  }

  private final Format format;

  private WeightFileExporter(Format format) {
    this.format = format;
  }

  /** {@return the exporter of safetensors files} */
  public static WeightFileExporter safetensors() {
    return new WeightFileExporter(Format.SAFETENSORS);
  }

  /** {@return the exporter of npz files} */
  public static WeightFileExporter npz() {
    return new WeightFileExporter(Format.NPZ);
  }

  @Override
  public String format() {
    return format.text;
  }

  @Override
  public String fileName(String stem) {
    return stem + "." + format.text;
  }

  @Override
  public List<Diagnostic> refusals(Weights weights, ExportRequest request) {
    try {
      format.check(tensors(weights));
      return List.of();
    } catch (IsomorphException e) {
      return e.diagnostics();
    }
  }

  @Override
  public ExportReport export(Weights weights, ExportRequest request) {
    Path target = request.target();
    if (weights.parameters().isEmpty()) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_TARGET, "'%s' has no weights to be written", weights.name())
          .toException();
    }
    if (Files.exists(target) && !request.replace()) {
      // The one message for this, and nothing written.
      AtomicOutput.file(target, false).close();
    }
    format.write(target, tensors(weights), weights.metadata());
    List<String> notes = new ArrayList<>();
    if (format == Format.NPZ && tied(weights) > 0) {
      notes.add("npz cannot say that tensors are tied: each is written under its own key");
    }
    return new ExportReport(format.text, "", List.of(target), List.of(), ledger(weights), notes);
  }

  private static List<NamedTensor> tensors(Weights weights) {
    return weights.parameters().values().stream()
        .map(p -> NamedTensor.of(p.name(), p.tensor(), p.storage()))
        .toList();
  }

  private static int tied(Weights weights) {
    Set<Object> storages = new HashSet<>();
    int tied = 0;
    for (Value.Parameter parameter : weights.parameters().values()) {
      tied += storages.add(parameter.storage()) ? 0 : 1;
    }
    return tied;
  }

  private static List<LedgerEntry> ledger(Weights weights) {
    return weights.parameters().values().stream()
        .map(
            p ->
                new LedgerEntry(
                    p.name(),
                    p.name(),
                    p.tensor().typeText(),
                    p.derivation().how(),
                    p.derivation().keys()))
        .toList();
  }
}
