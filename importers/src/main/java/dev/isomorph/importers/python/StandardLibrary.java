package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.SourceFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The part of Python's standard library that models use. */
public final class StandardLibrary implements ModuleSources {
  private static final String FOLDER = "/dev/isomorph/importers/python/lib/";

  @Override
  public Optional<Found> find(String module) {
    return switch (module) {
      case "os.path" -> resource(StandardLibrary.class, FOLDER, "os_path");
      default ->
          module.contains(".") ? Optional.empty() : resource(StandardLibrary.class, FOLDER, module);
    };
  }

  /** {@return the text of a module that is a resource beside a class} */
  public static Optional<Found> resource(Class<?> owner, String folder, String module) {
    String path = module.replace('.', '/');
    for (String name : List.of(path + ".py", path + "/__init__.py")) {
      try (InputStream in = owner.getResourceAsStream(folder + name)) {
        if (in != null) {
          SourceFile file = SourceFile.decode("isomorph:" + name, in.readAllBytes());
          return Optional.of(new Found(file, name.endsWith("__init__.py"), true));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<PyModule> builtIn(Interpreter in, String module) {
    return switch (module) {
      case "math" -> Optional.of(MathModule.make());
      case "copy" -> Optional.of(CopyModule.make());
      case "collections.abc" -> Optional.of(abstractClasses());
      default -> Optional.empty();
    };
  }

  private static PyModule abstractClasses() {
    PyModule module = new PyModule("collections.abc");
    Predicate<PyObject> sequence =
        v ->
            switch (Values.plain(v)) {
              case PyList _, PyTuple _, PyObject.Str _, PyObject.Bytes _, PyObject.Range _ -> true;
              case HostObject h -> h.sequence() != null;
              default -> false;
            };
    Predicate<PyObject> mapping = v -> Values.plain(v) instanceof PyDict;
    Predicate<PyObject> set = v -> Values.plain(v) instanceof PySet;
    Predicate<PyObject> iterator =
        v ->
            v instanceof PyIterator
                || v instanceof PyInstance i && i.type().lookup("__next__") != null;
    Predicate<PyObject> sized = sequence.or(mapping).or(set).or(v -> hasMethod(v, "__len__"));
    Predicate<PyObject> iterable =
        sequence.or(mapping).or(set).or(iterator).or(v -> hasMethod(v, "__iter__"));
    put(module, "Sequence", sequence);
    put(module, "MutableSequence", v -> Values.plain(v) instanceof PyList);
    put(module, "Mapping", mapping);
    put(module, "MutableMapping", mapping);
    put(module, "Set", set);
    put(module, "MutableSet", set);
    put(module, "Iterator", iterator);
    put(module, "Generator", v -> v instanceof PyIterator i && i.typeName().equals("generator"));
    put(module, "Iterable", iterable);
    put(module, "Reversible", sequence);
    put(module, "Collection", sized);
    put(module, "Container", sized);
    put(module, "Sized", sized);
    put(
        module,
        "Hashable",
        v -> !(v instanceof PyList || v instanceof PyDict || v instanceof PySet));
    put(
        module,
        "Callable",
        v ->
            v instanceof PyFunction
                || v instanceof PyNative
                || v instanceof PyObject.Method
                || v instanceof PyClass
                || hasMethod(v, "__call__"));
    return module;
  }

  private static boolean hasMethod(PyObject value, String name) {
    return value instanceof PyInstance i && i.type().lookup(name) != null;
  }

  private static void put(PyModule module, String name, Predicate<PyObject> check) {
    module
        .namespace()
        .put(
            name,
            new PyClass(name, List.of(Types.OBJECT), new PyDict(), null).instanceCheck(check));
  }
}
