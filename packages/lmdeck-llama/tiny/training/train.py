"""Trains the model on generated data, in three phases.

    python3 train.py --steps 5200 --stop 1600 --seed 1 --out phase1.pt
    python3 train.py --phase 2 --init phase1.pt --steps 3300 --seed 2 --out phase2.pt
    python3 train.py --phase 3 --init phase2.pt --steps 700 --seed 3 --peak .3 --hold .15 --copy .04 --out ck.pt

Phase 2 has other weights of the families and dense texts (sums and several questions in a row), phase 3 long
conversations. Step-based and seeded. Two worker processes share the parameters; each computes the gradient of its own
batch and updates its own part of the model.
"""


import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before torch is imported: each worker is one thread

import argparse
import json
import random
import time

import torch
import torch.multiprocessing as mp
import torch.nn.functional as Fn

import conversations
import model
import tokenizer

ap = argparse.ArgumentParser()
for k, v in dict(
    steps=4000,
    workers=2,
    tokens=2304,
    dim=160,
    layers=4,
    heads=5,
    ffn=448,
    seed=1,
    warmup=80,
    save_every=400,
    pairs=32,
    phase=1,
    stop=0,
).items():
    ap.add_argument("--" + k.replace("_", "-"), type=int, default=v)
for k, v in dict(lr=3e-3, muon=0.02, decay=0.05, hold=0.4, final=0.02, copy=0.08, peak=1.0).items():
    ap.add_argument("--" + k, type=float, default=v)
ap.add_argument("--out", default="ck.pt")
ap.add_argument("--tok", default=os.path.join(os.path.dirname(__file__), "..", "tokenizer.json"))
ap.add_argument("--init")
A = ap.parse_args()
K = tokenizer.Tok(A.tok)
BOS, PAD, END = (K.id[x] for x in ("<|endoftext|>", "<|pad|>", "<|im_end|>"))
NORMAL = [i for i in range(len(K.tokens)) if i not in K.special and len(K.tokens[i]) > 1] + [
    K.id[c] for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
]


def example(R, progress):
    x = R.random()
    c = A.copy if A.phase > 1 or progress < 0.3 else A.copy / 5
    if x < c:  # a random sequence twice: the quickest way to learn to copy
        s = [R.choice(NORMAL) for _ in range(R.randint(6, 20))]
        return [BOS] + s + s, [0.0] * (len(s) + 1) + [0.5] * len(s)
    if x < c + 0.07:
        t = [BOS] + K.enc(conversations.plain_text(R)) + [BOS]
        return t, [1.0] * len(t)
    ids, w = ([BOS], [0.0]) if R.random() < 0.5 else ([], [])
    if A.phase == 3 and c + 0.12 < x < c + 0.24:
        text = conversations.chatml(conversations.long_conversation(R))
    elif conversations.PHASE and x < c + 0.07 + (0.14 if A.phase == 2 else 0.05):
        ids, w = [], []
        text = conversations.dense_text(R)
    else:
        text = conversations.chatml(conversations.train_example(R)[1])
    for t, a in text:
        e = K.enc(t)
        ids += e
        w += [1.0 if a else 0.1] * len(e)
    return ids[:1000], w[:1000]


def batches(R, state):
    while True:  # a pool sorted by length, cut into batches of about --tokens tokens
        pool = [example(R, state["step"] / A.steps) for _ in range(2500)]
        pool.sort(key=lambda e: len(e[0]))
        B = []
        i = 0
        while i < len(pool):
            j = i
            while j < len(pool) and (j - i + 1) * len(pool[j][0]) <= A.tokens:
                j += 1
            j = max(j, i + 1)
            B.append(pool[i:j])
            i = j
        R.shuffle(B)
        yield from B


def collate(b):
    T = max(len(e[0]) for e in b)
    x = torch.full((len(b), T), PAD)
    w = torch.zeros(len(b), T)
    for i, (e, v) in enumerate(b):
        x[i, : len(e)] = torch.tensor(e)
        w[i, : len(v)] = torch.tensor(v)
    return x, w


