package dev.isomorph.importers.weights;

import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.numpy.Npz;
import dev.isomorph.formats.safetensors.SafetensorsFile;
import dev.isomorph.formats.safetensors.SafetensorsIndex;
import dev.isomorph.formats.sniff.FormatKind;
import dev.isomorph.formats.sniff.Sniffed;
import dev.isomorph.formats.torch.StateDict;
import dev.isomorph.formats.torch.StateDicts;
import dev.isomorph.formats.torch.TorchFile;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.ir.Derivation;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads weight files: keys, order and ties are the file's; tensors stay mapped. Stateless and safe
 * for many threads.
 */
public final class WeightFiles {
  /** The kinds that are read, with what models and weights call their format. */
  private static final Map<FormatKind, String> KINDS =
      Map.of(
          FormatKind.SAFETENSORS, "safetensors",
          FormatKind.SAFETENSORS_INDEX, "safetensors",
          FormatKind.NPZ, "npz",
          FormatKind.TORCH_ZIP, "torch.save",
          FormatKind.TORCH_LEGACY, "torch.save",
          FormatKind.TORCH_TAR, "torch.save");

  private WeightFiles() {}

  /** {@return whether files of the kind hold weights and no graph} */
  public static boolean reads(FormatKind kind) {
    return KINDS.containsKey(kind);
  }

  /**
   * {@return the weights of a file; the caller closes them}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if the file is malformed, holds tensors of
   *     unsupported types, or holds several state dicts of which none was picked
   */
  public static Weights read(ImportRequest request, Sniffed sniffed) {
    Path path = sniffed.path();
    TensorArena arena = TensorArena.open(String.valueOf(path.getFileName()));
    try {
      Map<String, String> metadata = new java.util.LinkedHashMap<>();
      List<NamedTensor> tensors = tensors(request, sniffed, arena, metadata);
      Model.Source source = new Model.Source(KINDS.get(sniffed.kind()), path.toString(), "");
      return new Weights(
          String.valueOf(path.getFileName()), source, parameters(tensors), metadata, arena);
    } finally {
      arena.release();
    }
  }

  private static List<NamedTensor> tensors(
      ImportRequest request, Sniffed sniffed, TensorArena arena, Map<String, String> metadata) {
    Path path = sniffed.path();
    return switch (sniffed.kind()) {
      case SAFETENSORS -> {
        SafetensorsFile file = SafetensorsFile.open(path, arena, request.limits());
        metadata.putAll(file.metadata());
        metadata.keySet().removeAll(file.aliases().keySet());
        yield file.tensors();
      }
      case SAFETENSORS_INDEX -> SafetensorsIndex.read(path, arena, request.limits());
      case NPZ -> Npz.read(path, arena, request.limits(), request.diagnostics());
      default -> {
        StateDict dict =
            StateDicts.pick(
                TorchFile.read(path, arena, request.limits()), request.key(), request.limits());
        dict.notes().forEach(n -> request.diagnostics().accept(n.inFile(path.toString())));
        for (StateDict.Other other : dict.others()) {
          request
              .diagnostics()
              .accept(
                  Diagnostic.warning(
                          ErrorCode.UNSUPPORTED_FEATURE,
                          "the entry '%s' is no tensor (%s) and is left out",
                          other.key(),
                          other.description())
                      .inFile(path.toString()));
        }
        yield dict.tensors();
      }
    };
  }

  /** Tied tensors share a storage; views of one memory that differ do not. */
  private static List<Value.Parameter> parameters(List<NamedTensor> tensors) {
    Map<Object, List<NamedTensor>> seen = new IdentityHashMap<>();
    Map<NamedTensor, Object> storages = new IdentityHashMap<>();
    List<Value.Parameter> parameters = new ArrayList<>();
    for (NamedTensor tensor : tensors) {
      List<NamedTensor> same = seen.computeIfAbsent(tensor.identity(), _ -> new ArrayList<>(1));
      Object storage =
          same.stream()
              .filter(tensor::isTiedTo)
              .findFirst()
              .map(storages::get)
              .orElseGet(Object::new);
      same.add(tensor);
      storages.put(tensor, storage);
      parameters.add(
          new Value.Parameter(
              tensor.name(), tensor.tensor(), kind(tensor), storage, Derivation.KEPT));
    }
    return parameters;
  }

  /** What is trained stands in no weight file; integers and running statistics are not. */
  private static Value.Parameter.Kind kind(NamedTensor tensor) {
    String name = tensor.name();
    boolean statistic = name.endsWith("running_mean") || name.endsWith("running_var");
    return tensor.tensor().dtype().isFloat() && !statistic
        ? Value.Parameter.Kind.TRAINABLE
        : Value.Parameter.Kind.BUFFER;
  }
}
