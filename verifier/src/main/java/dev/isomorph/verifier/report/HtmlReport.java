package dev.isomorph.verifier.report;

import com.samskivert.mustache.Mustache;
import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Signature;
import dev.isomorph.verifier.Verdict;
import dev.isomorph.verifier.Verdict.DivergentNode;
import dev.isomorph.verifier.Verdict.LocalResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Verdicts, or a model, as one page that needs nothing beside itself: the verdict table with the
 * distribution of errors, the graph with the result of each node, and the weight ledger.
 */
public final class HtmlReport {
  private static final int MOST_LEDGER_ROWS = 2000;
  private static final int MOST_TOOLTIP = 300;

  private HtmlReport() {}

  /**
   * {@return the page}
   *
   * @param title what was compared
   * @param verdicts by target
   */
  public static String of(String title, SequencedMap<String, Verdict> verdicts) {
    List<Map<String, Object>> sections = new ArrayList<>();
    verdicts.forEach((target, verdict) -> sections.add(section(target, verdict)));
    Map<String, Object> page = new HashMap<>();
    page.put("title", title);
    page.put("sections", sections);
    page.put("explained", true);
    return render(page);
  }

  /** {@return the page of a model that was compared with nothing: its graphs} */
  public static String ofModel(String title, Model model) {
    List<Map<String, Object>> sections = new ArrayList<>();
    for (Signature signature : model.signatures()) {
      Map<String, Object> section = new HashMap<>();
      section.put("target", signature.name());
      section.put(
          "graph",
          drawing(signature.graph(), node -> new GraphDrawing.Style("plain", tooltip(node, ""))));
      section.put("judged", false);
      sections.add(section);
    }
    Map<String, Object> page = new HashMap<>();
    page.put("title", title);
    page.put("sections", sections);
    page.put("explained", false);
    return render(page);
  }

  private static String render(Map<String, Object> page) {
    return Mustache.compiler().defaultValue("").compile(resource("report.mustache")).execute(page);
  }

  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> section(String target, Verdict verdict) {
    Map<String, Object> section = new LinkedHashMap<>();
    section.put("target", target);
    section.put("verdict", verdict.status().name());
    section.put("verdictClass", verdict.status().name().toLowerCase(Locale.ROOT));
    section.put(
        "sentence",
        verdict
            .witness()
            .map(w -> "The source was witnessed by " + w + ".")
            .orElse(
                "The target agrees or disagrees with our reading of the source; the source itself"
                    + " was not run."));
    section.put("judged", true);
    section.put("rows", SummaryRow.of(verdict.rows()).stream().map(HtmlReport::row).toList());
    section.put("findings", findings(verdict));
    section.put("accuracy", verdict.accuracy().stream().map(HtmlReport::accuracy).toList());
    LocalResult local = verdict.local();
    section.put("graph", drawing(local.graph(), node -> style(node, local)));
    section.put(
        "local",
        local.nodes() == 0
            ? "No node was compared: there is no target graph."
            : "%d of %d nodes were fed the truth's operands one by one; %s."
                .formatted(
                    local.tested(),
                    local.nodes(),
                    local.tested() == 0
                        ? "none has a counterpart of the same name or in the same order"
                        : local.divergent().isEmpty()
                            ? "all compute the same"
                            : local.divergent().size() + " compute something else"));
    section.put("ledger", ledger(verdict));
    section.put("ledgerSize", verdict.ledger().size());
    section.put("engines", verdict.engines().stream().map(HtmlReport::engine).toList());
    section.put("seed", String.valueOf(verdict.seed()));
    return section;
  }

  private static Map<String, Object> row(SummaryRow row) {
    Map<String, Object> values = new HashMap<>();
    values.put("check", row.check().name().toLowerCase(Locale.ROOT));
    values.put("engine", row.engine());
    values.put("output", row.output());
    values.put("sets", row.sets());
    values.put("maxAbs", TextReport.number(row.maxAbs()));
    values.put("maxUlp", TextReport.number(row.maxUlp()));
    values.put("ofBound", TextReport.percent(row.worst().ratio()));
    values.put("result", row.passed() ? "pass" : "FAIL");
    values.put("resultClass", row.passed() ? "pass" : "fail");
    values.put("histogram", HistogramPicture.svg(row.histogram()));
    return values;
  }

  private static List<String> findings(Verdict verdict) {
    List<String> findings = new ArrayList<>(TextReport.explanation(verdict));
    verdict.notes().forEach(note -> findings.add(note.message()));
    return findings;
  }

  private static Map<String, Object> accuracy(Verdict.Accuracy accuracy) {
    Map<String, Object> values = new HashMap<>();
    values.put("engine", accuracy.engine());
    values.put("share", String.format(Locale.ROOT, "%.2f", 100 * accuracy.share()));
    values.put("right", accuracy.right());
    values.put("total", accuracy.total());
    return values;
  }

  private static Map<String, Object> engine(Verdict.EngineUse use) {
    return Map.of(
        "name", use.name(), "state", use.ran() ? use.version() : "not run: " + use.reason());
  }

  private static List<Map<String, Object>> ledger(Verdict verdict) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Verdict.LedgerRow row : verdict.ledger().stream().limit(MOST_LEDGER_ROWS).toList()) {
      rows.add(
          Map.of(
              "key",
              row.key(),
              "target",
              row.target(),
              "type",
              row.type(),
              "change",
              row.change()));
    }
    return rows;
  }

  private static String drawing(
      Graph graph, java.util.function.Function<Node, GraphDrawing.Style> styles) {
    return graph.nodes().size() > GraphDrawing.MOST_NODES
        ? "<p class=\"muted\">The graph has %,d nodes, too many for a picture.</p>"
            .formatted(graph.nodes().size())
        : GraphDrawing.svg(graph, styles);
  }

  private static GraphDrawing.Style style(Node node, LocalResult local) {
    boolean first = true;
    for (DivergentNode divergent : local.divergent()) {
      if (divergent.target().equals(node.describe())) {
        return new GraphDrawing.Style(
            first ? "divergent first" : "divergent", tooltip(node, divergent.detail()));
      }
      first = false;
    }
    Double share = local.shares().get(node.name());
    return share == null
        ? new GraphDrawing.Style("untested", tooltip(node, "not compared"))
        : new GraphDrawing.Style(
            share == 0 ? "exact" : "close",
            tooltip(node, "differs by %s of what is allowed".formatted(TextReport.percent(share))));
  }

  private static String tooltip(Node node, String result) {
    StringBuilder text = new StringBuilder(node.describe());
    node.op()
        .attributes()
        .forEach(
            (name, value) -> text.append('\n').append(name).append(" = ").append(brief(value)));
    if (!node.origin().toString().isEmpty()) {
      text.append("\nfrom ").append(node.origin());
    }
    if (!result.isEmpty()) {
      text.append('\n').append(result);
    }
    return text.length() <= MOST_TOOLTIP ? text.toString() : text.substring(0, MOST_TOOLTIP) + "…";
  }

  private static String brief(Attribute attribute) {
    return switch (attribute) {
      case Attribute.Int(long v) -> Long.toString(v);
      case Attribute.Float(double v) -> Float.toString((float) v);
      case Attribute.Text(String v) -> v;
      case Attribute.Ints(List<Long> v) -> v.toString();
      case Attribute.Floats(List<Double> v) -> v.toString();
      case Attribute.Texts(List<String> v) -> v.toString();
      case Attribute.Type(var v) -> v.toString();
      case Attribute.TensorValue(var v) -> v.typeText();
      case Attribute.Region(var graph) -> graph.nodes().size() + " nodes";
    };
  }
}
