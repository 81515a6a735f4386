package dev.isomorph.gpu;

import static dev.isomorph.gpu.DeviceRuns.assertAllOnDevice;
import static dev.isomorph.gpu.DeviceRuns.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.RunOptions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Movement, indexing, conversion and shape: results have the very bits of the CPU's. */
@DeviceTest
class MovementDeviceTest {
  private static void assertSame(String text, Datum... inputs) {
    var run = DeviceRuns.run(text, RunOptions.OWN, inputs);
    assertAllOnDevice(run);
    List<Tensor> cpu = DeviceRuns.own(text, inputs);
    for (int i = 0; i < cpu.size(); i++) {
      assertTrue(
          cpu.get(i).contentEquals(run.outputs().get(i)),
          text + cpu.get(i) + " but " + run.outputs().get(i));
    }
  }

  private static long[] dims(String text) {
    return java.util.Arrays.stream(text.strip().split(",")).mapToLong(Long::parseLong).toArray();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3,5 | 1,0", "65,33 | 1,0", "2,3,5 | 0,2,1", "2,40,35 | 0,2,1", "2,3,5 | 2,0,1",
        "2,3,4,5 | 0,2,3,1", "2,3,4,5 | 0,3,1,2", "2,3,4,5 | 3,2,1,0", "4,1,3 | 1,0,2", "0,3 | 1,0"
      })
  void transpositions(String dims, String perm) {
    String text =
        """
        graph main(%%x: f32[%s]) -> (%%y) {
          %%y = Transpose(%%x) {perm = [%s]}
        }
        """
            .formatted(dims.strip(), perm.strip());
    if (dims.startsWith("0")) {
      var run = DeviceRuns.run(text, RunOptions.OWN, random(1, dims(dims)));
      assertEquals("f32[3,0]", run.outputs().getFirst().typeText());
      return;
    }
    assertSame(text, random(1, dims(dims)));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F64", "F16", "BF16", "I8", "U8", "I16", "I32", "I64", "U64", "BOOL", "C64"})
  void elementsOfAnyWidthMove(DType type) {
    byte[] bytes = new byte[(int) type.byteSize(12 * 7)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (type == DType.BOOL ? i % 2 : i * 37);
    }
    var segment = Tensor.allocate(bytes.length);
    segment.copyFrom(java.lang.foreign.MemorySegment.ofArray(bytes));
    Tensor x = Tensor.of(type, new long[] {12, 7}, segment);
    assertSame(
        """
        graph main(%%x: %s[12,7]) -> (%%t, %%c) {
          %%t = Transpose(%%x)
          %%c = Concat(%%x, %%x) {axis = 1}
        }
        """
            .formatted(type),
        x);
  }

  @Test
  void slicesWithAnyStep() {
    for (long[][] slice :
        new long[][][] {
          {{1, 2}, {4, 9}, {0, 1}, {1, 3}},
          {{-1, 100}, {-100, -100}, {1, 0}, {-2, -1}},
          {{2}, {Long.MAX_VALUE}, {2}, {1}},
          {{3, 0}, {1, 5}, {0, 1}, {1, Long.MAX_VALUE}},
        }) {
      String text =
          """
          graph main(%%x: f32[5,11,3]) -> (%%y) {
            %%starts = Constant() {value_ints = %s}
            %%ends = Constant() {value_ints = %s}
            %%axes = Constant() {value_ints = %s}
            %%steps = Constant() {value_ints = %s}
            %%y = Slice(%%x, %%starts, %%ends, %%axes, %%steps)
          }
          """
              .formatted(
                  java.util.Arrays.toString(slice[0]),
                  java.util.Arrays.toString(slice[1]),
                  java.util.Arrays.toString(slice[2]),
                  java.util.Arrays.toString(slice[3]));
      assertSame(text, random(1, 5, 11, 3));
    }
  }

  @Test
  void partsAreTakenAndJoined() {
    assertSame(
        """
        graph main(%x: f32[4,7,3]) -> (%a, %b, %c, %y) {
          %a, %b, %c = Split(%x) {axis = 1, num_outputs = 3}
          %y = Concat(%c, %a, %b, %a) {axis = -2}
        }
        """,
        random(1, 4, 7, 3));
  }

  @Test
  void expansionRepeats() {
    assertSame(
        """
        graph main(%x: f32[3,1,2]) -> (%y) {
          %shape = Constant() {value_ints = [5, 1, 4, 1]}
          %y = Expand(%x, %shape)
        }
        """,
        random(1, 3, 1, 2));
  }

  @ParameterizedTest
  @CsvSource({"constant", "edge", "reflect", "wrap"})
  void paddingInEveryMode(String mode) {
    assertSame(
        """
        graph main(%%x: f32[4,5], %%v: f32[]) -> (%%y, %%z) {
          %%pads = Constant() {value_ints = [2, 1, 3, 4]}
          %%cut = Constant() {value_ints = [-1, 2]}
          %%axes = Constant() {value_ints = [-1]}
          %%y = Pad(%%x, %%pads, %%v) {mode = "%s"}
          %%z = Pad(%%x, %%cut, %%v, %%axes) {mode = "%s"}
        }
        """
            .formatted(mode, mode),
        random(1, 4, 5),
        Tensor.scalar(DType.F32, 7.5));
  }

  @Test
  void slicesAreGatheredByIndices() {
    for (int axis = -1; axis < 2; axis++) {
      String text =
          """
          graph main(%%x: f32[7,7,2], %%i: i64[3,30]) -> (%%y) {
            %%y = Gather(%%x, %%i) {axis = %d}
          }
          """
              .formatted(axis);
      long[] indices = new long[90];
      for (int i = 0; i < indices.length; i++) {
        indices[i] = axis == -1 ? i % 4 - 2 : i % 14 - 7;
      }
      assertSame(text, random(1, 7, 7, 2), Tensor.of(indices, 3, 30));
    }
  }

  @Test
  void anIndexOutOfRangeNamesItsNode() {
    String text =
        """
        graph main(%x: f32[7,2], %i: i32[100]) -> (%y) {
          %rows = Gather(%x, %i)
          %y = Relu(%rows)
        }
        """;
    int[] indices = new int[100];
    indices[41] = 7;
    indices[60] = -9;
    IsomorphException e =
        assertThrows(
            IsomorphException.class,
            () -> DeviceRuns.run(text, RunOptions.OWN, random(1, 7, 2), Tensor.of(indices, 100)));
    assertEquals(ErrorCode.RUN_FAILED, e.code());
    assertEquals(
        "the index at place 41 is out of range for an axis of length 7",
        e.diagnostics().getFirst().message());
    assertEquals("\"rows\" (Gather)", e.diagnostics().getFirst().node());
  }

  @Test
  void conversionsHaveTheBitsOfTheCpu() {
    double[] values = {
      0,
      -0.0,
      1.5,
      -1.5,
      300,
      -300,
      3e9,
      -3e9,
      1e19,
      -1e19,
      1e300,
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      0.1,
      1e-300
    };
    List<DType> types =
        List.of(
            DType.F32,
            DType.F64,
            DType.I64,
            DType.I32,
            DType.I16,
            DType.I8,
            DType.U32,
            DType.U16,
            DType.U8,
            DType.BOOL);
    for (DType from : types) {
      StringBuilder text = new StringBuilder();
      StringBuilder outputs = new StringBuilder();
      for (DType to : types) {
        if (to != from) {
          text.append("  %%%s = Cast(%%x) {to = %d}\n".formatted("to_" + to, to.onnxCode()));
          outputs.append(outputs.isEmpty() ? "%to_" : ", %to_").append(to);
        }
      }
      double[] some = new double[100];
      for (int i = 0; i < some.length; i++) {
        some[i] = i < values.length ? values[i] : i * 7.25 - 300;
      }
      assertSame(
          "graph main(%x: " + from + "[100]) -> (" + outputs + ") {\n" + text + "}\n",
          Tensor.of(from, some, 100));
    }
  }

  @Test
  void shapesCostNothing() {
    String text =
        """
        graph main(%x: f32[2,3,4]) -> (%y, %shape, %size) {
          %flat = Flatten(%x) {axis = 2}
          %axes = Constant() {value_ints = [0]}
          %more = Unsqueeze(%flat, %axes)
          %less = Squeeze(%more)
          %target = Constant() {value_ints = [0, -1, 2]}
          %y = Reshape(%less, %target)
          %shape = Shape(%y) {start = 1}
          %size = Size(%x)
        }
        """;
    Tensor x = random(1, 2, 3, 4);
    var run = DeviceRuns.run(text, RunOptions.OWN, x);
    assertTrue(
        run.placements().stream().allMatch(p -> p.place() == Placement.Place.NOTHING_TO_COMPUTE),
        () -> run.placements().toString());
    List<Tensor> cpu = DeviceRuns.own(text, x);
    for (int i = 0; i < cpu.size(); i++) {
      assertTrue(cpu.get(i).contentEquals(run.outputs().get(i)));
    }
  }

  @Test
  void aTensorOfOneValueIsFilled() {
    String text =
        """
        graph main(%x: f32[40,3]) -> (%y) {
          %shape = Shape(%x)
          %ones = ConstantOfShape(%shape)
          %y = Add(%x, %ones)
        }
        """;
    assertSame(text, random(1, 40, 3));
  }

  @Test
  void whatTheDeviceCannotDoRunsOnTheCpuAmongTheRest() {
    String text =
        """
        graph main(%x: f32[3,40], %c: bool[]) -> (%y) {
          %h = Exp(%x)
          %s = CumSum(%h, @one)
          %i = If(%c) {else_branch = () [%s2 = %s] -> (%b) {
            %b = Neg(%s2)
          }, then_branch = () [%s1 = %s] -> (%a) {
            %a = Abs(%s1)
          }}
          %y = Mul(%i, %h)
        }
        """;
    String whole = "param @one: i64[] constant = [1]\n" + text;
    Tensor x = random(1, 3, 40);
    Tensor no = Tensor.of(new boolean[] {false});
    var run = DeviceRuns.run(whole, RunOptions.OWN, x, no);
    assertEquals(
        "[\"h\" (Exp): device, \"s\" (CumSum): cpu, no CUDA kernel,"
            + " \"i\" (If): cpu, control flow runs on the CPU, \"y\" (Mul): device]",
        run.placements().toString());
    DeviceRuns.assertWithin(
        8, 40, DeviceRuns.truth(whole, x, no).getFirst(), run.outputs().getFirst());
  }
}
