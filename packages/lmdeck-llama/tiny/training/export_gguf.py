"""A checkpoint and its tokenizer as a GGUF file (version 3), with numpy and torch alone.

    python3 export_gguf.py ck.pt ../tokenizer.json ../tiny.gguf [q8_0|f16|f32]
"""

import json
import struct
import sys

import numpy as np
import torch

import tokenizer as tok

ck, tj, out, qt = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4] if len(sys.argv) > 4 else "q8_0"
d = torch.load(ck)
c = d["cfg"]
sd = {k: v.float() for k, v in d["sd"].items()}
T = json.load(open(tj))
dim, H, KV, FF, L = c["dim"], c["heads"], c["kv"], c["ffn"], c["layers"]
hd = dim // H


def perm(w, h):  # half-split rope pairs -> llama.cpp interleaved pairs (same as convert_hf_to_gguf's permute)
    return w.view(h, 2, hd // 2, w.shape[1]).transpose(1, 2).reshape(w.shape)


t = {"token_embd.weight": sd["emb.weight"], "output_norm.weight": sd["norm.w"]}
for i in range(L):
    b = f"blocks.{i}."
    q, k, v = sd[b + "qkv.weight"].split([dim, KV * hd, KV * hd])
    g, u = sd[b + "gu.weight"].chunk(2)
    p = f"blk.{i}."
    t.update(
        {
            p + "attn_norm.weight": sd[b + "n1.w"],
            p + "attn_q.weight": perm(q, H),
            p + "attn_k.weight": perm(k, KV),
            p + "attn_v.weight": v,
            p + "attn_output.weight": sd[b + "o.weight"],
            p + "ffn_norm.weight": sd[b + "n2.w"],
            p + "ffn_gate.weight": g,
            p + "ffn_up.weight": u,
            p + "ffn_down.weight": sd[b + "down.weight"],
        }
    )
TEMPLATE = (
    "{%- if tools %}{{- '<|im_start|>system\\n' }}{%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{%- endif %}"
    "{{- '# Tools\\n\\nYou may call one or more functions to assist with the user query.\\n\\nYou are provided with function signatures within <tools></tools> XML tags:\\n<tools>' }}"
    "{%- for tool in tools %}{{- '\\n' }}{{- tool | tojson }}{%- endfor %}"
    '{{- \'\\n</tools>\\n\\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\\n<tool_call>\\n{"name": <function-name>, "arguments": <args-json-object>}\\n</tool_call><|im_end|>\\n\' }}'
    "{%- elif messages[0].role == 'system' %}{{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}{%- endif %}"
    "{%- for message in messages %}{%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{%- elif message.role == 'assistant' %}{{- '<|im_start|>assistant\\n' }}{%- if message.content %}{{- message.content }}{%- endif %}"
    "{%- if message.tool_calls %}{%- for tc in message.tool_calls %}{%- if (loop.first and message.content) or not loop.first %}{{- '\\n' }}{%- endif %}{%- if tc.function %}{%- set tc = tc.function %}{%- endif %}{{- '<tool_call>\\n{\"name\": \"' }}{{- tc.name }}{{- '\", \"arguments\": ' }}{%- if tc.arguments is string %}{{- tc.arguments }}{%- else %}{{- tc.arguments | tojson }}{%- endif %}{{- '}\\n</tool_call>' }}{%- endfor %}{%- endif %}{{- '<|im_end|>\\n' }}"
    "{%- elif message.role == 'tool' %}{%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}{{- '<|im_start|>user' }}{%- endif %}{{- '\\n<tool_response>\\n' }}{{- message.content }}{{- '\\n</tool_response>' }}{%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{- '<|im_end|>\\n' }}{%- endif %}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
ids = {x: i for i, x in enumerate(T["tokens"])}
sp = tok.SPECIAL
types = [3 if x in tok.CONTROL else 4 if x in sp else 1 for x in T["tokens"]]  # 1 normal 3 control 4 user-defined
S = lambda s: (lambda b: struct.pack("<Q", len(b)) + b)(s.encode())


def kv(k, ty, v):
    o = S(k)
    if ty == "str":
        return o + struct.pack("<I", 8) + S(v)
    if ty == "u32":
        return o + struct.pack("<II", 4, v)
    if ty == "f32":
        return o + struct.pack("<If", 6, v)
    if ty == "bool":
        return o + struct.pack("<IB", 7, v)
    if ty == "astr":
        return o + struct.pack("<IIQ", 9, 8, len(v)) + b"".join(map(S, v))
    if ty == "ai32":
        return o + struct.pack("<IIQ", 9, 5, len(v)) + struct.pack(f"<{len(v)}i", *v)


M = [
    ("general.architecture", "str", "llama"),
    ("general.name", "str", "Tiny Demo"),
    ("general.type", "str", "model"),
    ("general.license", "str", "apache-2.0"),
    ("general.file_type", "u32", 7 if qt == "q8_0" else 1),
    ("general.quantization_version", "u32", 2),
    ("general.alignment", "u32", 32),
    ("llama.context_length", "u32", c["ctx"]),
    ("llama.embedding_length", "u32", dim),
    ("llama.block_count", "u32", L),
    ("llama.feed_forward_length", "u32", FF),
    ("llama.attention.head_count", "u32", H),
    ("llama.attention.head_count_kv", "u32", KV),
    ("llama.attention.layer_norm_rms_epsilon", "f32", c["eps"]),
    ("llama.rope.dimension_count", "u32", hd),
    ("llama.rope.freq_base", "f32", c["base"]),
    ("llama.vocab_size", "u32", c["vocab"]),
    ("llama.pooling_type", "u32", 1),
    ("tokenizer.ggml.model", "str", "gpt2"),
    ("tokenizer.ggml.pre", "str", "qwen2"),
    ("tokenizer.ggml.tokens", "astr", T["tokens"]),
    ("tokenizer.ggml.token_type", "ai32", types),
    ("tokenizer.ggml.merges", "astr", [" ".join(m) for m in T["merges"]]),
    ("tokenizer.ggml.bos_token_id", "u32", ids["<|endoftext|>"]),
    ("tokenizer.ggml.eos_token_id", "u32", ids["<|im_end|>"]),
    ("tokenizer.ggml.eot_token_id", "u32", ids["<|im_end|>"]),
    ("tokenizer.ggml.padding_token_id", "u32", ids["<|pad|>"]),
    ("tokenizer.ggml.add_bos_token", "bool", False),
    ("tokenizer.ggml.add_eos_token", "bool", False),
    ("tokenizer.chat_template", "str", TEMPLATE),
]


def q8(a):  # rows of blocks of 32: f16 scale + 32 int8
    x = a.reshape(-1, 32)
    s = np.abs(x).max(1) / 127
    inv = np.divide(1, s, out=np.zeros_like(s), where=s > 0)
    q = np.rint(x * inv[:, None]).astype(np.int8)
    o = np.empty(len(x), dtype=[("d", "<f2"), ("q", "i1", 32)])
    o["d"] = s
    o["q"] = q
    return o.tobytes()


info = b""
data = b""
pad = lambda b: b + b"\0" * (-len(b) % 32)
for n, w in t.items():
    a = w.contiguous().numpy().astype(np.float32)
    if a.ndim == 1:
        ty, raw = 0, a.tobytes()
    elif qt == "q8_0" and a.shape[1] % 32 == 0:
        ty, raw = 8, q8(a)
    elif qt == "f32":
        ty, raw = 0, a.tobytes()
    else:
        ty, raw = 1, a.astype(np.float16).tobytes()
    info += (
        S(n)
        + struct.pack("<I", a.ndim)
        + struct.pack(f"<{a.ndim}Q", *a.shape[::-1])
        + struct.pack("<IQ", ty, len(data))
    )
    data += pad(raw)
head = b"GGUF" + struct.pack("<IQQ", 3, len(t), len(M)) + b"".join(kv(*m) for m in M) + info
open(out, "wb").write(pad(head) + data)
print(out, len(pad(head) + data), "bytes;", len(t), "tensors")
