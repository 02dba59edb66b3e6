"""Byte-level BPE with the GPT-2 byte alphabet and the qwen2 pre-tokeniser of llama.cpp (digits are single).

Built so that a small model copies well and grammars work:
- merges join letters only; punctuation, quotes, braces, digits and newlines are always single tokens;
- a space is merged only with function words (" the"), and only as the last merge of a word; names, places and
  other content words are the same token with and without a space before them;
- fixed pieces of tool prompts are user-defined tokens.

    python3 tokenizer.py ../tokenizer.json [vocabulary size]
"""

import json
import random
import re
import sys

import conversations
import words as domain

CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>"]
SPECIAL = (
    CONTROL
    + ["<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<tools>", "</tools>"]
    + conversations.TOOL_PIECES
)
PAT = re.compile(
    r"'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\w]?[^\W\d_]+|_[^\W\d_]+|\d| ?[^\s\w]+[\r\n]*| ?_+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)  # [^\W\d_] stands for \p{L}
SPLIT = re.compile("(" + "|".join(map(re.escape, sorted(SPECIAL, key=len, reverse=True))) + ")")


def b2u():
    bs = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    cs = bs[:]
    n = 0
    for b in range(256):
        if b not in bs:
            bs.append(b)
            cs.append(256 + n)
            n += 1
    return dict(zip(bs, map(chr, cs)))


B2U = b2u()
SPACE = B2U[32]


def uni(w):
    return "".join(B2U[b] for b in w.encode())


def pre(text):
    return [uni(w) for w in PAT.findall(text)]


def train(texts, vocab, whole, reserve):
    """whole: words that must become one token; reserve: places kept for space + function word"""
    cnt, spaced = {}, {}
    for t in texts:
        for part in SPLIT.split(t):
            if part in SPECIAL:
                continue
            for w in PAT.findall(part):
                m = re.search(r"[^\W\d_]+$", w)
                if not m:
                    continue
                x = m.group()
                cnt[x] = cnt.get(x, 0) + 1
                if w[0] == " ":
                    spaced[x] = spaced.get(x, 0) + 1
    S = set(whole)
    later = set(
        domain.GOOD_WORDS
        + domain.BAD_WORDS
        + domain.THINGS
        + domain.LIKES
        + domain.OBJECTS
        + domain.PLACES
        + domain.JOBS
        + domain.NAMES
    ) - {x for p in domain.OPPOSITES for x in p}
    rare = (
        set(domain.MORE_NAMES + domain.MORE_CITIES + domain.OTHER_COUNTRIES)
        | INVENTED
        | {w.capitalize() for w in INVENTED}
    )
    words = [
        [list(uni(w)), (120 if w in later else 400) if w in S else 600]
        for w, c in {**{w: 0 for w in whole}, **cnt}.items()
        if w in S or (c >= 200 and w not in rare)
    ]
    base = [B2U[b] for b in range(256)]
    merges = []
    limit = vocab - len(SPECIAL) - len(base) - reserve
    toks = set()
    while len(toks) < limit:
        pc = {}
        for w, c in words:
            for p in zip(w, w[1:]):
                pc[p] = pc.get(p, 0) + c
        if not pc:
            break
        p = max(pc, key=lambda x: (pc[x], x))
        a, b = p
        if pc[p] < 10:
            break
        merges.append(p)
        toks.add(a + b)
        for e in words:
            w = e[0]
            if a in w:
                i = 0
                o = []
                while i < len(w):
                    if i + 1 < len(w) and w[i] == a and w[i + 1] == b:
                        o.append(a + b)
                        i += 2
                    else:
                        o.append(w[i])
                        i += 1
                e[0] = o
    have = {a + b for a, b in merges} | set(base)
    c = S | rare
    top = sorted(
        (w for w in spaced if w not in c and uni(w) in have and spaced[w] >= 30), key=lambda w: (-spaced[w], w)
    )[:reserve]
    merges += [(SPACE, uni(w)) for w in top]
    tokens = list(dict.fromkeys(base + [a + b for a, b in merges]))
    return tokens + SPECIAL, merges


class Tok:
    def __init__(s, path):
        d = json.load(open(path))
        s.tokens = d["tokens"]
        s.merges = [tuple(m) for m in d["merges"]]
        s.id = {t: i for i, t in enumerate(s.tokens)}
        s.rank = {m: i for i, m in enumerate(s.merges)}
        s.cache = {}
        s.u2b = {u: b for b, u in B2U.items()}
        s.special = {s.id[t] for t in SPECIAL}

    def word(s, w):
        if w in s.cache:
            return s.cache[w]
        p = list(w)
        while len(p) > 1:
            best = min(((s.rank.get((p[i], p[i + 1]), 1e9), i) for i in range(len(p) - 1)))
            if best[0] == 1e9:
                break
            i = best[1]
            p[i : i + 2] = [p[i] + p[i + 1]]
        r = s.cache[w] = [s.id[x] for x in p]
        return r

    def enc(s, text):
        o = []
        for part in SPLIT.split(text):
            if part in SPECIAL:
                o.append(s.id[part])
            elif part:
                for w in pre(part):
                    o += s.word(w)
        return o

    def dec(s, ids):
        out = b""
        for i in ids:
            t = s.tokens[i]
            out += t.encode() if i in s.special else bytes(s.u2b[c] for c in t)
        return out.decode(errors="replace")


INVENTED = set()  # invented words of the sample: not worth a token
if __name__ == "__main__":
    real = conversations.pseudo

    def note(r):
        w = real(r)
        INVENTED.add(w)
        return w

    conversations.pseudo = note
    r = random.Random(7)
    T = ["".join(t for t, _ in conversations.chatml(conversations.train_example(r)[1])) for _ in range(12000)] + [
        conversations.plain_text(r) for _ in range(1500)
    ]
    whole = [w for w in domain.content_words() if len(w) > 1]
    tokens, merges = train(T, int(sys.argv[2]) if len(sys.argv) > 2 else 1536, whole, 110)
    json.dump(dict(tokens=tokens, merges=merges), open(sys.argv[1], "w"), ensure_ascii=False)
    k = Tok(sys.argv[1])
    n = [len(k.enc(t)) for t in T[:12000]]
    print("vocabulary", len(tokens), "merges", len(merges), "mean tokens/example", sum(n) / len(n))
    print("content words in more than one token:", [w for w in whole if len(k.enc(w)) > 1])
    for s in [
        "What is the capital of France?",
        "Is Paris the capital of Spain?",
        "Maria is 34 years old.",
        '{"name": "get_weather", "arguments": {"city": "Paris"}}',
        "Hallo Wörld 東京 don't 😀 x_y",
        "árbol Rajesh",
    ]:
        e = k.enc(s)
        print(len(e), [k.dec([i]) for i in e])
        assert k.dec(e) == s
