package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.Arguments;
import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.PyClass;
import dev.isomorph.importers.python.PyFunction;
import dev.isomorph.importers.python.PyInstance;
import dev.isomorph.importers.python.PyModule;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.syntax.Parameters;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/** One evaluation of a module: made, bound to its weights, called, its outputs taken apart. */
final class ForwardEvaluation {
  /** A buffer as it was before the call. */
  private record Before(ModuleTree.Entry entry, Value value) {}

  private final TorchSource request;
  private final TorchTrace trace;
  private final Interpreter in;
  private final PyModule source;
  private final Set<String> states;

  ForwardEvaluation(TorchSource request, TorchTrace trace, PyModule source, Set<String> states) {
    this.request = request;
    this.trace = trace;
    this.in = trace.in();
    this.source = source;
    this.states = states;
  }

  /**
   * {@return the model, or {@code null} if forward wrote buffers that are not states yet}
   *
   * @param written receives the keys of those buffers
   */
  Model run(Set<String> written) {
    PyInstance module = module();
    in.calls().call(in.attributes().get(module, "eval"));
    ModuleTree tree = new ModuleTree(module);
    for (ModuleTree.Child child : tree.modules().reversed()) {
      child.module().attributes().put("_path", PyObject.of(child.path()));
    }
    WeightBinding binding = binding(tree);
    SequencedMap<String, Value.Parameter> weights = binding.unwrapped(request.diagnostics());
    binding.check(weights, module.type().name());
    List<Value.Parameter> bound = binding.bind(weights, trace);

    SequencedMap<String, ValueType> types =
        new InputTypes(request, trace, tree).of(parameters(module));
    Map<String, PyObject> inputs = new LinkedHashMap<>();
    List<Signature.Port> ports = new ArrayList<>();
    types.forEach(
        (name, type) -> {
          Value.Input input = trace.graph().input(name, type);
          inputs.put(name, trace.tensor(input));
          ports.add(new Signature.Port(name, type));
        });
    List<Signature.State> stateList = bindStates(tree);
    List<Before> before =
        tree.entries().stream()
            .filter(e -> !e.trainable())
            .map(e -> new Before(e, e.tensor().value()))
            .toList();

    PyObject result = call(module, inputs);

    for (Before b : before) {
      if (now(b.entry) != b.value && !states.contains(b.entry.key())) {
        written.add(b.entry.key());
      }
    }
    if (!written.isEmpty()) {
      return null;
    }
    Outputs outputs = new Outputs(trace, result);
    List<Value> values = new ArrayList<>(outputs.values());
    for (Before b : before) {
      if (states.contains(b.entry.key())) {
        values.add(
            trace.graph().identity(trace.cast(now(b.entry), b.value.type().asTensor().dtype())));
      }
    }
    Graph graph = LiveGraph.of(trace, values);
    Signature signature = new Signature("forward", ports, outputs.ports(), stateList, graph);
    return model(module, signature, bound);
  }

  private PyObject call(PyInstance module, Map<String, PyObject> inputs) {
    return in.calls().call(module, new Arguments(List.of(), inputs));
  }

  private Value now(ModuleTree.Entry entry) {
    PyObject held =
        ((dev.isomorph.importers.python.PyDict) entry.owner().attributes().get("_buffers"))
            .get(entry.name());
    return held instanceof TensorRef t ? t.value() : entry.tensor().value();
  }

  private List<Signature.State> bindStates(ModuleTree tree) {
    List<Signature.State> all = new ArrayList<>();
    for (ModuleTree.Entry e : tree.entries()) {
      if (states.contains(e.key())) {
        Value.Parameter initial = e.tensor().value() instanceof Value.Parameter p ? p : null;
        if (initial == null) {
          throw in.unsupported(
              "buffer '%s' is written in forward, but its first value is computed", e.key());
        }
        e.tensor().write(trace.graph().input(e.key(), initial.type()));
        all.add(new Signature.State(e.key(), initial));
      }
    }
    return all;
  }

