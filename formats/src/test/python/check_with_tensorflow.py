"""Loads what the test class WriteForTensorFlow wrote with the real TensorFlow, and compares.

Run from the module's folder, after mvn test-compile has made the classes:
java -cp <test class path> dev.isomorph.formats.tensorflow.WriteForTensorFlow FOLDER
python src/test/python/check_with_tensorflow.py FOLDER
"""

import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

SIZE = 2003
TYPES = {
    "f32": tf.float32, "f64": tf.float64, "f16": tf.float16, "bf16": tf.bfloat16, "i8": tf.int8, "i16": tf.int16,
    "i32": tf.int32, "i64": tf.int64, "u8": tf.uint8, "u16": tf.uint16, "u32": tf.uint32, "u64": tf.uint64,
    "bool": tf.bool, "c64": tf.complex64, "c128": tf.complex128,
    "f8e4m3fn": tf.dtypes.experimental.float8_e4m3fn, "f8e5m2": tf.dtypes.experimental.float8_e5m2,
    "f8e4m3fnuz": tf.dtypes.experimental.float8_e4m3fnuz, "f8e5m2fnuz": tf.dtypes.experimental.float8_e5m2fnuz,
    "i4": tf.dtypes.experimental.int4, "u4": tf.dtypes.experimental.uint4,
}
# TensorFlow's Python has no numpy type for these.
UNREADABLE = {"i2", "u2", "f4e2m1"}
PACKED = {"i4": (4, np.int8), "u4": (4, np.uint8)}


def ramp(name):
    """The dense bytes of a tensor as WriteForTensorFlow makes them."""
    if name in PACKED:
        bits, dtype = PACKED[name]
        raw = [((i * 31) >> 3) & 0xFF for i in range(SIZE * bits // 8)] + [0]
        nibbles = [b >> shift & 15 for b in raw for shift in (0, 4)][:SIZE]
        nibbles = [n - 16 if dtype == np.int8 and n > 7 else n for n in nibbles]
        return np.array(nibbles, dtype).tobytes()
    if name == "bool":
        return bytes(i % 2 for i in range(SIZE))
    return bytes(((i * 31) >> 3) & 0xFF for i in range(SIZE * TYPES[name].size))


def main():
    out = pathlib.Path(sys.argv[1])
    reader = tf.train.load_checkpoint(str(out / "checkpoint"))
    shapes = reader.get_variable_to_shape_map()
    checked = 0
    for name in TYPES:
        assert shapes[name] == [SIZE], name
        if name in PACKED:
            value = tf.raw_ops.RestoreV2(
                prefix=str(out / "checkpoint/ckpt"), tensor_names=[name], shape_and_slices=[""], dtypes=[TYPES[name]]
            )[0].numpy()
        else:
            value = reader.get_tensor(name)
        assert value.tobytes() == ramp(name), name
        checked += 1
    assert [s.decode() for s in reader.get_tensor("string")] == ["ü", "", "long" * 500]
    for i in range(3000):
        assert reader.get_tensor("many/%d" % i) == i
    print("checkpoint:", checked, "types and", 3001, "more tensors")

    graph = tf.compat.v1.GraphDef()
    graph.ParseFromString((out / "graph.pb").read_bytes())
    checked = 0
    for node in graph.node:
        if node.name not in UNREADABLE:
            proto = node.attr["value"].tensor
            value = tf.io.parse_tensor(proto.SerializeToString(), TYPES[node.name])
            assert value.numpy().tobytes() == ramp(node.name), node.name
            checked += 1
    with tf.Graph().as_default():
        tf.import_graph_def(graph, name="")
    print("graph:", checked, "constants;", len(graph.node), "imported")

    model = tf.saved_model.load(str(out / "saved_model"))
    x = np.array([[1, 2, 3], [-1, 0, 2]], np.float32)
    y = model.signatures["serving_default"](x=tf.constant(x))["y"].numpy()
    assert y.tolist() == [[2.5, 2.5], [1.5, 0.875]], y
    assert model(x)["y"].numpy().tolist() == y.tolist()
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], str(out / "saved_model"))
        signature = meta.signature_def["serving_default"]
        y = session.run(signature.outputs["y"].name, {signature.inputs["x"].name: x})
    assert y.tolist() == [[2.5, 2.5], [1.5, 0.875]], y
    print("saved model: loaded both ways, runs")


main()
