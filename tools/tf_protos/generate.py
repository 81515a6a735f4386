"""Prints the TensorFlow messages that Isomorph reads and writes as .proto files.

The tensorflow package carries descriptors, but no .proto files. Field names, numbers and types are
taken from them, for the messages that model files are made of.

Run from the repository's root: python tools/tf_protos/generate.py   (made with tensorflow-cpu 2.21.0)
"""

import importlib
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from google.protobuf.descriptor import FieldDescriptor as F  # noqa: E402

OUT = pathlib.Path("formats/src/main/proto/tensorflow")
PACKAGE = "dev.isomorph.formats.tensorflow.proto"

# Proto file -> (module with the descriptors, messages and enums).
FILES = {
    "tensor.proto": [
        ("core.framework.types_pb2", ["DataType"]),
        ("core.framework.tensor_shape_pb2", ["TensorShapeProto"]),
        ("core.framework.resource_handle_pb2", ["ResourceHandleProto"]),
        ("core.framework.tensor_pb2", ["TensorProto", "VariantTensorDataProto"]),
    ],
    "graph.proto": [
        ("core.framework.full_type_pb2", ["FullTypeId", "FullTypeDef"]),
        ("core.framework.attr_value_pb2", ["AttrValue", "NameAttrList"]),
        ("core.framework.node_def_pb2", ["NodeDef"]),
        ("core.framework.op_def_pb2", ["OpDef", "OpDeprecation", "OpList"]),
        ("core.framework.function_pb2", ["FunctionDefLibrary", "FunctionDef", "GradientDef", "RegisteredGradient"]),
        ("core.framework.versions_pb2", ["VersionDef"]),
        ("core.framework.graph_debug_info_pb2", ["GraphDebugInfo"]),
        ("core.framework.graph_pb2", ["GraphDef"]),
    ],
    "saved_model.proto": [
        ("core.framework.variable_pb2", ["VariableSynchronization", "VariableAggregation", "VariableDef", "SaveSliceInfoDef"]),
        ("core.protobuf.struct_pb2", [
            "StructuredValue", "NoneValue", "ListValue", "TupleValue", "DictValue", "PairValue",
            "NamedTupleValue", "TensorSpecProto", "BoundedTensorSpecProto", "TypeSpecProto",
        ]),
        ("core.protobuf.trackable_object_graph_pb2", ["TrackableObjectGraph", "RegisteredSaver"]),
        ("core.protobuf.saved_object_graph_pb2", [
            "SavedObjectGraph", "SavedObject", "SavedUserObject", "SavedAsset", "SavedFunction",
            "CapturedTensor", "SavedConcreteFunction", "SavedBareConcreteFunction", "SavedConstant",
            "SavedVariable", "FunctionSpec", "SavedResource", "SaveableObject",
        ]),
        ("core.protobuf.saver_pb2", ["SaverDef"]),
        ("core.protobuf.meta_graph_pb2", [
            "MetaGraphDef", "CollectionDef", "TensorInfo", "SignatureDef", "AssetFileDef",
        ]),
        ("core.protobuf.fingerprint_pb2", ["FingerprintDef"]),
        ("core.protobuf.saved_model_pb2", ["SavedModel"]),
    ],
    "bundle.proto": [
        ("core.framework.tensor_slice_pb2", ["TensorSliceProto"]),
        ("core.protobuf.tensor_bundle_pb2", ["BundleHeaderProto", "BundleEntryProto"]),
        ("python.training.checkpoint_state_pb2", ["CheckpointState"]),
    ],
}

WELL_KNOWN = {
    "google.protobuf.Any": "google/protobuf/any.proto",
    "google.protobuf.BoolValue": "google/protobuf/wrappers.proto",
}

SCALARS = {
    F.TYPE_DOUBLE: "double", F.TYPE_FLOAT: "float", F.TYPE_INT64: "int64", F.TYPE_UINT64: "uint64",
    F.TYPE_INT32: "int32", F.TYPE_FIXED64: "fixed64", F.TYPE_FIXED32: "fixed32", F.TYPE_BOOL: "bool",
    F.TYPE_STRING: "string", F.TYPE_BYTES: "bytes", F.TYPE_UINT32: "uint32", F.TYPE_SINT32: "sint32",
    F.TYPE_SINT64: "sint64",
}


