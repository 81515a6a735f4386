package dev.isomorph.formats.onnx;

import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.formats.onnx.proto.FunctionProto;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.ModelProto;
import dev.isomorph.formats.onnx.proto.NodeProto;
import dev.isomorph.formats.onnx.proto.SparseTensorProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.onnx.proto.TrainingInfoProto;
import java.util.function.UnaryOperator;

/** Rewrites the tensors of a model, wherever they are; parts without tensors are shared. */
final class TensorProtos {
  private final UnaryOperator<TensorProto> initializers;
  private final UnaryOperator<TensorProto> attributes;

  /**
   * @param initializers applied to initializers of graphs and subgraphs, sparse ones' parts too
   * @param attributes applied to tensors in attributes of nodes, sparse ones' parts too
   */
  TensorProtos(UnaryOperator<TensorProto> initializers, UnaryOperator<TensorProto> attributes) {
    this.initializers = initializers;
    this.attributes = attributes;
  }

  ModelProto rewrite(ModelProto model) {
    ModelProto.Builder out = model.toBuilder();
    if (model.hasGraph()) {
      out.setGraph(rewrite(model.getGraph()));
    }
    for (int i = 0; i < model.getFunctionsCount(); i++) {
      FunctionProto.Builder function = out.getFunctionsBuilder(i);
      for (int k = 0; k < function.getNodeCount(); k++) {
        function.setNode(k, rewrite(function.getNode(k)));
      }
      for (int k = 0; k < function.getAttributeProtoCount(); k++) {
        function.setAttributeProto(k, rewrite(function.getAttributeProto(k)));
      }
    }
    for (int i = 0; i < model.getTrainingInfoCount(); i++) {
      TrainingInfoProto.Builder training = out.getTrainingInfoBuilder(i);
      if (training.hasInitialization()) {
        training.setInitialization(rewrite(training.getInitialization()));
      }
      if (training.hasAlgorithm()) {
        training.setAlgorithm(rewrite(training.getAlgorithm()));
      }
    }
    return out.buildPartial();
  }

  private GraphProto rewrite(GraphProto graph) {
    GraphProto.Builder out = graph.toBuilder();
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      out.setInitializer(i, initializers.apply(graph.getInitializer(i)));
    }
    for (int i = 0; i < graph.getSparseInitializerCount(); i++) {
      out.setSparseInitializer(i, rewrite(graph.getSparseInitializer(i), initializers));
    }
    for (int i = 0; i < graph.getNodeCount(); i++) {
      if (holdsTensors(graph.getNode(i))) {
        out.setNode(i, rewrite(graph.getNode(i)));
      }
    }
    return out.buildPartial();
  }

  private static boolean holdsTensors(NodeProto node) {
    return node.getAttributeList().stream().anyMatch(TensorProtos::holdsTensors);
  }

  private static boolean holdsTensors(AttributeProto a) {
    return a.hasT()
        || a.hasG()
        || a.hasSparseTensor()
        || a.getTensorsCount() > 0
        || a.getGraphsCount() > 0
        || a.getSparseTensorsCount() > 0;
  }

  private NodeProto rewrite(NodeProto node) {
    NodeProto.Builder out = node.toBuilder();
    for (int i = 0; i < node.getAttributeCount(); i++) {
      out.setAttribute(i, rewrite(node.getAttribute(i)));
    }
    return out.buildPartial();
  }

  private AttributeProto rewrite(AttributeProto attribute) {
    if (!holdsTensors(attribute)) {
      return attribute;
    }
    AttributeProto.Builder out = attribute.toBuilder();
    if (attribute.hasT()) {
      out.setT(attributes.apply(attribute.getT()));
    }
    if (attribute.hasG()) {
      out.setG(rewrite(attribute.getG()));
    }
    if (attribute.hasSparseTensor()) {
      out.setSparseTensor(rewrite(attribute.getSparseTensor(), attributes));
    }
    for (int i = 0; i < attribute.getTensorsCount(); i++) {
      out.setTensors(i, attributes.apply(attribute.getTensors(i)));
    }
    for (int i = 0; i < attribute.getGraphsCount(); i++) {
      out.setGraphs(i, rewrite(attribute.getGraphs(i)));
    }
    for (int i = 0; i < attribute.getSparseTensorsCount(); i++) {
      out.setSparseTensors(i, rewrite(attribute.getSparseTensors(i), attributes));
    }
    return out.buildPartial();
  }

  private static SparseTensorProto rewrite(
      SparseTensorProto sparse, UnaryOperator<TensorProto> change) {
    SparseTensorProto.Builder out = sparse.toBuilder();
    if (sparse.hasValues()) {
      out.setValues(change.apply(sparse.getValues()));
    }
    if (sparse.hasIndices()) {
      out.setIndices(change.apply(sparse.getIndices()));
    }
    return out.buildPartial();
  }
}
