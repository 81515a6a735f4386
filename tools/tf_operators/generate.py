"""Writes the signatures of the TensorFlow operators that the exporter uses, as TensorFlow registers them.

Run: python tools/tf_operators/generate.py  (needs tensorflow, see requirements.txt)

One line per operator, tab-separated: name, operands, results, attributes. An operand or result is
`name:T`, `name:N*T` for a list of one type, `name:[T]` for a list of types, `name:=float` for a fixed
type. An attribute is `name:kind`, with `=value` when it has a default, and `{a,b}` for allowed types.
"""

import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
from tensorflow.python.framework import op_def_registry, dtypes  # noqa: E402
import tensorflow as tf  # noqa: E402, F401  (registers the operators)

OPERATORS = """
Abs Acos Acosh AddV2 All Any ArgMax ArgMin Asin Asinh AssignVariableOp Atan Atanh AvgPool AvgPool3D
BatchMatMulV2 BiasAdd BroadcastArgs BroadcastTo Cast Ceil ConcatV2 Const Conv2D Conv2DBackpropInput Conv3D
Cos Cosh Cumsum DepthToSpace DepthwiseConv2dNative Einsum Elu Equal Erf Exp ExpandDims Expm1 Fill Floor
FloorMod FusedBatchNormV3 GatherNd GatherV2 Greater GreaterEqual Identity IsInf IsNan LRN LeakyRelu Less
LessEqual Log LogSoftmax LogicalAnd LogicalNot LogicalOr MatMul MatrixBandPart Max MaxPool MaxPool3D Maximum
Mean Min Minimum MirrorPad Mul Neg NoOp NotEqual OneHot Pack Pad PadV2 Placeholder Pow Prod Range
ReadVariableOp RealDiv Reciprocal Relu Relu6 Reshape ResizeBilinear ResizeNearestNeighbor RestoreV2 ReverseV2
Rint Rsqrt SaveV2 SelectV2 Selu Shape Sigmoid Sign Sin Sinh Size Slice Softmax Softplus Softsign
SpaceToDepth Split SplitV Sqrt Square SquaredDifference Squeeze StatefulPartitionedCall StridedSlice Sub Sum
Tan Tanh TensorScatterUpdate Tile TopKV2 Transpose TruncateDiv TruncateMod Unpack VarHandleOp Where ZerosLike
""".split()


def type_name(number):
    return dtypes.as_dtype(number).name


def argument(arg):
    if arg.type_list_attr:
        kind = "[" + arg.type_list_attr + "]"
    else:
        kind = arg.type_attr or "=" + type_name(arg.type)
        if arg.number_attr:
            kind = arg.number_attr + "*" + kind
    return arg.name + ":" + kind


def value(attr):
    kind = attr.WhichOneof("value")
    if kind == "type":
        return type_name(attr.type)
    if kind == "s":
        return attr.s.decode()
    if kind == "b":
        return "true" if attr.b else "false"
    if kind == "list":
        items = attr.list
        return "[" + ",".join(str(v) for v in list(items.i) or list(items.f)) + "]"
    if kind == "shape":
        return "?" if attr.shape.unknown_rank else "[]"
    return str(getattr(attr, kind))


def attribute(attr):
    text = attr.name + ":" + attr.type
    if attr.HasField("default_value"):
        text += "=" + value(attr.default_value)
    if attr.type == "type" and attr.HasField("allowed_values"):
        text += "{" + ",".join(type_name(t) for t in attr.allowed_values.list.type) + "}"
    return text


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    path = root / "exporters/src/main/resources/dev/isomorph/exporters/tensorflow/operators.tsv"
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write("# From the registry of tensorflow %s by tools/tf_operators/generate.py.\n" % tf.__version__)
        for name in sorted(set(OPERATORS)):
            op = op_def_registry.get(name)
            if op is None:
                raise SystemExit("no operator " + name)
            out.write("\t".join([
                name,
                "|".join(argument(a) for a in op.input_arg),
                "|".join(argument(a) for a in op.output_arg),
                "|".join(attribute(a) for a in op.attr),
            ]) + "\n")


if __name__ == "__main__":
    main()
