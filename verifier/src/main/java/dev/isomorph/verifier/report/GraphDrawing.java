package dev.isomorph.verifier.report;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.eclipse.elk.alg.layered.options.LayeredMetaDataProvider;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkBendPoint;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/** A graph as an SVG picture, laid out in layers from inputs to outputs. */
final class GraphDrawing {
  /** More nodes than this are no picture. */
  static final int MOST_NODES = 1500;

  private static final double HEIGHT = 44;
  private static final double PORT_HEIGHT = 28;
  private static final double LETTER = 7.3;
  private static final double SMALL_LETTER = 6.0;
  private static final int LONGEST = 34;

  /** How a node is shown. */
  record Style(String className, String tooltip) {}

  private record Box(String title, String subtitle, Style style, double width, double height) {}

  private final Graph graph;
  private final Map<Value, String> portNames = new IdentityHashMap<>();
  private final Map<ElkNode, Box> boxes = new IdentityHashMap<>();
  private final ElkNode root = ElkGraphUtil.createGraph();

  private GraphDrawing(Graph graph) {
    this.graph = graph;
  }

  /**
   * {@return an {@code svg} element}
   *
   * @param styles class and tooltip of each node
   */
  static String svg(Graph graph, Function<Node, Style> styles) {
    LayoutMetaDataService.getInstance()
        .registerLayoutMetaDataProviders(new LayeredMetaDataProvider());
    GraphDrawing drawing = new GraphDrawing(graph);
    drawing.place(styles);
    return drawing.draw();
  }

  private void place(Function<Node, Style> styles) {
    root.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
    root.setProperty(CoreOptions.DIRECTION, Direction.DOWN);
    root.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.SPLINES);
    root.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 26.0);
    root.setProperty(LayeredOptions.SPACING_NODE_NODE, 22.0);
    root.setProperty(CoreOptions.PADDING, new ElkPadding(12));
    Map<Value, ElkNode> makers = new IdentityHashMap<>();
    for (Value.Input input : graph.inputs()) {
      makers.put(input, box(port(input.name(), input)));
    }
    List<ElkNode> placed = new ArrayList<>();
    for (Node node : graph.nodes()) {
      ElkNode box = box(operator(node, styles.apply(node)));
      placed.add(box);
      node.results().forEach(result -> makers.put(result, box));
    }
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      for (Value operand : node.inputs()) {
        connect(makers.get(operand), placed.get(i));
      }
      for (Value capture : node.captures()) {
        connect(makers.get(capture), placed.get(i));
      }
    }
    for (Value output : graph.outputs()) {
      connect(makers.get(output), box(port(output.name(), output)));
    }
    new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
  }

  private static void connect(ElkNode from, ElkNode to) {
    if (from != null) {
      ElkGraphUtil.createSimpleEdge(from, to);
    }
  }

  private ElkNode box(Box box) {
    ElkNode node = ElkGraphUtil.createNode(root);
    node.setDimensions(box.width, box.height);
    boxes.put(node, box);
    return node;
  }

  private static Box port(String name, Value value) {
    String title = shortened(name) + "  " + shortened(value.type().toString());
    String tooltip = name + ": " + value.type();
    return new Box(title, "", new Style("port", tooltip), width(title, ""), PORT_HEIGHT);
  }

  private static Box operator(Node node, Style style) {
    String type = node.results().isEmpty() ? "" : node.result(0).type().toString();
    String title = node.op().name().toString();
    String subtitle = shortened(type);
    return new Box(title, subtitle, style, width(title, subtitle), HEIGHT);
  }

  private static double width(String title, String subtitle) {
    return Math.max(84, 22 + Math.max(title.length() * LETTER, subtitle.length() * SMALL_LETTER));
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST ? text : "…" + text.substring(text.length() - LONGEST + 1);
  }

  private String draw() {
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg class=\"graph\" role=\"img\" aria-label=\"the graph\" viewBox=\"0 0 %s %s\" width=\"%s\" height=\"%s\">"
            .formatted(
                at(root.getWidth()),
                at(root.getHeight()),
                at(root.getWidth()),
                at(root.getHeight())));
    svg.append(
        "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\""
            + " markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0.8 7 4 0"
            + " 7.2z\"/></marker></defs>");
    for (ElkEdge edge : root.getContainedEdges()) {
      edge.getSections().forEach(section -> path(section, svg));
    }
    for (ElkNode node : root.getChildren()) {
      box(node, boxes.get(node), svg);
    }
    return svg.append("</svg>").toString();
  }

  private static void path(ElkEdgeSection section, StringBuilder svg) {
    svg.append("<path class=\"edge\" marker-end=\"url(#arrow)\" d=\"M");
    svg.append(at(section.getStartX())).append(' ').append(at(section.getStartY()));
    List<double[]> points = new ArrayList<>();
    for (ElkBendPoint bend : section.getBendPoints()) {
      points.add(new double[] {bend.getX(), bend.getY()});
    }
    points.add(new double[] {section.getEndX(), section.getEndY()});
    // Splines come as triples of control points; what is left over is straight.
    int i = 0;
    for (; i + 2 < points.size(); i += 3) {
      svg.append('C');
      for (int k = 0; k < 3; k++) {
        svg.append(at(points.get(i + k)[0])).append(' ').append(at(points.get(i + k)[1]));
        svg.append(k < 2 ? ' ' : "");
      }
    }
    for (; i < points.size(); i++) {
      svg.append('L').append(at(points.get(i)[0])).append(' ').append(at(points.get(i)[1]));
    }
    svg.append("\"/>");
  }

  private static void box(ElkNode node, Box box, StringBuilder svg) {
    double middle = box.width / 2;
    svg.append(
        "<g class=\"node %s\" transform=\"translate(%s %s)\">"
            .formatted(box.style.className, at(node.getX()), at(node.getY())));
    svg.append("<title>").append(escaped(box.style.tooltip)).append("</title>");
    svg.append(
        "<rect width=\"%s\" height=\"%s\" rx=\"%s\"/>"
            .formatted(at(box.width), at(box.height), box.subtitle.isEmpty() ? "14" : "7"));
    svg.append("<text x=\"%s\" y=\"18.5\">%s</text>".formatted(at(middle), escaped(box.title)));
    if (!box.subtitle.isEmpty()) {
      svg.append(
          "<text class=\"type\" x=\"%s\" y=\"34\">%s</text>"
              .formatted(at(middle), escaped(box.subtitle)));
    }
    svg.append("</g>");
  }

  private static String at(double number) {
    String text = String.format(Locale.ROOT, "%.1f", number);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
