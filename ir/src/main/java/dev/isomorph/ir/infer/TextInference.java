package dev.isomorph.ir.infer;

import dev.isomorph.ir.op.RegexFullMatchOp;
import dev.isomorph.ir.op.StringConcatOp;
import dev.isomorph.ir.op.StringNormalizerOp;
import dev.isomorph.ir.op.StringSplitOp;
import dev.isomorph.ir.op.TfIdfVectorizerOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.Collections;

/** Operators on strings and n-grams. */
final class TextInference {
  private TextInference() {}

  static void register(InferenceRules rules) {
    rules.on(StringConcatOp.class, (_, in) -> in.result(0, in.broadcast(in.shape(0), in.shape(1))));
    rules.on(RegexFullMatchOp.class, (_, in) -> in.result(0, in.shape(0)));
    rules.on(StringNormalizerOp.class, TextInference::normalize);
    rules.on(
        StringSplitOp.class,
        (_, in) -> {
          Shape x = in.shape(0);
          in.result(1, x);
          if (x.isRanked()) {
            in.result(0, x.append(Shape.of(in.freshSymbol("parts"))));
          }
        });
    rules.on(TfIdfVectorizerOp.class, TextInference::nGrams);
  }

  private static void normalize(StringNormalizerOp op, InferenceContext in) {
    Shape x = in.shape(0);
    if (!x.isRanked()) {
      return;
    }
    if (x.rank() == 2) {
      in.requireEqual(Dim.of(1), x.dim(0), "the rows of a matrix of strings and 1");
    } else if (x.rank() != 1) {
      throw in.error("the operand must be a vector, or a matrix of one row")
          .expected("[C] or [1,C]", x)
          .toException();
    }
    // Stop words go, and where nothing is left one empty string stands.
    boolean drops = op.stopwords().isPresent() && !op.stopwords().get().isEmpty();
    in.result(0, drops ? x.with(-1, in.freshSymbol("words")) : x);
  }

  private static void nGrams(TfIdfVectorizerOp op, InferenceContext in) {
    Shape x = in.shape(0);
    if (!x.isRanked()) {
      return;
    }
    if (x.rank() != 1 && x.rank() != 2 || op.ngramIndexes().isEmpty()) {
      throw in.error("the operand must be one sequence or a batch of them")
          .expected("rank 1 or 2", x)
          .toException();
    }
    Shape grams = Shape.of(Dim.of(Collections.max(op.ngramIndexes()) + 1));
    in.result(0, x.slice(0, x.rank() - 1).append(grams));
  }
}
