"""export.py WEIGHTS BASE FOLDER

Writes `encoder.bin` into FOLDER: vocabulary, tables that say nothing yet (`calibrate` fills them), and the network with
weights of one byte, as crates/picket-encoder/src/bundle.rs reads them. And `encoder.onnx`, the network alone. The graph is written by hand, for one
window without padding: so it has no more operators than it needs. Word vectors have a scale each and eight bits; matrices
have a scale for each column and seven bits, since processors without VNNI add pairs of products in sixteen.
"""
import hashlib, os, struct, sys

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from model import HEADS, WIDTH

WINDOW = 256


class Graph:
    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def node(self, operator, inputs, name, outputs=1, **attributes):
        names = [name] if outputs == 1 else [f"{name}.{at}" for at in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, name=name, **attributes))
        return names[0] if outputs == 1 else names

    def quantized(self, x, name):
        return self.node("DynamicQuantizeLinear", [x], name, 3)

    def linear(self, quantized, weight, bias, name):
        """`weight` is outputs by inputs, as torch has it."""
        x, scale, zero = quantized
        step = np.abs(weight).max(1) / 63
        whole = np.clip(np.round(weight / step[:, None]), -63, 63).astype(np.int8).T.copy()
        product = self.node("MatMulInteger", [x, self.constant(f"{name}.weight", whole), zero, self.constant(f"{name}.zero", np.int8(0))], f"{name}.product")
        both = self.node("Mul", [scale, self.constant(f"{name}.step", step.astype(np.float32))], f"{name}.scale")
        real = self.node("Cast", [product], f"{name}.real", to=TensorProto.FLOAT)
        scaled = self.node("Mul", [real, both], f"{name}.scaled")
        return self.node("Add", [scaled, self.constant(f"{name}.bias", bias)], name)

    def norm(self, x, weight, bias, name):
        inputs = [x, self.constant(f"{name}.weight", weight), self.constant(f"{name}.bias", bias)]
        return self.node("LayerNormalization", inputs, name, axis=-1, epsilon=1e-12)


def graph_of(state):
    """The graph of an encoder's weights."""
    graph = Graph()
    layers = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("layers."))
    words = state["words.weight"]
    step = np.maximum(np.abs(words).max(1, keepdims=True) / 127, 1e-8)
    whole = np.clip(np.round(words / step), -127, 127).astype(np.int8)
    row = graph.node("Gather", [graph.constant("words", whole), "ids"], "row", axis=0)
    real = graph.node("Cast", [row], "row.real", to=TensorProto.FLOAT)
    scale = graph.node("Gather", [graph.constant("words.step", step.astype(np.float32)), "ids"], "row.step", axis=0)
    word = graph.node("Mul", [real, scale], "word")
    place = graph.node("Gather", [graph.constant("places", state["places.weight"][:WINDOW].copy()), "at"], "place", axis=0)
    x = graph.norm(graph.node("Add", [word, place], "both"), state["norm.weight"], state["norm.bias"], "begin")
    split = graph.constant("split", np.array([0, 0, HEADS, WIDTH // HEADS], np.int64))
    joined = graph.constant("joined", np.array([0, 0, WIDTH], np.int64))
    root = graph.constant("root", np.float32((WIDTH // HEADS) ** -0.5))
    for at in range(layers):
        of = lambda part: (state[f"layers.{at}.{part}.weight"], state[f"layers.{at}.{part}.bias"])
        name = lambda part: f"{at}.{part}"
        quantized = graph.quantized(x, name("in"))
        heads = []
        for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
            flat = graph.linear(quantized, *of(part), name(part))
            heads.append(graph.node("Transpose", [graph.node("Reshape", [flat, split], name(f"{part}.split"))], name(f"{part}.heads"), perm=order))
        seen = graph.node("Mul", [graph.node("MatMul", heads[:2], name("look")), root], name("look.scaled"))
        seen = graph.node("MatMul", [graph.node("Softmax", [seen], name("share"), axis=-1), heads[2]], name("seen"))
        seen = graph.node("Reshape", [graph.node("Transpose", [seen], name("seen.back"), perm=[0, 2, 1, 3]), joined], name("seen.joined"))
        seen = graph.linear(graph.quantized(seen, name("seen.whole")), *of("output"), name("output"))
        x = graph.norm(graph.node("Add", [x, seen], name("more")), *of("norm1"), name("norm1"))
        up = graph.node("Gelu", [graph.linear(graph.quantized(x, name("mid")), *of("up"), name("up"))], name("gelu"))
        down = graph.linear(graph.quantized(up, name("wide")), *of("down"), name("down"))
        x = graph.norm(graph.node("Add", [x, down], name("most")), *of("norm2"), name("norm2"))
    axis = graph.constant("axis", np.array([1], np.int64))
    mean = graph.node("ReduceMean", [x, axis], "mean", keepdims=0)
    top = graph.node("ReduceMax", [x, axis], "top", keepdims=0)
    pooled = graph.node("Concat", [mean, top], "pooled", axis=1)
    score = graph.node("MatMul", [pooled, graph.constant("head", state["head.weight"].T.copy())], "head.product")
    graph.node("Add", [score, graph.constant("head.bias", state["head.bias"])], "score")
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, [1, "tokens"]) for name in ("ids", "at")]
    outputs = [helper.make_tensor_value_info("score", TensorProto.FLOAT, [1, 1])]
    whole = helper.make_graph(graph.nodes, "picket-encoder", inputs, outputs, graph.constants)
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 20)], producer_name="picket", ir_version=9)
    onnx.checker.check_model(model)
    return model


UNKNOWN = "".join(f"{stratum} {which} {levels}\n" for stratum in ("short", "document", "non-english")
                  for which, levels in (("encoder", "-4 -2 0 2 4"), ("both", "0.3 1 1.7 2.3 3")))


def bundle(vocabulary, rarity, network):
    rest = struct.pack("<II", len(vocabulary), len(rarity)) + vocabulary + rarity + network
    return b"picket encoder 1\n" + hashlib.sha256(rest).digest() + rest


def main(weights, base, folder):
    state = {name: value.float().numpy() for name, value in torch.load(weights).items()}
    os.makedirs(folder, exist_ok=True)
    network = graph_of(state).SerializeToString()
    with open(os.path.join(base, "vocab.txt"), "rb") as file:
        vocabulary = file.read()
    for name, content in (("encoder.onnx", network), ("encoder.bin", bundle(vocabulary, UNKNOWN.encode(), network))):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)


if __name__ == "__main__":
    main(*sys.argv[1:])
