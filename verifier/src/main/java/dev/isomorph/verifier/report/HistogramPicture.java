package dev.isomorph.verifier.report;

import dev.isomorph.verifier.measure.ShareHistogram;
import java.util.Locale;

/** A histogram as a small SVG picture; the dashed line is where a difference is too large. */
final class HistogramPicture {
  private static final int BAR = 7;
  private static final int GAP = 1;
  private static final int HEIGHT = 34;
  private static final int EXACT_GAP = 5;

  private HistogramPicture() {}

  /** {@return an {@code svg} element; empty if nothing was measured} */
  static String svg(ShareHistogram histogram) {
    if (histogram.total() == 0) {
      return "";
    }
    int width = ShareHistogram.BINS * (BAR + GAP) + EXACT_GAP;
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg class=\"histogram\" role=\"img\" aria-label=\"distribution of errors\" width=\"%d\" height=\"%d\">"
            .formatted(width, HEIGHT + 2));
    int limit = x(ShareHistogram.BINS - ShareHistogram.HIGHEST) - GAP;
    svg.append(
        "<line class=\"axis\" x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>"
            .formatted(width, HEIGHT, HEIGHT));
    double scale = (HEIGHT - 2) / Math.log1p(histogram.highest());
    for (int i = 0; i < ShareHistogram.BINS; i++) {
      long count = histogram.counts().get(i);
      if (count > 0) {
        double height = Math.max(2, scale * Math.log1p(count));
        String kind =
            i == 0
                ? "exact"
                : i >= ShareHistogram.BINS - ShareHistogram.HIGHEST ? "beyond" : "within";
        svg.append(
            String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%d\" y=\"%.1f\" width=\"%d\""
                    + " height=\"%.1f\"><title>%s</title></rect>",
                kind,
                x(i),
                HEIGHT - height,
                BAR,
                height,
                label(i, count)));
      }
    }
    svg.append(
        "<line class=\"limit\" x1=\"%d\" x2=\"%d\" y1=\"0\" y2=\"%d\"/>"
            .formatted(limit, limit, HEIGHT));
    return svg.append("</svg>").toString();
  }

  private static int x(int bin) {
    return bin * (BAR + GAP) + (bin > 0 ? EXACT_GAP : 0);
  }

  private static String label(int bin, long count) {
    String elements = String.format(Locale.ROOT, "%,d element%s", count, count == 1 ? "" : "s");
    if (bin == 0) {
      return elements + " exactly equal";
    }
    int exponent = ShareHistogram.LOWEST + bin;
    return bin == ShareHistogram.BINS - 1
        ? elements + " beyond %s of what is allowed".formatted(power(exponent - 1))
        : elements + " up to %s of what is allowed".formatted(power(exponent));
  }

  private static String power(int exponent) {
    return exponent >= 0 ? (1L << exponent) + " times" : "1/" + (1L << -exponent);
  }
}
