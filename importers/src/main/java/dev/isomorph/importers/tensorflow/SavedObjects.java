package dev.isomorph.importers.tensorflow;

import dev.isomorph.formats.tensorflow.TensorBundle;
import dev.isomorph.formats.tensorflow.proto.MetaGraphDef;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.SavedConcreteFunction;
import dev.isomorph.formats.tensorflow.proto.SavedObject;
import dev.isomorph.formats.tensorflow.proto.SavedVariable;
import dev.isomorph.formats.tensorflow.proto.TrackableObjectGraph;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the object graph of a SavedModel says of the variables that its main graph captures. A call
 * in the main graph passes the captures of its function last, in the order of the function's {@code
 * bound_inputs}, each of which is an object.
 */
final class SavedObjects {
  private SavedObjects() {}

  /** {@return the saved variables by the names of their nodes in the main graph} */
  static Map<String, SavedVariable> variables(MetaGraphDef graph, Body main, Functions functions) {
    Map<String, SavedVariable> variables = new HashMap<>();
    objects(graph, main, functions)
        .forEach(
            (node, id) -> {
              SavedObject object = graph.getObjectGraphDef().getNodes(id);
              if (object.hasVariable()) {
                variables.put(node, object.getVariable());
              }
            });
    return variables;
  }

  /** {@return keys of the bundle by the names of the variables' nodes in the main graph} */
  static Map<String, String> keys(
      MetaGraphDef graph, Body main, Functions functions, Optional<TensorBundle> bundle) {
    Map<String, String> keys = new HashMap<>();
    Optional<TrackableObjectGraph> stored = bundle.flatMap(TensorBundle::objectGraph);
    if (stored.isPresent()) {
      objects(graph, main, functions)
          .forEach(
              (node, id) -> {
                if (id < stored.get().getNodesCount()) {
                  stored.get().getNodes(id).getAttributesList().stream()
                      .filter(a -> a.getName().equals("VARIABLE_VALUE"))
                      .forEach(a -> keys.put(node, a.getCheckpointKey()));
                }
              });
    }
    return keys;
  }

  private static Map<String, Integer> objects(MetaGraphDef graph, Body main, Functions functions) {
    Map<String, Integer> objects = new HashMap<>();
    int count = graph.getObjectGraphDef().getNodesCount();
    for (NodeDef call : main.nodes().values()) {
      Optional<Body> function = functions.called(call);
      SavedConcreteFunction concrete =
          function
              .map(f -> graph.getObjectGraphDef().getConcreteFunctionsMap().get(f.name()))
              .orElse(null);
      if (concrete == null) {
        continue;
      }
      List<Integer> bound = concrete.getBoundInputsList();
      int first = call.getInputCount() - bound.size();
      for (int i = 0; i < bound.size() && first >= 0; i++) {
        int id = bound.get(i);
        if (id >= 0 && id < count) {
          objects.put(Edge.parse(call.getInput(first + i)).node(), id);
        }
      }
    }
    return objects;
  }
}
