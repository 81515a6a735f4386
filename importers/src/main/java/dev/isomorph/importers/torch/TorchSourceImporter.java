package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.DeepStack;
import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.ModuleSources;
import dev.isomorph.importers.python.PyModule;
import dev.isomorph.importers.python.SourceTree;
import dev.isomorph.importers.python.StandardLibrary;
import dev.isomorph.importers.python.syntax.SourceFile;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes a model of Python source and a state dict: the source is read as text, its module is made
 * and its {@code forward} evaluated on symbolic inputs, in evaluation mode. Nothing is executed
 * outside the evaluator.
 */
public final class TorchSourceImporter {
  private TorchSourceImporter() {}

  /**
   * {@return the model; the caller closes it, and keeps its hold of the weights}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException with the file and line of the user's
   *     source where it is not valid, raises, or is outside the subset; {@link
   *     ErrorCode#WEIGHTS_MISMATCH} with all keys that do not fit; {@link
   *     ErrorCode#USAGE_SHAPE_NEEDED} where an input's shape must be given
   */
  public static Model load(TorchSource request) {
    return DeepStack.call(() -> evaluate(request));
  }

  /** Evaluates again with the buffers as state that the first evaluation wrote. */
  private static Model evaluate(TorchSource request) {
    Set<String> states = new LinkedHashSet<>();
    while (true) {
      Set<String> written = new LinkedHashSet<>();
      Model model = evaluate(request, states, written);
      if (model != null) {
        return model;
      }
      states.addAll(written);
    }
  }

  private static Model evaluate(TorchSource request, Set<String> states, Set<String> written) {
    TorchTrace trace = new TorchTrace();
    Path file = request.file().toAbsolutePath().normalize();
    List<Path> roots = new ArrayList<>(List.of(file.getParent()));
    for (Path folder = file.getParent(); isPackage(folder); ) {
      folder = folder.getParent();
      roots.add(folder);
    }
    if (file.getParent().getParent() != null) {
      roots.add(file.getParent().getParent());
    }
    request.roots().forEach(r -> roots.add(r.toAbsolutePath().normalize()));
    SourceTree sources =
        new SourceTree(
            roots,
            List.of(new TorchModules(trace), new StandardLibrary()),
            TorchModules.RESERVED,
            request.limits());
    try (Interpreter in = new Interpreter(sources, request.limits(), request.diagnostics())) {
      trace.in(in);
      in.host(trace);
      in.branching(new TorchBranching(trace));
      SourceFile text = SourceTree.read(file.getFileName().toString(), file, request.limits());
      return in.guarded(
          () -> {
            String name = moduleName(file);
            PyModule module =
                in.imports().evaluate(name, new ModuleSources.Found(text, false, false));
            return new ForwardEvaluation(request, trace, module, states).run(written);
          });
    }
  }

  private static boolean isPackage(Path folder) {
    return folder != null && java.nio.file.Files.exists(folder.resolve("__init__.py"));
  }

  /** {@return the dotted name of a file, through the packages that it stands in} */
  private static String moduleName(Path file) {
    String name = file.getFileName().toString().replaceFirst("\\.py$", "");
    for (Path folder = file.getParent(); isPackage(folder); folder = folder.getParent()) {
      name = folder.getFileName() + "." + name;
    }
    return name;
  }
}
