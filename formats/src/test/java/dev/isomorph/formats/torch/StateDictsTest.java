package dev.isomorph.formats.torch;

import static dev.isomorph.formats.Fixtures.assertFails;
import static dev.isomorph.formats.Fixtures.path;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.pickle.DictValue;
import dev.isomorph.formats.pickle.ListValue;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.pickle.StrValue;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StateDictsTest {
  private static final Limits LIMITS = Limits.defaults();
  private final TensorArena arena = TensorArena.open("test");

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void picksTheModelOutOfACheckpoint() {
    StateDict state = pick("checkpoint.pt", Optional.empty());
    assertEquals("model_state_dict", state.path());
    assertEquals(7, state.tensors().size());
    assertEquals(List.of(), state.others());
    assertEquals(
        """
        the weights were taken from 'model_state_dict' (7 tensors, 43 elements)
        not used: 'epoch' (the int 3), 'optimizer_state_dict' (a dict of 2), 'best_loss' (a tensor of torch.float32[]), \
        'args' (an object of 'argparse.Namespace'), 'history' (a defaultdict of 1), \
        'rng' (a tensor of torch.uint8[16]), 'numpy' (a NumPy array of f32[2,3]), \
        'np_scalar' (a NumPy array of f64[]), 'fortran' (a NumPy array of i32[2,3]), 'objects' (a NumPy array), \
        'dtype' (torch.bfloat16), 'size' (a torch.Size of 2), 'device' (the device cuda:1), \
        'complex' (the complex number 1.0-2.0j)\
        """,
        notes(state));
  }

  @Test
  void wrappersPrefixesAreKeptAndSaid() {
    StateDict state = pick("data_parallel.pt", Optional.empty());
    assertEquals("module.embed.weight", state.tensors().getFirst().name());
    assertEquals(
        """
        the weights were taken from 'state_dict' (7 tensors, 43 elements)
        not used: 'epoch' (the int 1)
        every key begins with 'module.', which a wrapper of the model added\
        """,
        notes(state));
  }

  @Test
  void aKeyNamesThePlace() {
    StateDict state = pick("checkpoint.pt", Optional.of("optimizer_state_dict.state.0"));
    assertEquals(List.of("step", "exp_avg", "exp_avg_sq"), names(state));
    assertFails(
        """
        error[USAGE]
          the key 'model' leads to no dict of tensors
          expected: one of: the whole file (2 tensors, 17 elements)
                    'model_state_dict' (7 tensors, 43 elements)
          actual:   'model'
        """,
        () -> pick("checkpoint.pt", Optional.of("model")));
  }

  @Test
  void nestedDictsOfTensorsAreOneStateDict() {
    DictValue root =
        dict(
            "layer1",
            dict("weight", tensor(6), "bias", tensor(2)),
            "layer2",
            dict("weight", tensor(4)));
    StateDict state = StateDicts.pick(root, Optional.empty(), LIMITS);
    assertEquals(List.of("layer1.weight", "layer1.bias", "layer2.weight"), names(state));
  }

  @Test
  void aWellKnownNameDecides() {
    DictValue root =
        dict(
            "generator",
            dict("w", tensor(4)),
            "discriminator",
            dict("w", tensor(40)),
            "step",
            integer(3));
    assertEquals("generator", StateDicts.pick(root, Optional.empty(), LIMITS).path());
  }

  @Test
  void theLargerPartIsPickedOnlyWhenItIsMostOfAll() {
    DictValue root =
        dict("encoder", dict("w", tensor(40)), "probe", dict("w", tensor(4)), "step", integer(3));
    assertEquals("encoder", StateDicts.pick(root, Optional.empty(), LIMITS).path());
    DictValue even =
        dict(
            "params", dict("w", tensor(4)), "params_ema", dict("w", tensor(4)), "step", integer(3));
    assertFails(
        """
        error[USAGE]
          the file holds several state dicts, none of which is clearly the model's
          expected: one state dict
          actual:   'params' (1 tensors, 4 elements)
                    'params_ema' (1 tensors, 4 elements)
          help:     choose one with --key, such as --key params
        """,
        () -> StateDicts.pick(even, Optional.empty(), LIMITS));
    assertEquals("params_ema", StateDicts.pick(even, Optional.of("params_ema"), LIMITS).path());
  }

  @Test
  void listsAreSearched() {
    DictValue root =
        dict("acc", tensor(1), "state_dict", new ListValue(List.of(dict("w", tensor(4)))));
    StateDict state = StateDicts.pick(root, Optional.empty(), LIMITS);
    assertEquals("state_dict.0", state.path());
    assertEquals(List.of("w"), names(state));
  }

  @Test
  void entriesThatAreNoTensorsAreListed() {
    DictValue root =
        dict("w", tensor(4), "version", integer(2), "names", new ListValue(List.of(integer(1))));
    StateDict state = StateDicts.pick(root, Optional.empty(), LIMITS);
    assertEquals(
        List.of(
            new StateDict.Other("version", "the int 2"),
            new StateDict.Other("names", "a list of 1")),
        state.others());
    assertEquals(
        "the state dict has entries that are no tensors: 'version' is the int 2, 'names' is a list"
            + " of 1",
        notes(state));
  }

  @Test
  void cyclesAndEmptyFilesAreNoTrouble() {
    DictValue root = dict("w", tensor(4));
    root.put(StrValue.of("self"), root);
    assertEquals(List.of("w"), names(StateDicts.pick(root, Optional.empty(), LIMITS)));
    assertFails(
        """
        error[FORMAT_INVALID]
          the file holds no state dict
          expected: a dict of tensors
          actual:   a dict of 1
        """,
        () -> StateDicts.pick(dict("step", integer(1)), Optional.empty(), LIMITS));
  }

  private StateDict pick(String file, Optional<String> key) {
    return StateDicts.pick(TorchFile.read(path("torch/" + file), arena, LIMITS), key, LIMITS);
  }

  private static String notes(StateDict state) {
    return String.join("\n", state.notes().stream().map(n -> n.message()).toList());
  }

  private static List<String> names(StateDict state) {
    return state.tensors().stream().map(NamedTensor::name).toList();
  }

  private static PickleValue integer(long value) {
    return PickleValue.Int.of(value);
  }

  private static TensorRef tensor(int size) {
    Tensor values = Tensor.of(new float[size], size);
    return TensorRef.of(
        Optional.of(TorchDType.FLOAT32), values.dims(), new TensorRef.Data.Given(values), false);
  }

  private static DictValue dict(Object... keysAndValues) {
    DictValue dict = new DictValue(DictValue.Kind.DICT);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      dict.put(StrValue.of((String) keysAndValues[i]), (PickleValue) keysAndValues[i + 1]);
    }
    return dict;
  }
}
