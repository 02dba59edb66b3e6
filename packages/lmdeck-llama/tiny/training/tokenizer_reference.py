"""Token ids of this tokenizer, to be compared with those of llama.cpp.

    python3 tokenizer_reference.py ../tokenizer.json reference.json
    node ../check-tokenizer.ts reference.json
"""

import json
import random
import sys

import conversations
import tokenizer

K = tokenizer.Tok(sys.argv[1])
r = random.Random(5)
L = (
    ["".join(t for t, _ in conversations.chatml(conversations.train_example(r)[1])) for _ in range(400)]
    + [conversations.plain_text(r) for _ in range(50)]
    + [
        "Hallo Wörld 東京 don't 😀 x_y",
        "__init__  a\n\n b\t\tc ",
        '{"a": [1, 2.5e-3], "b": {"c": "árbol"}}\n\n',
        "I'm HERE; it's  \"quoted\"...\r\n",
        " leading",
        "trailing  ",
        "123 4567",
        "(x)-[y]",
        "naïve café día sí",
        "<tools>\nx</tools><tool_call>",
        "# Tools\n\nYou may",
    ]
)
json.dump([[s, K.enc(s)] for s in L], open(sys.argv[2], "w"))