def wrap(package_module):
    return importlib.import_module("tensorflow." + package_module)


def type_name(field):
    if field.message_type is not None:
        return "." + field.message_type.full_name
    if field.enum_type is not None:
        return "." + field.enum_type.full_name
    return SCALARS[field.type]


def field_line(field):
    entry = field.message_type if field.message_type is not None else None
    if entry is not None and entry.GetOptions().map_entry:
        key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
        return "map<%s, %s> %s = %d;" % (type_name(key), type_name(value), field.name, field.number)
    options = ""
    repeated = "repeated " if field.is_repeated else ""
    if field.is_repeated and not field.is_packed and field.type not in (F.TYPE_MESSAGE, F.TYPE_STRING, F.TYPE_BYTES):
        options = " [packed = false]"
    return "%s%s %s = %d%s;" % (repeated, type_name(field), field.name, field.number, options)


def enum_lines(enum, indent):
    lines = [indent + "enum %s {" % enum.name]
    if len({v.number for v in enum.values}) < len(enum.values):
        lines.append(indent + "  option allow_alias = true;")
    lines += [indent + "  %s = %d;" % (v.name, v.number) for v in enum.values]
    return lines + [indent + "}"]


def message_lines(message, indent=""):
    lines = [indent + "message %s {" % message.name]
    inner = indent + "  "
    for nested in message.nested_types:
        if not nested.GetOptions().map_entry:
            lines += message_lines(nested, inner) + [""]
    for enum in message.enum_types:
        lines += enum_lines(enum, inner) + [""]
    done = set()
    for field in message.fields:
        oneof = field.containing_oneof
        if oneof is None:
            lines.append(inner + field_line(field))
        elif oneof.name not in done:
            done.add(oneof.name)
            lines.append(inner + "oneof %s {" % oneof.name)
            lines += [inner + "  " + field_line(f) for f in oneof.fields]
            lines.append(inner + "}")
    while lines[-1] == "":
        lines.pop()
    return lines + [indent + "}"]


def uses(message, found):
    for field in message.fields:
        for target in (field.message_type, field.enum_type):
            if target is None:
                continue
            if field.message_type is not None and target.GetOptions().map_entry:
                uses(target, found)
                continue
            top = target
            while top.containing_type is not None:
                top = top.containing_type
            found.add(top.full_name)
    for nested in message.nested_types:
        uses(nested, found)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    home = {}
    for name, parts in FILES.items():
        for module, names in parts:
            for message in names:
                home["tensorflow." + message] = name
    for name, parts in FILES.items():
        needs, body = set(), []
        for module, names in parts:
            descriptor = wrap(module).DESCRIPTOR
            for item in names:
                if item in descriptor.enum_types_by_name:
                    body += enum_lines(descriptor.enum_types_by_name[item], "") + [""]
                else:
                    message = descriptor.message_types_by_name[item]
                    uses(message, needs)
                    body += message_lines(message) + [""]
        imports = set()
        for need in needs:
            if need in WELL_KNOWN:
                imports.add(WELL_KNOWN[need])
            elif home.get(need) is None:
                raise SystemExit("%s needs %s" % (name, need))
            elif home[need] != name:
                imports.add("tensorflow/" + home[need])
        text = [
            "// Generated by tools/tf_protos/generate.py from the descriptors of tensorflow 2.21.0.",
            'syntax = "proto3";',
            "",
            "package tensorflow;",
            "",
            *['import "%s";' % i for i in sorted(imports)],
            *([""] if imports else []),
            'option java_package = "%s";' % PACKAGE,
            "option java_multiple_files = true;",
            'option java_outer_classname = "%sSchema";' % "".join(p.title() for p in name.split(".")[0].split("_")),
            "",
            *body,
        ]
        (OUT / name).write_text("\n".join(text).rstrip() + "\n")


main()
