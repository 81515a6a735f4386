package dev.isomorph.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.math.ComputePool;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Empty dims, NaN, infinities, thread counts and refusals, operator by operator. */
class KernelEdgesTest {
  private static final double NAN = Double.NaN;
  private static final double INF = Double.POSITIVE_INFINITY;

  private static Tensor run(RunOptions options, String graph, Tensor... inputs) {
    Graph parsed = TextParser.graph(graph);
    return (Tensor) new Executor(options).run(parsed, List.<Datum>of(inputs)).getFirst();
  }

  private static Tensor unary(String node, String type, Tensor x) {
    String text = "graph main(%x: " + type + ") -> (%y) {\n  %y = " + node + "\n}\n";
    return run(RunOptions.OWN, text, x);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "Relu(%x) | 0,4 | 0,4",
        "Softmax(%x) | 0,4 | 0,4",
        "Softmax(%x) | 4,0 | 4,0",
        "ReduceSum(%x) | 0,4 | 1,1",
        "ReduceMax(%x) | 3,0 | 1,1",
        "Transpose(%x) | 0,4 | 4,0",
        "Flatten(%x) | 0,4 | 0,4",
        "Gelu(%x) | 5,0 | 5,0",
        "Identity(%x) | 0 | 0",
        "GlobalAveragePool(%x) | 0,3,2,2 | 0,3,1,1",
        "MaxPool(%x) {kernel_shape = [2, 2]} | 0,3,4,4 | 0,3,3,3",
        "DepthToSpace(%x) {blocksize = 2} | 0,4,2,2 | 0,1,4,4",
        "MatMul(%x, %x) | 0,0 | 0,0",
        "Concat(%x, %x) {axis = 0} | 0,2 | 0,2",
        "LpNormalization(%x) | 0,2 | 0,2",
        "Shape(%x) | 0,2 | 2",
        "NonZero(%x) | 0,2 | 2,0",
        "Hardmax(%x) | 0,2 | 0,2",
        "LogSoftmax(%x) | 2,0 | 2,0",
      })
  void emptyTensorsGoThrough(String node, String dims, String expected) {
    long[] shape = Arrays.stream(dims.split(",")).mapToLong(Long::parseLong).toArray();
    Tensor x = Tensor.of(new float[0], shape);
    Tensor y = unary(node, "f32[" + dims + "]", x);
    assertEquals(
        expected, String.join(",", Arrays.stream(y.dims()).mapToObj(Long::toString).toList()));
  }

  @Test
  void reductionsOfNothingGiveTheirNeutralElements() {
    Tensor none = Tensor.of(new float[0], 2, 0);
    String[] nodes = {"ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin", "ReduceL2"};
    double[] expected = {0, 1, -INF, INF, 0};
    for (int i = 0; i < nodes.length; i++) {
      String text =
          "param @a: i64[1] constant = [1]\n"
              + "graph main(%x: f32[2,0]) -> (%y) {\n  %y = "
              + nodes[i]
              + "(%x, @a)\n}\n";
      assertArrayEquals(
          new double[] {expected[i], expected[i]},
          run(RunOptions.OWN, text, none).toDoubles(),
          nodes[i]);
    }
  }

  @Test
  void softmaxKeepsRowsApartWhateverTheyHold() {
    Tensor x = Tensor.of(new float[] {1, 2, (float) INF, 0, (float) NAN, 0, 1000, 1000}, 4, 2);
    double[] y = unary("Softmax(%x)", "f32[4,2]", x).toDoubles();
    assertEquals(1, y[0] + y[1], 1e-7);
    assertTrue(Double.isNaN(y[2]) && Double.isNaN(y[3]));
    assertTrue(Double.isNaN(y[4]) && Double.isNaN(y[5]));
    assertEquals(0.5, y[6]);
    assertEquals(0.5, y[7]);
  }

  @Test
  void argMaxFindsTheFirstNaN() {
    Tensor x = Tensor.of(new float[] {1, (float) NAN, 5, (float) NAN}, 4);
    assertEquals(1, unary("ArgMax(%x)", "f32[4]", x).toLongs()[0]);
    assertEquals(1, unary("ArgMin(%x)", "f32[4]", x).toLongs()[0]);
    Tensor ties = Tensor.of(new float[] {2, 7, 7, -0.0f, 0}, 5);
    assertEquals(1, unary("ArgMax(%x)", "f32[5]", ties).toLongs()[0]);
    assertEquals(2, unary("ArgMax(%x) {select_last_index = 1}", "f32[5]", ties).toLongs()[0]);
    assertEquals(3, unary("ArgMin(%x)", "f32[5]", ties).toLongs()[0]);
  }

  @Test
  void networksGiveTheSameBitsForAnyNumberOfThreads() {
    Random random = new Random(8);
    float[] values = new float[2 * 6 * 20 * 20];
    float[] weights = new float[8 * 3 * 3 * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    String text =
        """
        graph main(%x: f32[2,6,20,20], %w: f32[8,3,3,3]) -> (%y) {
          %c = Conv(%x, %w) {group = 2, pads = [1, 1, 1, 1]}
          %n = InstanceNormalization(%c, %s, %s)
          %p = MaxPool(%n) {kernel_shape = [3, 3], strides = [2, 2]}
          %y = Softmax(%p) {axis = 1}
        }
        """
            .replace("%s", "@s");
    String ones = "param @s: f32[8] constant = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]\n";
    Tensor[] y = new Tensor[4];
    for (int threads = 1; threads <= 4; threads++) {
      try (ComputePool pool = new ComputePool(threads)) {
        y[threads - 1] =
            run(
                RunOptions.OWN.withPool(pool),
                ones + text,
                Tensor.of(values, 2, 6, 20, 20),
                Tensor.of(weights, 8, 3, 3, 3));
      }
      assertTrue(y[0].contentEquals(y[threads - 1]), threads + " threads");
    }
  }

  @Test
  void lstmMatchesItsFormula() {
    Random random = new Random(6);
    int steps = 3;
    int hidden = 2;
    int width = 2;
    double[] x = random.doubles(steps * width, -1, 1).toArray();
    double[] w = random.doubles(4 * hidden * width, -1, 1).toArray();
    double[] r = random.doubles(4 * hidden * hidden, -1, 1).toArray();
    double[] b = random.doubles(8 * hidden, -1, 1).toArray();
    Tensor y =
        run(
            RunOptions.OWN,
            """
            graph main(%x: f64[3,1,2], %w: f64[1,8,2], %r: f64[1,8,2], %b: f64[1,16]) -> (%y) {
              %y = LSTM(%x, %w, %r, %b) {hidden_size = 2}
            }
            """,
            Tensor.of(x, steps, 1, width),
            Tensor.of(w, 1, 4 * hidden, width),
            Tensor.of(r, 1, 4 * hidden, hidden),
            Tensor.of(b, 1, 8 * hidden));
    double[] h = new double[hidden];
    double[] c = new double[hidden];
    for (int t = 0; t < steps; t++) {
      double[] gate = new double[4 * hidden];
      for (int g = 0; g < gate.length; g++) {
        gate[g] = b[g] + b[4 * hidden + g];
        for (int i = 0; i < width; i++) {
          gate[g] += w[g * width + i] * x[t * width + i];
        }
        for (int i = 0; i < hidden; i++) {
          gate[g] += r[g * hidden + i] * h[i];
        }
      }
      for (int i = 0; i < hidden; i++) {
        // ONNX's order of gates is input, output, forget, cell.
        c[i] =
            sigmoid(gate[2 * hidden + i]) * c[i]
                + sigmoid(gate[i]) * Math.tanh(gate[3 * hidden + i]);
        h[i] = sigmoid(gate[hidden + i]) * Math.tanh(c[i]);
        assertEquals(h[i], y.toDoubles()[t * hidden + i], 1e-15);
      }
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void randomNumbersDependOnSeedAndNodeAlone() {
    String text =
        """
        graph main(%x: f32[1000]) -> (%y) {
          %y = RandomNormalLike(%x)
        }
        """;
    Tensor x = Tensor.of(new float[1000], 1000);
    Tensor first = run(RunOptions.OWN, text, x);
    assertTrue(first.contentEquals(run(RunOptions.OWN, text, x)));
    Tensor other = run(RunOptions.OWN.withRandomSeed(1), text, x);
    assertTrue(!first.contentEquals(other));
    double mean = Arrays.stream(first.toDoubles()).average().orElseThrow();
    double square = Arrays.stream(first.toDoubles()).map(v -> v * v).average().orElseThrow();
    assertEquals(0, mean, 0.1);
    assertEquals(1, square, 0.15);
  }

  @Test
  void castsThatWidenAreNotPerturbed() {
    String text =
        """
        graph main(%x: f16[2]) -> (%y) {
          %y = Cast(%x) {to = 1}
        }
        """;
    Tensor x = Tensor.of(DType.F16, new double[] {1.5, -3}, 2);
    assertArrayEquals(
        new double[] {1.5, -3}, run(RunOptions.OWN.withPerturbation(3), text, x).toDoubles());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "Reshape(%x, @i) | f32[2,3] cannot be reshaped to [4, 2]",
        "Tile(%x, @big) | a size is too large",
        "Gather(%x, @i) | index 4 is out of range for an axis of length 2",
      })
  void valuesThatDoNotFitAreNamed(String node, String message) {
    String text =
        "param @i: i64[2] constant = [4, 2]\n"
            + "param @big: i64[2] constant = [4611686018427387904, 4611686018427387904]\n"
            + "graph main(%x: f32[N,M]) -> (%y) {\n  %y = "
            + node
            + "\n}\n";
    IsomorphException e =
        assertThrows(
            IsomorphException.class,
            () -> run(RunOptions.OWN, text, Tensor.of(new float[6], 2, 3)));
    assertTrue(e.getMessage().startsWith("error[RUN_FAILED] "), e.getMessage());
    assertTrue(e.getMessage().contains(message.strip()), e.getMessage());
  }
}