  private WeightBinding binding(ModuleTree tree) {
    return new WeightBinding(tree, request.weights().parameters(), request.weights().name());
  }

  private Model model(PyInstance module, Signature signature, List<Value.Parameter> bound) {
    Model.Builder builder =
        Model.builder(module.type().name())
            .source(request.weights().source())
            .signature(signature)
            .arena(request.weights().arena())
            .metadata("source", request.file().getFileName().toString());
    trace.assumptions().forEach(builder::assumption);
    Set<Value.Parameter> used = signature.graph().parameters();
    for (Value.Parameter p : bound) {
      if (!used.contains(p)) {
        builder.unused(p);
      }
    }
    return builder.build();
  }

  /** {@return the parameters of {@code forward} that take inputs} */
  private List<Parameters.Parameter> parameters(PyInstance module) {
    PyObject forward = module.type().lookup("forward");
    if (forward instanceof PyFunction f) {
      List<Parameters.Parameter> all = f.parameters().all();
      return all.subList(Math.min(1, all.size()), all.size());
    }
    throw in.unsupported("forward of %s is no plain function", module.type().name());
  }

  private PyInstance module() {
    if (!request.expression().isBlank()) {
      PyObject value =
          in.evaluate(source, "--source " + request.expression(), request.expression());
      return made(value, request.expression());
    }
    List<PyInstance> fitting = new ArrayList<>();
    List<String> candidates = new ArrayList<>();
    for (PyObject key : source.namespace().keys()) {
      String name = ((PyObject.Str) key).value();
      PyObject value = source.namespace().get(name);
      boolean own =
          value instanceof PyClass c
              && isModuleClass(c)
              && c.namespace().get("__module__") instanceof PyObject.Str s
              && s.value().equals(source.name());
      if (own) {
        candidates.add(name);
        PyInstance made = tried((PyClass) value);
        if (made != null) {
          fitting.add(made);
        }
      }
    }
    if (fitting.size() == 1) {
      return fitting.getFirst();
    }
    throw Diagnostic.error(
            ErrorCode.USAGE,
            "%s",
            candidates.isEmpty()
                ? "the source defines no nn.Module"
                : (fitting.isEmpty() ? "none" : "more than one")
                    + " of the source's module classes fits the weights as it is: "
                    + String.join(", ", candidates))
        .inFile(request.file().toString())
        .help("name it: --source " + request.file().getFileName() + ":Name(argument=…)")
        .toException();
  }

  private boolean isModuleClass(PyClass c) {
    PyClass base =
        (PyClass) in.imports().find("torch.nn.modules.module").orElseThrow().get("Module");
    return c.isSubclassOf(base) && c != base;
  }

  /** {@return an instance whose keys fit, or {@code null}} */
  private PyInstance tried(PyClass c) {
    try {
      PyObject made = in.guarded(() -> in.calls().call(c));
      if (made instanceof PyInstance i && ModuleTree.isModule(i)) {
        WeightBinding binding = binding(new ModuleTree(i));
        return binding.misfits(binding.unwrapped(_ -> {})) == 0 ? i : null;
      }
      return null;
    } catch (IsomorphException _) {
      // A class that needs arguments is no candidate; the message below names them all.
      return null;
    }
  }

  private PyInstance made(PyObject value, String expression) {
    PyObject result = value;
    if (value instanceof PyClass || value instanceof PyFunction) {
      result = in.calls().call(value);
    }
    if (result instanceof PyInstance i && ModuleTree.isModule(i)) {
      return i;
    }
    throw Diagnostic.error(
            ErrorCode.USAGE,
            "'%s' gives a %s, not an nn.Module",
            expression,
            dev.isomorph.importers.python.Types.of(in, result).name())
        .inFile(request.file().toString())
        .toException();
  }
}
