package dev.isomorph.ir.infer;

import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import java.util.List;
import java.util.Optional;

/** The classical models of {@code ai.onnx.ml}: a batch of feature rows, or one row. */
final class MlInference {
  private MlInference() {}

  static void register(InferenceRules rules) {
    rules.on(BinarizerOp.class, (_, in) -> in.result(0, in.shape(0)));
    rules.on(ImputerOp.class, (_, in) -> in.result(0, in.shape(0)));
    rules.on(NormalizerOp.class, (_, in) -> in.result(0, in.shape(0)));
    rules.on(ScalerOp.class, (_, in) -> in.result(0, in.shape(0)));
    rules.on(CategoryMapperOp.class, MlInference::categories);
    rules.on(LabelEncoderOp.class, MlInference::labels);
    rules.on(ArrayFeatureExtractorOp.class, (_, in) -> extract(in));
    rules.on(FeatureVectorizerOp.class, MlInference::join);
    rules.on(OneHotEncoderOp.class, MlInference::oneHot);
    rules.on(DictVectorizerOp.class, MlInference::dictionary);
    rules.on(CastMapOp.class, MlInference::castMap);
    rules.on(ZipMapOp.class, MlInference::zipMap);
    rules.on(LinearRegressorOp.class, (op, in) -> rows(0, Dim.of(op.targets()), DType.F32, in));
    rules.on(SVMRegressorOp.class, (_, in) -> rows(0, Dim.of(1), DType.F32, in));
    rules.on(
        TreeEnsembleOp.class,
        (op, in) -> {
          Dim targets =
              op.nTargets().isPresent()
                  ? Dim.of(op.nTargets().getAsLong())
                  : in.freshSymbol("targets");
          in.dtype(0).ifPresent(d -> rows(0, targets, d, in));
        });
    rules.on(
        LinearClassifierOp.class,
        (op, in) -> classify(op.classlabelsInts(), op.classlabelsStrings(), in));
    rules.on(
        SVMClassifierOp.class,
        (op, in) -> classify(op.classlabelsInts(), op.classlabelsStrings(), in));
  }

  private static Dim batch(InferenceContext in) {
    Shape x = in.shape(0);
    return !x.isRanked() ? in.freshSymbol("batch") : x.rank() < 2 ? Dim.of(1) : x.dim(0);
  }

  private static void rows(int output, Dim columns, DType dtype, InferenceContext in) {
    in.tensor(output, dtype, Shape.of(batch(in), columns));
  }

  /** A label per row, and a score per row and class. Two classes may have one stored score. */
  private static void classify(
      Optional<List<Long>> integers, Optional<List<String>> strings, InferenceContext in) {
    boolean text = strings.filter(s -> !s.isEmpty()).isPresent();
    long classes = text ? strings.get().size() : integers.map(List::size).orElse(0);
    Dim scores = classes > 2 ? Dim.of(classes) : in.freshSymbol("scores");
    in.tensor(0, text ? DType.STRING : DType.I64, Shape.of(batch(in)));
    rows(1, scores, DType.F32, in);
  }

  private static void categories(CategoryMapperOp op, InferenceContext in) {
    in.dtype(0)
        .ifPresent(d -> in.tensor(0, d == DType.STRING ? DType.I64 : DType.STRING, in.shape(0)));
  }

  private static void labels(LabelEncoderOp op, InferenceContext in) {
    DType dtype =
        op.valuesTensor().isPresent()
            ? op.valuesTensor().get().dtype()
            : op.valuesStrings().isPresent()
                ? DType.STRING
                : op.valuesInt64s().isPresent() ? DType.I64 : DType.F32;
    in.tensor(0, dtype, in.shape(0));
  }

  private static void extract(InferenceContext in) {
    Shape x = in.shape(0);
    Shape y = in.shape(1);
    if (x.isRanked() && y.isRanked()) {
      if (x.rank() < 1) {
        throw in.error("the operand needs an axis").expected("rank 1 or more", x).toException();
      }
      in.result(0, x.rank() == 1 ? Shape.of(Dim.of(1), y.size()) : x.with(-1, y.size()));
    }
  }

  private static void join(FeatureVectorizerOp op, InferenceContext in) {
    Dim total = Dim.of(0);
    for (int i = 0; i < in.inputCount(); i++) {
      Shape shape = in.shape(i);
      total =
          total.plus(
              shape.isRanked() && shape.rank() > 0 ? shape.dim(-1) : in.freshSymbol("features"));
    }
    rows(0, total, DType.F32, in);
  }

  private static void oneHot(OneHotEncoderOp op, InferenceContext in) {
    long categories =
        Math.max(
            op.catsInt64s().map(List::size).orElse(0), op.catsStrings().map(List::size).orElse(0));
    if (in.shape(0).isRanked()) {
      in.tensor(0, DType.F32, in.shape(0).append(Shape.of(categories)));
    }
  }

  private static void dictionary(DictVectorizerOp op, InferenceContext in) {
    long words =
        Math.max(
            op.int64Vocabulary().map(List::size).orElse(0),
            op.stringVocabulary().map(List::size).orElse(0));
    if (in.type(0) instanceof ValueType.MapType(var _, ValueType value)
        && value instanceof ValueType.TensorType t) {
      in.tensor(0, t.dtype(), Shape.of(Dim.of(1), Dim.of(words)));
    }
  }

  private static void castMap(CastMapOp op, InferenceContext in) {
    DType dtype =
        switch (op.castTo()) {
          case "TO_STRING" -> DType.STRING;
          case "TO_INT64" -> DType.I64;
          case "TO_FLOAT" -> DType.F32;
          default ->
              throw in.error("attribute 'cast_to' has an unknown value")
                  .expected("TO_FLOAT, TO_INT64 or TO_STRING", op.castTo())
                  .toException();
        };
    Dim length = op.mapForm().equals("SPARSE") ? Dim.of(op.maxMap()) : in.freshSymbol("entries");
    in.tensor(0, dtype, Shape.of(Dim.of(1), length));
  }

  private static void zipMap(ZipMapOp op, InferenceContext in) {
    DType key = op.classlabelsStrings().isPresent() ? DType.STRING : DType.I64;
    ValueType value = ValueType.tensor(DType.F32, Shape.scalar());
    in.type(0, new ValueType.SequenceType(new ValueType.MapType(key, value)));
  }
}
