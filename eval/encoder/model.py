"""The encoder: the first layers of all-MiniLM-L6-v2 (BERT, 384 wide) and one score over the mean and maximum of its tokens."""
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file

WIDTH, HEADS, INNER = 384, 12, 1536
CLS, SEP = 101, 102


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)
        self.drop = nn.Dropout(0.1)

    def forward(self, x, mask):
        rows, length, _ = x.shape
        split = lambda t: t.view(rows, length, HEADS, WIDTH // HEADS).transpose(1, 2)
        q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.norm1(x + self.drop(self.output(seen.transpose(1, 2).reshape(rows, length, WIDTH))))
        return self.norm2(x + self.drop(self.down(F.gelu(self.up(x)))))


class Encoder(nn.Module):
    def __init__(self, layers=4, vocabulary=30522):
        super().__init__()
        self.words, self.places = nn.Embedding(vocabulary, WIDTH), nn.Embedding(512, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.drop, self.head = nn.Dropout(0.1), nn.Linear(2 * WIDTH, 1)

    def forward(self, ids):
        x = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]])
        real = ids != 0
        mask = torch.zeros(real.shape).masked_fill(~real, -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        real = real.unsqueeze(-1)
        mean = (x * real).sum(1) / real.sum(1)
        return self.head(self.drop(torch.cat([mean, x.masked_fill(~real, -1e4).amax(1)], 1)))[:, 0]


def base(folder, layers=4):
    """The encoder with the base's weights; its word vectors stay as they are."""
    weights = {name.replace("bert.", ""): value for name, value in load_file(os.path.join(folder, "model.safetensors")).items()}
    model = Encoder(layers)
    state = model.state_dict()
    state["words.weight"] = weights["embeddings.word_embeddings.weight"]
    state["places.weight"] = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    names = {"query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
             "output": "attention.output.dense", "norm1": "attention.output.LayerNorm", "up": "intermediate.dense",
             "down": "output.dense", "norm2": "output.LayerNorm"}
    for part in ("weight", "bias"):
        state[f"norm.{part}"] = weights[f"embeddings.LayerNorm.{part}"]
        for at in range(layers):
            for own, theirs in names.items():
                state[f"layers.{at}.{own}.{part}"] = weights[f"encoder.layer.{at}.{theirs}.{part}"]
    nn.init.normal_(state["head.weight"], std=0.02)
    nn.init.zeros_(state["head.bias"])
    model.load_state_dict({name: value.clone() for name, value in state.items()})
    for frozen in (model.words, model.places, model.norm):
        for weight in frozen.parameters():
            weight.requires_grad_(False)
    return model


def padded(rows):
    """Windows as one tensor, with the marks at their ends."""
    longest = max(map(len, rows)) + 2
    return torch.tensor([[CLS, *ids, SEP] + [0] * (longest - 2 - len(ids)) for ids in rows])
