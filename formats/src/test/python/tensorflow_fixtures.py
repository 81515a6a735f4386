"""Writes src/test/resources/tensorflow with TensorFlow 2.21, and what TensorFlow reads in the files.

Run from the module's folder: python src/test/python/tensorflow_fixtures.py
"""

import os
import pathlib
import shutil

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from google.protobuf import text_format  # noqa: E402

OUT = pathlib.Path("src/test/resources/tensorflow")

VALUES = {
    tf.float32: [0.0, -0.0, 1.5, -3.4028234663852886e38, 1e-45],
    tf.float64: [0.0, -0.0, 1.5, 1.7976931348623157e308, 5e-324],
    tf.float16: [0.0, -0.0, 1.5, 65504.0],
    tf.bfloat16: [0.0, -0.0, 1.5, -3.3895313892515355e38],
    tf.int8: [0, 1, -1, 127, -128],
    tf.int16: [0, -1, 32767, -32768],
    tf.int32: [0, -1, 2147483647, -2147483648],
    tf.int64: [0, -1, 9007199254740993, -9223372036854775808],
    tf.uint8: [0, 1, 127, 128, 255],
    tf.uint16: [0, 1, 32768, 65535],
    tf.uint32: [0, 1, 4294967295],
    tf.uint64: [0, 1, 9007199254740992],
    tf.bool: [True, False, True],
    tf.dtypes.experimental.float8_e4m3fn: [0.0, -0.0, 1.5, 448.0],
    tf.dtypes.experimental.float8_e5m2: [0.0, -0.0, 1.5, 57344.0],
    tf.dtypes.experimental.int4: [0, 1, -1, 7, -8],
    tf.dtypes.experimental.uint4: [0, 1, 15, 8, 7],
}
LISTS = {
    tf.float32: "float_val", tf.float64: "double_val", tf.float16: "half_val", tf.bfloat16: "half_val",
    tf.int64: "int64_val", tf.uint32: "uint32_val", tf.uint64: "uint64_val", tf.bool: "bool_val",
}


def number(value):
    return repr(int(value)) if isinstance(value, (int, np.integer)) else repr(float(value))


def typed(dtype, values):
    """A proto with a typed list, as the C++ runtime's AsProtoField writes it."""
    full = tf.make_tensor_proto(np.array(values, dtype.as_numpy_dtype), dtype=dtype)
    proto = type(full)()
    proto.dtype = full.dtype
    proto.tensor_shape.CopyFrom(full.tensor_shape)
    array = np.array(values, dtype.as_numpy_dtype)
    if dtype in (tf.float16, tf.bfloat16):
        proto.half_val.extend(array.view(np.uint16).tolist())
    elif "float8" in dtype.name:
        proto.float8_val = array.tobytes()
    else:
        getattr(proto, LISTS.get(dtype, "int_val")).extend(
            [v.item() for v in (array.astype(np.int32) if "int4" in dtype.name else array)]
        )
    return proto


def types():
    graph, lines = tf.compat.v1.GraphDef(), []

    def constant(name, proto, values):
        node = graph.node.add(name=name, op="Const")
        node.attr["dtype"].type = proto.dtype
        node.attr["value"].tensor.CopyFrom(proto)
        lines.append("\t".join([name, tf.as_dtype(proto.dtype).name, " ".join(map(number, values))]))

    for dtype, values in VALUES.items():
        python = tf.make_tensor_proto(np.array(values, dtype.as_numpy_dtype), dtype=dtype)
        for kind, proto in (("python", python), ("list", typed(dtype, values))):
            # What the C++ runtime makes of it is the truth.
            read = tf.io.parse_tensor(proto.SerializeToString(), dtype)
            read = tf.cast(read, tf.int32) if "int4" in dtype.name else read
            constant("%s/%s" % (dtype.name, kind), proto, read.numpy().tolist())
        short = typed(dtype, values[:3])
        short.tensor_shape.dim[0].size = 6
        read = tf.io.parse_tensor(short.SerializeToString(), dtype)
        read = tf.cast(read, tf.int32) if "int4" in dtype.name else read
        constant("%s/short" % dtype.name, short, read.numpy().tolist())
    empty = typed(tf.float32, [])
    empty.tensor_shape.dim[0].size = 3
    constant("zeros", empty, tf.io.parse_tensor(empty.SerializeToString(), tf.float32).numpy().tolist())
    constant("scalar", tf.make_tensor_proto(2.5), [2.5])
    graph.versions.producer = 1882
    (OUT / "types.pb").write_bytes(graph.SerializeToString(deterministic=True))
    (OUT / "types.tsv").write_text("\n".join(lines) + "\n")
    (OUT / "types.pbtxt").write_text(text_format.MessageToString(graph))


def strings():
    graph = tf.compat.v1.GraphDef()
    short = tf.make_tensor_proto(["a", "ü"], shape=[2])
    short.tensor_shape.dim[0].size = 4
    for name, proto in (("full", tf.make_tensor_proto([["a"], ["ü"]])), ("short", short)):
        node = graph.node.add(name=name, op="Const")
        node.attr["value"].tensor.CopyFrom(proto)
    (OUT / "strings.pb").write_bytes(graph.SerializeToString(deterministic=True))


def checkpoint():
    folder = OUT / "checkpoint"
    shutil.rmtree(folder, ignore_errors=True)
    root = tf.train.Checkpoint(
        w=tf.Variable(np.arange(6, dtype=np.float32).reshape(2, 3)),
        h=tf.Variable(np.array([1.5, -2.0], np.float16)),
        n=tf.Variable(np.int64(-7)),
        s=tf.Variable([["x", "grüße"], ["", "z" * 200]]),
        b=tf.Variable([True, False]),
        c=tf.Variable(np.array([1 + 2j], np.complex64)),
        **{"a/b": tf.Variable(np.zeros((0, 4), np.float64))},
    )
    root.save(folder / "ckpt")


def partitioned():
    folder = OUT / "partitioned"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.disable_resource_variables()

        def variable(name, shape, partitions):
            values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
            return tf.compat.v1.get_variable(
                name, shape, initializer=lambda shape, dtype, partition_info=None: tf.constant(
                    values[tuple(slice(o, o + s) for o, s in zip(partition_info.var_offset, shape))]
                    if partition_info is not None else values
                ),
                partitioner=lambda shape, dtype: partitions,
            )

        variable("rows", [5, 4], [2, 1])
        variable("wide", [4, 300], [1, 3])
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver(sharded=False).save(session, str(folder / "model"), write_meta_graph=True)


def saved_model():
    folder = OUT / "saved_model"
    shutil.rmtree(folder, ignore_errors=True)

    class Net(tf.Module):
        def __init__(self):
            self.w = tf.Variable(np.arange(6, dtype=np.float32).reshape(3, 2) / 8, name="w")
            self.b = tf.Variable(np.array([0.5, -0.25], np.float32), name="b")
            names = OUT / "labels.txt"
            names.write_text("cat\ndog\n")
            self.labels = tf.saved_model.Asset(str(names))

        @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
        def __call__(self, x):
            return {"y": tf.nn.relu(x @ self.w + self.b)}

    net = Net()
    tf.saved_model.save(net, str(folder), signatures={"serving_default": net.__call__})
    (OUT / "labels.txt").unlink()
    x = np.array([[1, 2, 3], [-1, 0, 2]], np.float32)
    print(net(x)["y"].numpy())


OUT.mkdir(parents=True, exist_ok=True)
types()
strings()
checkpoint()
partitioned()
saved_model()
