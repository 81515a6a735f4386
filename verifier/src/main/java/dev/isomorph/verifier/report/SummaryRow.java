package dev.isomorph.verifier.report;

import dev.isomorph.verifier.CheckRow;
import dev.isomorph.verifier.CheckRow.Check;
import dev.isomorph.verifier.CheckRow.Status;
import dev.isomorph.verifier.measure.ShareHistogram;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One line of the verdict table: one check of one output over all input sets.
 *
 * @param check which check
 * @param engine whose values were judged
 * @param output the output's name, or the operand's
 * @param sets how many input sets were compared
 * @param failed how many of them failed
 * @param worst the comparison nearest to failing, or furthest beyond
 * @param maxAbs largest absolute difference of all sets
 * @param maxUlp largest difference of all sets in units of the last place
 * @param ties discrete elements excused as ties
 * @param histogram how much of what they were allowed the elements of all sets used up
 */
public record SummaryRow(
    Check check,
    String engine,
    String output,
    int sets,
    int failed,
    CheckRow worst,
    double maxAbs,
    double maxUlp,
    long ties,
    ShareHistogram histogram) {

  private record Key(Check check, String engine, String output) {}

  /** {@return the lines for these comparisons, in the order of their first one} */
  public static List<SummaryRow> of(List<CheckRow> rows) {
    Map<Key, List<CheckRow>> groups = new LinkedHashMap<>();
    for (CheckRow row : rows) {
      groups
          .computeIfAbsent(new Key(row.check(), row.engine(), row.output()), _ -> new ArrayList<>())
          .add(row);
    }
    List<SummaryRow> lines = new ArrayList<>();
    groups.forEach(
        (key, group) ->
            lines.add(
                new SummaryRow(
                    key.check,
                    key.engine,
                    key.output,
                    group.size(),
                    (int) group.stream().filter(r -> r.status() == Status.FAIL).count(),
                    group.stream().max(Comparator.comparingDouble(CheckRow::ratio)).orElseThrow(),
                    group.stream().mapToDouble(r -> r.distance().maxAbs()).max().orElse(0),
                    group.stream().mapToDouble(r -> r.distance().maxUlp()).max().orElse(0),
                    group.stream().mapToLong(CheckRow::ties).sum(),
                    group.stream()
                        .map(CheckRow::histogram)
                        .reduce(ShareHistogram.EMPTY, ShareHistogram::plus))));
    lines.sort(Comparator.comparing(SummaryRow::check));
    return lines;
  }

  /** {@return whether every input set passed} */
  public boolean passed() {
    return failed == 0;
  }
}
