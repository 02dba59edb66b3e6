"""The network: Llama architecture (RMSNorm, SwiGLU, rotary positions, tied embeddings)."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as Fn


class Cfg:
    def __init__(s, vocab, dim=192, layers=5, heads=6, kv=6, ffn=512, ctx=1024, eps=1e-5, base=10000.0):
        s.__dict__.update(locals())
        del s.__dict__["s"]


class RMS(nn.Module):
    def __init__(s, d, eps):
        super().__init__()
        s.w = nn.Parameter(torch.ones(d))
        s.eps = eps

    def forward(s, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + s.eps) * s.w


def rope(cfg, T):
    hd = cfg.dim // cfg.heads
    f = cfg.base ** (-torch.arange(0, hd, 2).float() / hd)
    a = torch.outer(torch.arange(T).float(), f)
    return torch.cos(a), torch.sin(a)


def rot(x, c, s):  # half-split pairs (cheap in eager torch); export permutes q,k rows to llama.cpp's interleaved pairs
    a, b = x.chunk(2, -1)
    return torch.cat((a * c - b * s, a * s + b * c), -1)


class Block(nn.Module):
    def __init__(s, c):
        super().__init__()
        s.c = c
        hd = c.dim // c.heads
        L = lambda i, o: nn.Linear(i, o, bias=False)
        s.n1 = RMS(c.dim, c.eps)
        s.n2 = RMS(c.dim, c.eps)
        s.qkv = L(c.dim, c.dim + 2 * c.kv * hd)
        s.o = L(c.dim, c.dim)
        s.gu = L(c.dim, 2 * c.ffn)
        s.down = L(c.ffn, c.dim)

    def forward(s, x, cs, sn, mask, cache=None):
        B, T, D = x.shape
        c = s.c
        hd = D // c.heads
        q, k, v = s.qkv(s.n1(x)).split([D, c.kv * hd, c.kv * hd], -1)
        q = rot(q.view(B, T, c.heads, hd).transpose(1, 2), cs, sn)
        k = rot(k.view(B, T, c.kv, hd).transpose(1, 2), cs, sn)
        v = v.view(B, T, c.kv, hd).transpose(1, 2)
        if c.kv != c.heads:
            g = c.heads // c.kv
            k = k.repeat_interleave(g, 1)
            v = v.repeat_interleave(g, 1)
        a = (q @ k.transpose(-1, -2)) * (hd**-0.5) + mask
        x = x + s.o((a.softmax(-1) @ v).transpose(1, 2).reshape(B, T, D))
        g, u = s.gu(s.n2(x)).chunk(2, -1)
        return x + s.down(Fn.silu(g) * u)


class LM(nn.Module):
    def __init__(s, c):
        super().__init__()
        s.c = c
        s.emb = nn.Embedding(c.vocab, c.dim)
        s.blocks = nn.ModuleList(Block(c) for _ in range(c.layers))
        s.norm = RMS(c.dim, c.eps)
        for n, p in s.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(
                    p, std=0.02 * (1 / math.sqrt(2 * c.layers) if n.endswith(("o.weight", "down.weight")) else 1)
                )
        cs, sn = rope(c, c.ctx)
        s.register_buffer("cs", cs, False)
        s.register_buffer("sn", sn, False)
        s.register_buffer("mask", torch.full((c.ctx, c.ctx), float("-inf")).triu(1), False)

    def hidden(s, ids):
        T = ids.shape[1]
        x = s.emb(ids)
        for b in s.blocks:
            x = b(x, s.cs[:T], s.sn[:T], s.mask[:T, :T])
        return s.norm(x)

    def forward(s, ids):
        return s.hidden(ids) @ s.emb.weight.t()
