"""Trains SimpleNN and ConvNet with PyTorch and writes their state dicts, ONNX files and outputs."""

import re

import onnx
import onnxruntime
import torch
from safetensors.torch import save_file

from data import HERE, NCHW, SEED, report, save_expected, split_digits
from model import ConvNet, SimpleNN

FOLDER = re.compile(r'(?<=File ")/[^"]*?(?=torch/|model\.py)')


def train(model, inputs, labels, epochs, weight_decay):
    torch.manual_seed(SEED)
    for module in model.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    data = torch.utils.data.TensorDataset(torch.from_numpy(inputs), torch.from_numpy(labels))
    batches = torch.utils.data.DataLoader(data, batch_size=32, shuffle=True, drop_last=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=weight_decay)
    loss = torch.nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for x, y in batches:
            optimizer.zero_grad()
            loss(model(x), y).backward()
            optimizer.step()
    return model.eval()


def portable(model_proto):
    """Makes the stack traces in the nodes' metadata name files and not the folders of this machine."""
    for node in model_proto.graph.node:
        for entry in node.metadata_props:
            entry.value = FOLDER.sub("", entry.value)
    return model_proto


def save(name, model, inputs):
    state = model.state_dict()
    torch.save(state, HERE / f"{name}.pt")
    torch.save(state, HERE / f"{name}.pth", _use_new_zipfile_serialization=False)
    save_file(state, HERE / f"{name}.safetensors")
    example = torch.from_numpy(inputs[:2])
    program = torch.onnx.export(
        model,
        (example,),
        dynamo=True,
        optimize=False,  # keeps BatchNormalization; the TorchScript exporter below folds it
        dynamic_shapes=({0: torch.export.Dim("N")},),
        input_names=["x"],
        output_names=["logits"],
        verbose=False,
    )
    onnx.save(portable(program.model_proto), HERE / f"{name}.onnx")
    torch.onnx.export(
        model,
        (example,),
        HERE / f"{name}_torchscript.onnx",
        dynamo=False,
        opset_version=17,
        dynamic_axes={"x": {0: "N"}, "logits": {0: "N"}},
        input_names=["x"],
        output_names=["logits"],
    )
    with torch.no_grad():
        logits = model(torch.from_numpy(inputs)).numpy()
    save_expected(f"torch_{name}", logits)
    session = onnxruntime.InferenceSession(HERE / f"{name}.onnx", providers=["CPUExecutionProvider"])
    save_expected(f"onnxruntime_{name}", session.run(None, {"x": inputs})[0])
    return logits


def main():
    train_x, test_x, train_y, test_y = split_digits()
    simple = train(SimpleNN(), train_x, train_y, epochs=60, weight_decay=1e-3)
    report("torch SimpleNN", save("simple_nn", simple, test_x), test_y)
    conv = train(ConvNet(), train_x.reshape(NCHW), train_y, epochs=30, weight_decay=1e-2)
    report("torch ConvNet", save("conv_net", conv, test_x.reshape(NCHW)), test_y)


if __name__ == "__main__":
    main()
