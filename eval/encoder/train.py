"""train.py CORPORA BASE OUT MINUTES [SEED] [--all] [--from MODEL]

Trains the encoder for some minutes and writes OUT (weights) whenever ten minutes have gone by. BASE is the folder of
all-MiniLM-L6-v2 (config.json, model.safetensors, tokenizer.json). Sources named in rows.LEFT_OUT are not trained on unless
`--all`. Once the mean loss is low, each batch is looked at first and learned from where the model is wrong: so hard harmless
windows come up again, and easy ones cost a third.
"""
import os, random, sys, time

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

import rows as texts
from model import base, padded

# Tokens in a batch, the highest learning rate, and the mean loss from which on most is easy.
BATCH, RATE, EASY_BELOW = 2000, 1.2e-4, 0.12


def rate_left_out(model, corpora, tokenizer, most=60):
    """Mean area under the curve of what was left out, against its harmless texts; for a look at how training goes."""
    by = {}
    for _, row in texts.read(corpora):
        if row["source"] in texts.LEFT_OUT and len(by.setdefault((row["source"], row["label"]), [])) < most:
            by[row["source"], row["label"]].append(tokenizer.encode(row["text"][:4000], add_special_tokens=False).ids[: texts.WINDOW])
    scores = {key: score(model, list_) for key, list_ in by.items()}
    harmless = torch.cat([s for (_, label), s in scores.items() if label != "injection"]).sort(descending=True).values
    at = harmless[len(harmless) // 100]
    return {source[:22]: (round(float((s[:, None] > harmless).float().mean()), 3), round(float((s > at).float().mean()), 2))
            for (source, label), s in scores.items() if label == "injection"}


@torch.inference_mode()
def score(model, list_):
    model.eval()
    order = sorted(range(len(list_)), key=lambda at: len(list_[at]))
    out = torch.zeros(len(list_))
    for start in range(0, len(order), 32):
        part = order[start : start + 32]
        out[part] = model(padded([list_[at] for at in part]))
    model.train()
    return out


def main(corpora, folder, out, minutes, seed="1", *flags):
    seed, minutes = int(seed), float(minutes)
    torch.manual_seed(seed)
    torch.set_num_threads(int(os.environ.get("THREADS", "2")))
    rng = random.Random(seed)
    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    rows, used = texts.build(corpora, tokenizer, seed, left_out=() if "--all" in flags else texts.LEFT_OUT)
    with open(out + ".used.txt", "w") as file:
        file.writelines(f"{number}\n" for number in used)
    model = base(folder)
    if "--from" in flags:
        model.load_state_dict(torch.load(flags[flags.index("--from") + 1]))
        # Not the same order again.
        rng = random.Random(seed + 1)
    learned = [weight for weight in model.parameters() if weight.requires_grad]
    head = set(map(id, model.head.parameters()))
    groups = [
        {"params": [w for w in learned if id(w) not in head and w.ndim > 1], "weight_decay": 0.01, "times": 1},
        {"params": [w for w in learned if id(w) not in head and w.ndim == 1], "weight_decay": 0.0, "times": 1},
        {"params": list(model.head.parameters()), "weight_decay": 0.01, "times": 5},
    ]
    optimizer = torch.optim.AdamW(groups, lr=RATE)
    began = saved = time.time()
    step = tokens = taken = looked = 0
    mean, gone = 0.0, 0.0
    model.train()
    while gone < 1:
        order = list(range(len(rows)))
        rng.shuffle(order)
        for start in range(0, len(order), 3072):
            # Long windows cost most of the time, and there are enough of them.
            chunk = [at for at in order[start : start + 3072] if len(rows[at][0]) < 160 or rng.random() < 0.6]
            chunk = sorted(chunk, key=lambda at: len(rows[at][0]) + 4 * rng.random())
            look = BATCH * 3 if step > 200 and mean < EASY_BELOW else BATCH
            batches, longest = [[]], 0
            for at in chunk:
                longest = max(longest, len(rows[at][0]) + 2)
                if longest * (len(batches[-1]) + 1) > look or len(batches[-1]) >= 32 * look // BATCH:
                    batches.append([])
                    longest = len(rows[at][0]) + 2
                batches[-1].append(at)
            rng.shuffle(batches)
            for batch in batches:
                gone = (time.time() - began) / (minutes * 60)
                if gone >= 1:
                    break
                ids = padded([rows[at][0] for at in batch])
                answers = torch.tensor([float(rows[at][1]) for at in batch])
                tokens += ids.numel()
                looked += len(batch)
                if look > BATCH:
                    model.eval()
                    with torch.inference_mode():
                        loss = F.binary_cross_entropy_with_logits(model(ids), answers, reduction="none")
                    model.train()
                    keep = torch.rand(len(batch)) < (loss / 0.15).clamp(0.06, 1.0)
                    if keep.sum() < 3:
                        continue
                    ids, answers = ids[keep], answers[keep]
                    ids = ids[:, : int((ids != 0).sum(1).max())]
                for group in optimizer.param_groups:
                    group["lr"] = RATE * min(1, (step + 1) / 50) * (1 - gone) * group["times"] + 1e-7
                loss = F.binary_cross_entropy_with_logits(model(ids), answers)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(learned, 1.0)
                optimizer.step()
                step, taken = step + 1, taken + len(answers)
                mean += (loss.item() - mean) / min(step, 100)
                if step % 50 == 0:
                    spent = time.time() - began
                    print(f"{spent:5.0f} s  step {step}  loss {mean:.3f}  {tokens / spent:.0f} tokens/s  looked at {looked} of {len(rows)}, learned from {taken}", flush=True)
                if time.time() - saved > 600:
                    torch.save(model.state_dict(), out)
                    print(rate_left_out(model, corpora, tokenizer), flush=True)
                    saved = time.time()
            if gone >= 1:
                break
    torch.save(model.state_dict(), out)
    print(step, "steps,", tokens, "tokens,", rate_left_out(model, corpora, tokenizer, 2000))


if __name__ == "__main__":
    main(*sys.argv[1:])
