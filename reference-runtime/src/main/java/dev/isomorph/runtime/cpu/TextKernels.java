package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.RegexFullMatchOp;
import dev.isomorph.ir.op.StringConcatOp;
import dev.isomorph.ir.op.StringNormalizerOp;
import dev.isomorph.ir.op.StringSplitOp;
import dev.isomorph.ir.op.TfIdfVectorizerOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import dev.isomorph.runtime.math.Reals;
import dev.isomorph.runtime.scalar.Broadcast;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Operators on strings. */
final class TextKernels {
  private TextKernels() {}

  static void register(KernelRegistry r) {
    r.exact(StringConcatOp.class, (_, c) -> concat(c));
    r.add(StringSplitOp.class, Rounding.EXACT, TextKernels::split);
    r.exact(StringNormalizerOp.class, TextKernels::normalize);
    r.exact(RegexFullMatchOp.class, TextKernels::matches);
    r.rounds(TfIdfVectorizerOp.class, TextKernels::vectorize);
  }

  private static Tensor concat(KernelContext c) {
    Tensor a = c.stored(0);
    Tensor b = c.stored(1);
    long[] dims = Broadcast.result(List.of(a.dims(), b.dims()));
    Index left = Index.of(dims, a.dims());
    Index right = Index.of(dims, b.dims());
    List<String> out = new ArrayList<>();
    for (long i = 0; i < Tensor.sizeOf(dims); i++) {
      out.add(a.strings().get((int) left.at(i)) + b.strings().get((int) right.at(i)));
    }
    return Tensor.of(out, dims);
  }

  private static List<Datum> split(StringSplitOp op, KernelContext c) {
    Tensor x = c.stored(0);
    String delimiter = op.delimiter().orElse("");
    int most = (int) Math.min(op.maxsplit().orElse(Integer.MAX_VALUE - 1), Integer.MAX_VALUE - 1);
    List<List<String>> parts = new ArrayList<>();
    int widest = 0;
    for (String text : x.strings()) {
      List<String> part = split(text, delimiter, most);
      parts.add(part);
      widest = Math.max(widest, part.size());
    }
    List<String> out = new ArrayList<>();
    long[] counts = new long[parts.size()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = parts.get(i).size();
      out.addAll(parts.get(i));
      for (int j = parts.get(i).size(); j < widest; j++) {
        out.add("");
      }
    }
    long[] dims = Arrays.copyOf(x.dims(), x.rank() + 1);
    dims[x.rank()] = widest;
    return List.of(Tensor.of(out, dims), Tensor.of(counts, x.dims()));
  }

  private static List<String> split(String text, String delimiter, int most) {
    if (delimiter.isEmpty()) {
      String rest = text.strip();
      List<String> out = new ArrayList<>();
      while (!rest.isEmpty()) {
        String[] two = out.size() < most ? rest.split("\\s+", 2) : new String[] {rest};
        out.add(two[0]);
        rest = two.length > 1 ? two[1] : "";
      }
      return out;
    }
    if (text.isEmpty()) {
      return List.of();
    }
    int limit = most == Integer.MAX_VALUE - 1 ? -1 : most + 1;
    return List.of(text.split(Pattern.quote(delimiter), limit));
  }

  private static Tensor normalize(StringNormalizerOp op, KernelContext c) {
    Tensor x = c.stored(0);
    if (x.rank() > 2 || (x.rank() == 2 && x.dim(0) != 1)) {
      throw c.error("StringNormalizer takes [C] or [1, C], not %s", x.typeText());
    }
    Locale locale = Locale.forLanguageTag(op.locale().orElse("en_US").replace('_', '-'));
    boolean exact = op.isCaseSensitive() != 0;
    List<String> stop =
        op.stopwords().orElse(List.of()).stream()
            .map(w -> exact ? w : w.toLowerCase(locale))
            .toList();
    List<String> out =
        new ArrayList<>(
            x.strings().stream()
                .filter(w -> !stop.contains(exact ? w : w.toLowerCase(locale)))
                .map(
                    w ->
                        switch (op.caseChangeAction()) {
                          case "LOWER" -> w.toLowerCase(locale);
                          case "UPPER" -> w.toUpperCase(locale);
                          default -> w;
                        })
                .toList());
    if (out.isEmpty()) {
      out.add("");
    }
    return x.rank() == 2 ? Tensor.of(out, 1, out.size()) : Tensor.of(out, out.size());
  }

  /** Patterns of RE2's syntax that Java's has too; the syntaxes differ in rare constructs. */
  private static Tensor matches(RegexFullMatchOp op, KernelContext c) {
    Tensor x = c.stored(0);
    Pattern pattern;
    try {
      pattern = Pattern.compile(op.pattern().orElse(""));
    } catch (PatternSyntaxException e) {
      throw c.error("the pattern is not valid: %s", e.getDescription());
    }
    boolean[] out = new boolean[Math.toIntExact(x.size())];
    for (int i = 0; i < out.length; i++) {
      out[i] = pattern.matcher(x.strings().get(i)).matches();
    }
    return Tensor.of(out, x.dims());
  }

  private static Tensor vectorize(TfIdfVectorizerOp op, KernelContext c) {
    Tensor x = c.stored(0);
    List<?> pool =
        op.poolStrings().isPresent() ? op.poolStrings().get() : op.poolInt64s().orElse(List.of());
    List<?> items =
        x.dtype() == DType.STRING ? x.strings() : Arrays.stream(x.toLongs()).boxed().toList();
    Map<List<?>, Integer> grams = new HashMap<>();
    int entry = 0;
    for (int n = 1; n <= op.ngramCounts().size(); n++) {
      int from = Math.toIntExact(op.ngramCounts().get(n - 1));
      int to = n < op.ngramCounts().size() ? Math.toIntExact(op.ngramCounts().get(n)) : pool.size();
      for (int at = from; at + n <= to; at += n) {
        grams.put(pool.subList(at, at + n), entry++);
      }
    }
    int width = (int) (op.ngramIndexes().stream().mapToLong(Long::longValue).max().orElse(-1) + 1);
    int rows = x.rank() == 2 ? Math.toIntExact(x.dim(0)) : 1;
    int length = Math.toIntExact(x.dim(x.rank() - 1));
    double[] counts = new double[rows * width];
    for (int row = 0; row < rows; row++) {
      List<?> own = items.subList(row * length, (row + 1) * length);
      for (long n = op.minGramLength(); n <= op.maxGramLength(); n++) {
        for (long skip = 0; skip <= (n == 1 ? 0 : op.maxSkipCount()); skip++) {
          long stride = skip + 1;
          for (int at = 0; at + (n - 1) * stride < length; at++) {
            List<Object> gram = new ArrayList<>();
            for (long i = 0; i < n; i++) {
              gram.add(own.get((int) (at + i * stride)));
            }
            Integer found = grams.get(gram);
            if (found != null) {
              counts[row * width + Math.toIntExact(op.ngramIndexes().get(found))]++;
            }
          }
        }
      }
    }
    DType type = c.runType(DType.F32);
    Reals out = c.newReals(counts.length, type);
    for (int i = 0; i < counts.length; i++) {
      int column = i % width;
      int place = op.ngramIndexes().indexOf((long) column);
      double weight = op.weights().isPresent() && place >= 0 ? op.weights().get().get(place) : 1;
      out.set(
          i,
          switch (op.mode()) {
            case "TF" -> counts[i];
            case "IDF" -> counts[i] > 0 ? weight : 0;
            default -> counts[i] * weight;
          });
    }
    return x.rank() == 2 ? c.result(out, type, rows, width) : c.result(out, type, width);
  }
}