def orthogonal(u, parts):
    """Muon's Newton-Schulz iteration; fused matrices are treated as their parts"""
    X = torch.stack(u.chunk(parts, 0))
    t = X.shape[1] > X.shape[2]
    if t:
        X = X.transpose(1, 2)
    X = X / (X.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    for _ in range(5):
        Y = X @ X.transpose(1, 2)
        X = 3.4445 * X + (-4.7750 * Y + 2.0315 * (Y @ Y)) @ X
    if t:
        X = X.transpose(1, 2)
    return X.reshape(u.shape) * max(1, X.shape[1] / X.shape[2]) ** 0.5


def embed(M, texts):
    e = [[BOS] + K.enc(t) for t in texts]
    T = max(map(len, e))
    x = torch.full((len(e), T), PAD)
    m = torch.zeros(len(e), T, 1)
    for i, t in enumerate(e):
        x[i, : len(t)] = torch.tensor(t)
        m[i, : len(t)] = 1
    return Fn.normalize((M.hidden(x) * m).sum(1) / m.sum(1), dim=-1)


def work(rank, M, C, G, stat, barrier):
    torch.set_num_threads(1)
    torch.manual_seed(A.seed * 1000 + rank)
    R = random.Random(A.seed * 1000 + rank)
    state = {"step": 0}
    data = batches(R, state)
    conversations.PHASE = A.phase - 1
    P = list(M.named_parameters())
    off = 0
    mine = []
    cost = [0] * A.workers
    for n, p in P:
        p.grad = torch.zeros_like(p)
    muon = lambda n, p: p.dim() == 2 and not n.startswith("emb")
    spot = {}
    for n, p in P:
        spot[n] = (off, off + p.numel())
        off += p.numel()
    for n, p in sorted(P, key=lambda x: -x[1].numel() * (12 if muon(*x) else 1)):
        k = cost.index(min(cost))
        cost[k] += p.numel() * (12 if muon(n, p) else 1)
        if k == rank:
            mine.append((n, p, torch.zeros_like(p), torch.zeros_like(p)))
    t0 = time.time()
    seen = 0
    tl = [0.0, 0.0]
    for step in range(A.stop or A.steps):
        state["step"] = step
        fr = step / A.steps
        f = (
            A.peak
            * min(1, (step + 1) / A.warmup)
            * (1 if fr < A.hold else 1 - (1 - A.final) * (fr - A.hold) / (1 - A.hold))
        )
        x, w = collate(next(data))
        h = M.hidden(x[:, :-1])
        w = w[:, 1:]
        keep = (w >= 0.5) | ((w > 0) & (torch.rand(w.shape) < 0.3))
        wk = w[keep]
        ce = Fn.cross_entropy(h[keep] @ M.emb.weight.t(), x[:, 1:][keep], reduction="none")
        loss = (ce * wk).sum() / wk.sum().clamp(min=1)
        tl[0] += float(ce.detach()[wk >= 1].sum())
        tl[1] += int((wk >= 1).sum())
        seen += int((x != PAD).sum())
        if A.pairs and step % 8 == 7:
            Q = [conversations.similar_pair(R) for _ in range(A.pairs)]
            e = embed(M, [a for a, _ in Q] + [b for _, b in Q])
            S = e[: A.pairs] @ e[A.pairs :].t() / 0.07
            y = torch.arange(A.pairs)
            loss = loss + 0.1 * (Fn.cross_entropy(S, y) + Fn.cross_entropy(S.t(), y)) / 2
        for _, p in P:
            p.grad = None
        loss.backward()
        for n, p in P:
            a, b = spot[n]
            G[rank, a:b] = p.grad.reshape(-1)
        barrier.wait()
        g = G.mean(0)
        g *= min(1.0, 1.0 / (float(g.norm()) + 1e-6))
        barrier.wait()
        with torch.no_grad():
            for n, p, m, v in mine:
                a, b = spot[n]
                d = g[a:b].view_as(p)
                if muon(n, p):
                    m.mul_(0.95).add_(d)
                    u = orthogonal(d + 0.95 * m, 3 if "qkv" in n else 2 if ".gu" in n else 1)
                    p.mul_(1 - A.muon * f * A.decay).add_(u, alpha=-A.muon * f)
                else:
                    m.mul_(0.9).add_(d, alpha=0.1)
                    v.mul_(0.98).addcmul_(d, d, value=0.02)
                    p.add_(
                        m / (1 - 0.9 ** (step + 1)) / ((v / (1 - 0.98 ** (step + 1))).sqrt() + 1e-8), alpha=-A.lr * f
                    )
        stat[rank, 0] = seen
        stat[rank, 1] = tl[0]
        stat[rank, 2] = tl[1]
        barrier.wait()
        if (step + 1) % 50 == 0:
            if rank == 0:
                s = stat.sum(0).tolist()
                el = time.time() - t0
                print(
                    f"step {step+1} tokens {s[0]/1e6:.2f}M {el/60:.2f} min {s[0]/el:.0f} tok/s answer-loss {s[1]/max(1,s[2]):.4f} lr {f:.3f}",
                    flush=True,
                )
            tl = [0.0, 0.0]
        if rank == 0 and ((step + 1) % A.save_every == 0 or step + 1 == (A.stop or A.steps)):
            torch.save(
                dict(
                    sd={k: v.clone() for k, v in M.state_dict().items()},
                    cfg=C.__dict__,
                    steps=step + 1,
                    total_steps=A.steps,
                    seed=A.seed,
                    tokens=int(stat[:, 0].sum()),
                    minutes=(time.time() - t0) / 60,
                    args=vars(A),
                ),
                A.out,
            )
            json.dump(
                dict(
                    steps=step + 1,
                    seed=A.seed,
                    tokens=int(stat[:, 0].sum()),
                    minutes=round((time.time() - t0) / 60, 1),
                    args={k: v for k, v in vars(A).items() if k not in ("out", "init", "tok")},
                ),
                open(A.out + ".json", "w"),
            )


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(A.seed)
    C = model.Cfg(len(K.tokens), A.dim, A.layers, A.heads, A.heads, A.ffn)
    M = model.LM(C)
    if A.init:
        M.load_state_dict(torch.load(A.init)["sd"])
    n = sum(p.numel() for p in M.parameters())
    print("torch", torch.__version__, "parameters", n, vars(A), flush=True)
    M.share_memory()
    G = torch.zeros(A.workers, n).share_memory_()
    stat = torch.zeros(A.workers, 3, dtype=torch.float64).share_memory_()
    ctx = mp.get_context("fork")
    bar = ctx.Barrier(A.workers)
    ps = [ctx.Process(target=work, args=(k, M, C, G, stat, bar)) for k in range(A.workers)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
