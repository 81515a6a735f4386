package dev.isomorph.verifier.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.verifier.Verdict;
import java.util.Locale;

/** The verdict as JSON, for receipts and for {@code --json}. */
public final class VerdictJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private VerdictJson() {}

  /** {@return the verdict; numbers that are not finite are strings, as JSON has none} */
  public static ObjectNode of(Verdict verdict) {
    ObjectNode root = JSON.objectNode();
    root.put("verdict", verdict.status().name().toLowerCase(Locale.ROOT));
    root.put("seed", verdict.seed());
    verdict.witness().ifPresentOrElse(w -> root.put("witness", w), () -> root.putNull("witness"));
    ArrayNode checks = root.putArray("checks");
    for (SummaryRow row : SummaryRow.of(verdict.rows())) {
      ObjectNode check = checks.addObject();
      check.put("check", row.check().name().toLowerCase(Locale.ROOT));
      check.put("engine", row.engine());
      check.put("output", row.output());
      check.put("inputSets", row.sets());
      check.put("failed", row.failed());
      put(check, "maxAbs", row.maxAbs());
      put(check, "maxUlp", row.maxUlp());
      put(check, "ofBound", row.worst().ratio());
      put(check, "allowed", row.worst().allowed());
      put(check, "smallestTolerance", row.worst().smallestTolerance());
      check.put("ties", row.ties());
      check.put("worstInputs", row.worst().inputs());
      check.put("detail", row.worst().detail());
    }
    ObjectNode local = root.putObject("local");
    local.put("tested", verdict.local().tested());
    local.put("nodes", verdict.local().nodes());
    ArrayNode divergent = local.putArray("divergent");
    for (Verdict.DivergentNode node : verdict.local().divergent()) {
      ObjectNode entry = divergent.addObject();
      entry.put("source", node.source());
      entry.put("target", node.target());
      entry.put("origin", node.origin());
      entry.put("inputs", node.inputs());
      put(entry, "maxAbs", node.maxAbs());
      entry.put("detail", node.detail());
    }
    ArrayNode missing = local.putArray("missing");
    verdict.local().missing().forEach(missing::add);
    ArrayNode doubts = root.putArray("doubts");
    verdict.doubts().forEach(doubts::add);
    ArrayNode engines = root.putArray("engines");
    for (Verdict.EngineUse use : verdict.engines()) {
      ObjectNode engine = engines.addObject();
      engine.put("name", use.name());
      engine.put("version", use.version());
      engine.put("ran", use.ran());
      engine.put("reason", use.reason());
    }
    ArrayNode accuracy = root.putArray("accuracy");
    for (Verdict.Accuracy each : verdict.accuracy()) {
      ObjectNode entry = accuracy.addObject();
      entry.put("engine", each.engine());
      entry.put("right", each.right());
      entry.put("total", each.total());
    }
    ArrayNode ledger = root.putArray("ledger");
    for (Verdict.LedgerRow row : verdict.ledger()) {
      ObjectNode entry = ledger.addObject();
      entry.put("key", row.key());
      entry.put("target", row.target());
      entry.put("type", row.type());
      entry.put("change", row.change());
    }
    return root;
  }

  private static void put(ObjectNode node, String field, double value) {
    if (Double.isFinite(value)) {
      node.put(field, value);
    } else {
      node.put(field, String.valueOf(value));
    }
  }
}
