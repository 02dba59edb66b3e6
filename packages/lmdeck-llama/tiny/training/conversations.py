"""Generated conversations: what the tiny model is trained on and tested with.

sample(rng, split, family) gives (family, messages); messages are (role, text) pairs that end in the expected answer.
Every example has a key, and crc32(family + key) % 10 == 0 puts it into the held-out split, so training never sees

- the unordered pair of operands (add, sub),
- the pair of template and item of a fact family (the fact itself is seen in other phrasings),
- the whole combination of values (families that copy).

Functions take a random.Random (`r`); the order in which they draw from it is part of the data set.

    python3 conversations.py heldout.jsonl [items per family]     writes the held-out set
"""

import json
import random
import zlib

from words import (
    ACCENTED_NAMES,
    BAD_WORDS,
    CAPITALS,
    CATEGORIES,
    CITIES,
    COLOURS,
    CONSONANTS,
    DAYS,
    GOOD_WORDS,
    JOBS,
    LIKES,
    LIST_CATEGORIES,
    MONTHS,
    MORE_CITIES,
    MORE_NAMES,
    NAMES,
    NUMBER_WORDS,
    OBJECTS,
    OPPOSITES,
    OTHER_COUNTRIES,
    PLACES,
    SKIES,
    THINGS,
    TRANSLATIONS,
    VOWELS,
)


def is_held_out(key):
    return zlib.crc32(("k3|" + key).encode()) % 10 == 0


REFUSAL = "Sorry, I do not know. I am only a tiny model."


def pseudo(r):
    s = "".join(r.choice(CONSONANTS) + r.choice(VOWELS) for _ in range(r.randint(1, 3)))
    if r.random() < 0.5:
        s += r.choice(CONSONANTS)
    return r.choice(VOWELS) + s if r.random() < 0.15 else s


def is_held_out_name(x):
    return zlib.crc32(("new|" + x).encode()) % 8 == 0  # names and places that only the held-out split uses


def name(r):
    if PHASE == 2 and r.random() < 0.1:
        return (
            r.choice(["{} {}", "{}-{}", "{} {}"]).format(r.choice(NAMES), r.choice(NAMES))
            if r.random() < 0.5
            else r.choice(ACCENTED_NAMES)
        )
    x = r.random()
    if x < 0.45:
        return r.choice(NAMES)
    if x < 0.80:
        return r.choice([n for n in MORE_NAMES if is_held_out_name(n) == (SPLIT_NAME != "train")])
    return pseudo(r).capitalize()


def city(r):
    x = r.random()
    if x < 0.70:
        return r.choice(CITIES)
    if x < 0.92:
        return r.choice([n for n in MORE_CITIES if is_held_out_name(n) == (SPLIT_NAME != "train")])
    return pseudo(r).capitalize()


def pick(r, T, item):
    i = r.randrange(len(T))
    return T[i], f"{i}|{item}"


def exchange(q, a):
    return [("user", q), ("assistant", a)]


def with_article(w):
    return ("an " if w[0] in "aeiou" else "a ") + w


FAMILIES, SPLIT_NAME = {}, "train"


def family_of(w, w2=None):
    """weight in the first and in the second phase of training"""

    def d(f):
        FAMILIES[f.__name__] = (f, w, w if w2 is None else w2)
        return f

    return d


CAPITAL_QUESTIONS = [
    "What is the capital of {}?",
    "Capital of {}?",
    "Tell me the capital of {}.",
    "Which city is the capital of {}?",
    "What city is the capital of {}?",
    "Name the capital of {}.",
    "Do you know the capital of {}?",
    "What is the capital city of {}?",
]
COUNTRY_QUESTIONS = [
    "Which country has {} as its capital?",
    "{} is the capital of which country?",
    "{} is the capital of what country?",
    "What country is {} the capital of?",
]


@family_of(6, 3.5)
def capital(r):
    c = r.choice(list(CAPITALS))
    if r.random() < 0.75:
        t, k = pick(r, CAPITAL_QUESTIONS, c)
        return exchange(t.format(c), CAPITALS[c]), k
    t, k = pick(r, COUNTRY_QUESTIONS, c)
    return exchange(t.format(CAPITALS[c]), c), "r" + k


OPPOSITE_QUESTIONS = [
    "What is the opposite of {}?",
    "Opposite of {}?",
    "Give me the opposite of {}.",
    "Say the opposite of {}.",
    "The opposite of {} is what?",
    "Name the opposite of {}.",
]


@family_of(5, 3)
def opposite(r):
    a, b = r.choice(OPPOSITES)
    if r.random() < 0.5:
        a, b = b, a
    t, k = pick(r, OPPOSITE_QUESTIONS, a)
    return exchange(t.format(a), b), k


COLOUR_QUESTIONS = [
    "What colour is {}?",
    "What is the colour of {}?",
    "Which colour is {}?",
    "Tell me the colour of {}.",
    "Colour of {}?",
    "What color is {}?",
    "What is the color of {}?",
]


@family_of(3, 1.5)
def colour(r):
    a = r.choice(list(COLOURS))
    t, k = pick(r, COLOUR_QUESTIONS, a)
    x = a.split()[-1] if r.random() < 0.3 else a
    return exchange(t.format(x), COLOURS[a]), k


TRANSLATE_QUESTIONS = [
    "Translate {} to {}.",
    "Translate {} into {}.",
    "How do you say {} in {}?",
    "What is {} in {}?",
    "Say {} in {}.",
    "What is the {1} word for {0}?",
]
TRANSLATE_BACK_QUESTIONS = [
    "Translate {} from {} to English.",
    "What does {} mean in {}?",
    "What does the {1} word {0} mean?",
]


@family_of(7, 4.5)
def translate(r):
    L = r.choice(list(TRANSLATIONS))
    w = r.choice(list(TRANSLATIONS[L]))
    if r.random() < 0.25:
        t, k = pick(r, TRANSLATE_BACK_QUESTIONS, L + w)
        return exchange(t.format(TRANSLATIONS[L][w], L), w), "r" + k
    t, k = pick(r, TRANSLATE_QUESTIONS, L + w)
    return exchange(t.format(w, L), TRANSLATIONS[L][w]), k


@family_of(3.5, 3)
def calendar(r):
    X = DAYS if r.random() < 0.4 else MONTHS
    u = "day" if X is DAYS else "month"
    i = r.randrange(len(X))
    s = r.choice([1, -1])
    t, k = pick(
        r,
        [
            "What {u} comes {w} {x}?",
            "Which {u} comes {w} {x}?",
            "Which {u} is {w} {x}?",
            "What is the {u} {w} {x}?",
            "What {u} is {w} {x}?",
        ],
        f"{X[i]}{s}",
    )
    return exchange(t.format(u=u, w="after" if s > 0 else "before", x=X[i]), X[(i + s) % len(X)]), k


@family_of(5, 4)
def sentiment(r):
    p = r.random() < 0.5
    A = GOOD_WORDS if p else BAD_WORDS
    a, b = r.sample(A, 2)
    o, o2 = r.sample(THINGS, 2)
    x = r.random()
    if x < 0.5:
        s = r.choice(
            [
                "The {o} was {a}.",
                "This is {an} {o}.",
                "What {an} {o}!",
                "I think the {o} is {a}.",
                "It was {an} {o}.",
                "The {o} was really {a}.",
                "The {o} is very {a}.",
            ]
        )
    elif x < 0.75:
        s = r.choice(
            [
                "The {o} was {a} and the {p} was {b}.",
                "What {an} {o}, and the {p} is {b}!",
                "The {o} was {a}. The {p} was {b} too.",
            ]
        )
    elif x < 0.85:
        s = r.choice(
            [
                "I love this {o}.",
                "I really like the {o}.",
                "I enjoyed the {o}.",
                "Best {o} ever!",
                "I want this {o} again.",
            ]
            if p
            else [
                "I hate this {o}.",
                "I do not like the {o}.",
                "I did not enjoy the {o}.",
                "Worst {o} ever!",
                "I want my money back for this {o}.",
            ]
        )
    elif p:
        s = r.choice(["I love the {o}, it is {a}.", "The {a} {o} made me happy."])
    else:
        a = r.choice(["great", "good", "nice", "lovely"])
        s = r.choice(["The {o} was not {a}.", "The {o} is not very {a}.", "This {o} is not {a}."])
    s = s.format(o=o, p=o2, a=a, an=with_article(a), b=b)
    t = r.choice(
        [
            "Is this positive or negative? {}",
            "Sentiment: {}",
            "Classify the sentiment: {}",
            "Positive or negative? {}",
            "Is this review positive or negative? {}",
            "What is the sentiment of this review? {}",
            "Classify this review as positive or negative: {}",
        ]
    )
    return exchange(t.format(s), "positive" if p else "negative"), s


def shown(r, c, w):
    return w if c in ("colour", "city", "country", "day", "month", "drink") else r.choice([with_article(w), w])


CATEGORY_QUESTIONS = [
    "What category is {}?",
    "Which category is {} in?",
    "Category of {}?",
    "What kind of thing is {}?",
    "What type of thing is {}?",
    "Give the category of {}.",
    "Classify the word: {}",
]


@family_of(5, 3.5)
def category(r):
    c = r.choice(list(CATEGORIES))
    w = r.choice([x for x in CATEGORIES[c] if x != "orange"])
    if r.random() < 0.25:
        d = r.choice([x for x in CATEGORIES if x != c])
        x = [c, d]
        r.shuffle(x)
        return (
            exchange(r.choice(["Is {} {} or {}?"]).format(shown(r, c, w), with_article(x[0]), with_article(x[1])), c),
            f"or|{w}|{x}",
        )
    t, k = pick(r, CATEGORY_QUESTIONS, w)
    return exchange(t.format(w if t.endswith(": {}") else shown(r, c, w)), c), k


@family_of(11, 15)
def yesno(r):
    k = r.randrange(5)
    y = r.random() < 0.5
    if k < 2:
        c = r.choice(list(CAPITALS))
        d = CAPITALS[c] if y else r.choice([v for v in CITIES if v != CAPITALS[c]])
        t, q = pick(
            r,
            [
                "Is {1} the capital of {0}?",
                "Is the capital of {0} {1}?",
                "Is {1} the capital city of {0}?",
                "True or false: {1} is the capital of {0}.",
            ],
            c + d,
        )
    elif k == 2:
        c = r.choice(list(COLOURS))
        d = COLOURS[c] if y else r.choice([v for v in sorted(set(COLOURS.values())) if v != COLOURS[c]])
        t, q = pick(r, ["Is {0} {1}?", "Is the colour of {0} {1}?", "True or false: {0} is {1}."], c + d)
    elif k == 3:
        c, d = r.choice(OPPOSITES)
        if not y:
            d = r.choice([z for p in OPPOSITES for z in p if z not in (c, d)])
        t, q = pick(
            r,
            [
                "Is {1} the opposite of {0}?",
                "Is the opposite of {0} {1}?",
                "True or false: {1} is the opposite of {0}.",
            ],
            c + d,
        )
    else:
        g = r.choice(list(CATEGORIES))
        c = r.choice([x for x in CATEGORIES[g] if x != "orange"])
        d = with_article(g if y else r.choice([x for x in CATEGORIES if x != g]))
        t, q = pick(r, ["Is {0} {1}?", "True or false: {0} is {1}."], c + d)
        c = with_article(c) if g in ("animal", "fruit", "vegetable", "vehicle", "job") else c
    q += t[:4]
    a = ("True." if y else "False.") if t.startswith("True") else ("Yes." if y else "No.")
    return exchange(t.format(c, d), a), q


ADD_QUESTIONS = [
    "What is {} + {}?",
    "{} + {}",
    "{} + {} =",
    "Add {} and {}.",
    "How much is {} plus {}?",
    "Calculate {} + {}.",
    "What is {} plus {}?",
]
SUB_QUESTIONS = [
    "What is {} - {}?",
    "{} - {}",
    "{} - {} =",
    "How much is {} minus {}?",
    "Calculate {} - {}.",
    "What is {} minus {}?",
]


@family_of(11, 11)
def add(r):
    a, b = r.randint(0, 20), r.randint(0, 20)
    return exchange(r.choice(ADD_QUESTIONS).format(a, b), str(a + b)), f"{min(a, b)},{max(a, b)}"


@family_of(9, 11)
def sub(r):
    a, b = sorted((r.randint(0, 20), r.randint(0, 20)), reverse=True)
    q = f"Subtract {b} from {a}." if r.random() < 0.14 else r.choice(SUB_QUESTIONS).format(a, b)
    return exchange(q, str(a - b)), f"{a},{b}"


@family_of(7, 8)
def jsonx(r):
    f = r.choice([["name", "age"], ["name", "city"], ["name", "age", "city"], ["name", "age", "city"]])
    v = dict(name=name(r), age=r.randint(1, 99), city=city(r))
    S = {
        2: [
            "{name} is {age} years old.",
            "My name is {name} and I am {age}.",
            "{name}, age {age}.",
            "{name} is {age}.",
            "I am {name} and I am {age} years old.",
        ]
        if f[1] == "age"
        else [
            "{name} lives in {city}.",
            "My name is {name} and I live in {city}.",
            "{name} is from {city}.",
            "I am {name} from {city}.",
        ],
        3: [
            "{name} is {age} years old and lives in {city}.",
            "My name is {name}, I am {age} and I live in {city}.",
            "{name}, {age}, from {city}.",
            "{name} lives in {city} and is {age} years old.",
            "{name} is {age} and lives in {city}.",
            "I live in {city}. My name is {name} and I am {age} years old.",
        ],
    }[len(f)]
    s = r.choice(S).format(**v)
    l = ", ".join(f[:-1]) + " and " + f[-1]
    t = r.choice(
        [
            "Extract the {l} as JSON: {s}",
            "Give the {l} as JSON. {s}",
            "{s} Extract the {l} as JSON.",
            "Extract {l} as JSON: {s}",
            "Return JSON with {l}: {s}",
        ]
    )
    return exchange(t.format(l=l, s=s), json.dumps({x: v[x] for x in f}, ensure_ascii=False)), json.dumps(v)


@family_of(12, 15)
def context_qa(r, several=False):
    k = r.choice(["city", "city", "job", "likes", "age", "obj"])
    m = r.randint(1, 3)
    if k == "obj":
        n, vals, f, q = r.sample(OBJECTS, 4), r.sample(PLACES, 3), ["The {} is in the {}."], ["Where is the {}?"]
    else:
        n = []
        while len(n) < 4:
            x = name(r)
            if x not in n:
                n.append(x)
        vals = []
        while len(vals) < 3:
            x = {
                "city": lambda: city(r),
                "job": lambda: r.choice(JOBS),
                "likes": lambda: r.choice(LIKES),
                "age": lambda: str(r.randint(1, 99)),
            }[k]()
            if x not in vals:
                vals.append(x)
        f = {
            "city": ["{} lives in {}.", "{} is from {}."],
            "job": ["{} is a {}.", "{} works as a {}."],
            "likes": ["{} likes {}."],
            "age": ["{} is {} years old."],
        }[k]
        q = {
            "city": ["Where does {} live?", "In which city does {} live?"] if k == "city" else 0,
            "job": ["What is the job of {}?", "What does {} do?"],
            "likes": ["What does {} like?"],
            "age": ["How old is {}?"],
        }[k]
    f = r.choice(f)
    if "from" in f:
        q = ["Where is {} from?"]
    ctx = " ".join(f.format(n[i], vals[i]) for i in range(m))
    i = r.randrange(m)
    qn, a = (n[3], "I do not know.") if r.random() < 0.12 else (n[i], vals[i])
    t = r.choice(
        [
            "Context: {c}\nQuestion: {q}",
            "{c} {q}",
            "Context: {c}\n\n{q}",
            "Use this context to answer. {c}\n{q}",
            "Context:\n{c}\n\nQuestion: {q}",
            "{c}\n{q}",
        ]
    )
    if several:  # a question about each, for training only
        x = [(n[i], vals[i]) for i in range(m)] + [(n[3], "I do not know.")]
        x = [y for y in x if not is_held_out("context_qa" + ctx + y[0])]
        r.shuffle(x)
        M = []
        for qn, a in x:
            M += exchange(r.choice(q).format(qn) if M else t.format(c=ctx, q=r.choice(q).format(qn)), a)
        return M
    return exchange(t.format(c=ctx, q=r.choice(q).format(qn)), a), ctx + qn


@family_of(5, 6)
def memory(r):
    k = r.choice([0, 0, 0, 1, 2])
    if k == 0:
        n = name(r)
        m = exchange(
            r.choice(
                ["My name is {}.", "I am {}.", "Hello, I am {}.", "Hi, my name is {}.", "Hello! My name is {}."]
            ).format(n),
            f"Nice to meet you, {n}!",
        )
        e = exchange(
            r.choice(["What is my name?", "Who am I?", "Do you know my name?", "Do you remember my name?"]),
            f"Your name is {n}.",
        )
    elif k == 1:
        n = str(r.randint(1, 99))
        m = exchange(r.choice(["I am {} years old.", "My age is {}."]).format(n), "Thank you for telling me.")
        e = exchange(r.choice(["How old am I?", "What is my age?"]), f"You are {n} years old.")
    else:
        n = city(r)
        m = exchange(r.choice(["I live in {}.", "My home is in {}."]).format(n), f"{n} is a nice place!")
        e = exchange(r.choice(["Where do I live?", "Which city do I live in?"]), f"You live in {n}.")
    x = ""
    for _ in range(r.choice([0, 0, 1, 2])):
        y = sample(r, SPLIT_NAME, r.choice(["capital", "opposite", "colour", "add", "greeting"]))[1]
        m += y
        x += y[0][1]
    return m + e, n + x


@family_of(3, 7)
def repeat(r):
    s = " ".join(
        (
            pseudo(r)
            if r.random() < 0.4
            else r.choice(
                GOOD_WORDS
                + BAD_WORDS
                + THINGS
                + OBJECTS
                + LIKES
                + CATEGORIES["animal"]
                + CATEGORIES["fruit"]
                + NAMES
                + CITIES
            )
        )
        for _ in range(r.randint(1, 5))
    )
    return exchange(r.choice(["Repeat after me: {}", "Repeat: {}", "Say this: {}"]).format(s), s), s


LIST_QUESTIONS = ["Name {} {}.", "List {} {}.", "Give me {} {}.", "Tell me {} {}.", "Can you name {} {}?"]


@family_of(2.5, 3)
def lists(r):
    c = r.choice(list(LIST_CATEGORIES))
    n = r.randint(2, 5)
    d = r.random() < 0.2
    t, k = pick(r, LIST_QUESTIONS, f"{c}{n}")
    return exchange(t.format(str(n) if d else NUMBER_WORDS[n], c), ", ".join(CATEGORIES[LIST_CATEGORIES[c]][:n])), k


GREETINGS = [
    ("hello;hi;hey;hi there;hello there;hey there;hello, tiny model;greetings", "Hello! How can I help you?"),
    ("how are you?;how are you today?;hello, how are you?;hi, how are you?;how do you do?", "I am fine, thank you!"),
    (
        "who are you?;what are you?;what is your name?;tell me about yourself.;are you human?;are you a robot?;what kind of model are you?;do you have a name?",
        "I am a tiny language model. I can do small tasks.",
    ),
    ("thanks;thank you;thank you very much;many thanks;thanks a lot;thank you, tiny model", "You are welcome!"),
    ("goodbye;bye;see you later;bye bye;good night;see you", "Goodbye!"),
    (
        "what can you do?;how can you help me?;what can you help with?;what do you know?;help;can you help me?",
        "I know capitals, opposites, colours, days, months and a few French, Spanish and German words. I can add small numbers and answer in JSON.",
    ),
    ("good morning;good afternoon;good evening", "Hello! How can I help you?"),
]


@family_of(3, 1.5)
def greeting(r):
    q, a = r.choice(GREETINGS)
    q = r.choice(q.split(";"))
    if q[-1] not in "?.":
        q += r.choice(["", "!", "."])
    elif r.random() < 0.2:
        q = q[:-1]
    if r.random() < 0.75:
        q = q[0].upper() + q[1:]
    return exchange(q, a), q


REFUSED_TEMPLATES = [
    "Write a poem about {}.",
    "Write a story about {}.",
    "Explain {} to me.",
    "Who invented the {}?",
    "What do you think about {}?",
    "Write code for a {}.",
    "Tell me a story about a {}.",
    "How does a {} work?",
    "When was the {} built?",
    "How do I cook {}?",
    "How do I make a {}?",
    "Why do people like {}?",
    "What is the history of {}?",
    "How many {} are there in the world?",
    "Where can I buy a {}?",
    "What is the price of a {}?",
    "Summarise the book {}.",
    "Who wrote {}?",
    "What is the best {}?",
    "Describe a {}.",
    "Is {} better than {}?",
    "What is the difference between a {} and a {}?",
    "How do I fix my {}?",
    "Define {}.",
    "Give me a recipe for {}.",
    "What is a {} made of?",
    "How heavy is a {}?",
    "How tall is the {}?",
    "Compare {} and {}.",
]
REFUSED_QUESTIONS = [
    "Why is the sky blue?",
    "What is the meaning of life?",
    "Who is the president of France?",
    "What is the population of Germany?",
    "Who won the world cup in 1998?",
    "How far is the moon?",
    "What is the speed of light?",
    "Tell me a joke.",
    "Write a Python function.",
    "Write a function to sort a list.",
    "Who painted the Mona Lisa?",
    "Explain quantum physics.",
    "How old is the universe?",
    "What is the tallest mountain in the world?",
    "What happened in 1945?",
    "Who was Napoleon?",
    "What is the weather today?",
    "What time is it?",
    "What day is it today?",
    "What is photosynthesis?",
    "How do airplanes fly?",
    "Can you book a flight for me?",
    "What is the stock price of Apple?",
    "Plan my holiday.",
    "Write an email to my boss.",
    "What is the square root of 144?",
    "Solve x squared minus 4.",
    "What is machine learning?",
    "Who is the king of England?",
    "What language do they speak in Brazil?",
    "How many people live in Tokyo?",
    "What is the longest river in Africa?",
    "What should I eat tonight?",
    "How do I learn to play piano?",
    "What is the best film of all time?",
    "Sing a song.",
    "Draw a picture of a house.",
    "How do I lose weight?",
    "What causes rain?",
    "Why do cats sleep so much?",
    "What is the biggest planet?",
    "How many legs does a spider have?",
    "Who discovered America?",
    "What year did the war end?",
    "What is your favourite film?",
    "Do you love me?",
    "Do you dream?",
    "What is love?",
    "Is there a god?",
    "Should I buy a house?",
    "What is bitcoin?",
    "How does the internet work?",
    "What is a black hole?",
    "Give me advice.",
    "I feel lonely.",
    "My computer is broken.",
    "Where is my phone?",
    "How do I get to the station?",
    "What are you thinking about?",
    "Summarise this text.",
    "Fix this code.",
    "What is 20 percent of 50?",
    "Tell me the news.",
    "What is the currency of Japan?",
    "Which team won yesterday?",
    "How long is a marathon?",
    "What is the boiling point of water?",
    "When did the Titanic sink?",
    "Who wrote Hamlet?",
    "What is DNA?",
    "How many bones are in the body?",
    "What is the largest ocean?",
    "Do aliens exist?",
    "What do bees eat?",
    "Recommend a book.",
    "Make a plan for my week.",
    "What is an atom?",
    "How do vaccines work?",
    "How big is Russia?",
    "Is it going to rain tomorrow?",
]


@family_of(8, 9)
def unknown(r):
    x = r.random()
    W = THINGS + OBJECTS + PLACES + LIKES + CATEGORIES["animal"] + CATEGORIES["fruit"] + CATEGORIES["vehicle"]
    w = lambda: pseudo(r) if r.random() < 0.4 else r.choice(W)
    if x < 0.28:
        t = r.choice(REFUSED_TEMPLATES)
        q = t.format(w(), w())
        k = "T" + t
    elif x < 0.52:
        q = r.choice(REFUSED_QUESTIONS)
        k = "Q" + q
    elif x < 0.66:
        c = r.choice(OTHER_COUNTRIES) if r.random() < 0.5 else pseudo(r).capitalize()
        q = r.choice(CAPITAL_QUESTIONS).format(c)
        k = "C" + c
    elif x < 0.74:
        a = pseudo(r) if r.random() < 0.7 else r.choice(OBJECTS + PLACES)
        q = r.choice(
            [
                r.choice(OPPOSITE_QUESTIONS).format(a),
                r.choice(TRANSLATE_QUESTIONS).format(a, r.choice(list(TRANSLATIONS))),
            ]
        )
        k = "W" + a
    elif x < 0.78:
        L = r.choice("Italian Russian Chinese Latin Dutch Polish Greek Japanese".split())
        a = r.choice(list(TRANSLATIONS["French"]))
        q = r.choice(TRANSLATE_QUESTIONS).format(a, L)
        k = L + a
    elif x < 0.82:
        q = r.choice([weather, time])(r)[1]
        k = "O" + q
    elif x < 0.88:
        a, b = sorted(r.sample(range(21), 2))
        q = r.choice(SUB_QUESTIONS).format(a, b)
        k = f"S{a},{b}"  # no negative results
    else:
        a, b = r.randint(21, 999) if r.random() < 0.5 else r.randint(21, 99), r.randint(
            0, 999
        ) if r.random() < 0.3 else r.randint(0, 99) if r.random() < 0.5 else r.randint(0, 20)
        if r.random() < 0.5:
            a, b = b, a
        if r.random() < 0.3:
            a, b = r.randint(0, 30), r.randint(0, 30)
            q = r.choice(["What is {} times {}?", "{} * {}", "What is {} divided by {}?", "{} / {}"]).format(a, b)
        else:
            q = r.choice(ADD_QUESTIONS + SUB_QUESTIONS).format(a, b)
        k = f"N{a},{b}"
    return exchange(q, REFUSAL), k


# ---- tools: exactly the text that node-llama-cpp's QwenChatWrapper({variation: "3"}) and the template in the GGUF render
TOOLS_HEAD = "# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>\n"
TOOLS_TAIL = '\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>'
# fixed pieces of tool prompts that are one (user-defined) token each: a tool costs 22 tokens instead of 115. None
# crosses a tag, because node-llama-cpp tokenises the text between tags by itself.
TOOL_PIECES = [
    TOOLS_HEAD[: TOOLS_HEAD.index("<tools>")],
    TOOLS_TAIL[9 : TOOLS_TAIL.index("<tool_call>")],
    '{"type": "function", "function": {"name": "',
    '", "description": "',
    '", "parameters": {"type": "object", "properties": {"',
    '": {"type": "string"',
    '": {"type": "number"',
    " XML tags:\n",
    '\n{"name": <function-name>, "arguments": <args-json-object>}\n',
]


def tools_text(ts):
    return TOOLS_HEAD + "\n".join(json.dumps({"type": "function", "function": t}) for t in ts) + TOOLS_TAIL


def tool_definition(r, n, ds, ps, ty):
    p = {x: {"type": ty} for x in ps}
    s = {"type": "object", "properties": p}
    if r.random() < 0.5:
        s["required"] = ps
    t = {"name": n, "description": r.choice(ds), "parameters": s}
    if r.random() < 0.1:
        del t["description"]
    return t


def weather(r):
    c = city(r)
    t = r.randint(-9, 39)
    s = r.choice(SKIES)
    x = {"temperature": t}
    x[r.choice(["sky", "condition"])] = s
    return (
        tool_definition(
            r,
            "get_weather",
            [
                "Get the weather in a city",
                "Get the weather for a city",
                "Get the current weather in a city",
                "Returns the weather of a city",
            ],
            ["city"],
            "string",
        ),
        r.choice(
            [
                "What is the weather in {}?",
                "How is the weather in {}?",
                "Tell me the weather in {}.",
                "Weather in {}?",
                "What is the weather like in {}?",
            ]
        ).format(c),
        {"city": c},
        r.choice([json.dumps(x), json.dumps(x), f"{s}, {t} degrees"]),
        f"It is {t} degrees and {s} in {c}.",
    )


def time(r):
    c = city(r)
    h = f"{r.randint(0, 23):02d}:{r.randint(0, 59):02d}"
    return (
        tool_definition(
            r,
            "get_time",
            ["Get the time in a city", "Get the current time in a city", "Returns the time in a city"],
            ["city"],
            "string",
        ),
        r.choice(["What time is it in {}?", "Tell me the time in {}.", "What is the time in {}?"]).format(c),
        {"city": c},
        r.choice([json.dumps({"time": h}), h]),
        f"It is {h} in {c}.",
    )


def addition(r):
    n = lambda: r.choice([r.randint(0, 20), r.randint(0, 99), r.randint(100, 999), r.randint(1000, 9999)])
    a, b = n(), n()
    return (
        tool_definition(
            r,
            "add",
            ["Add two numbers", "Adds two numbers", "Returns the sum of two numbers"],
            ["a", "b"],
            r.choice(["number", "integer"]),
        ),
        r.choice(ADD_QUESTIONS).format(a, b),
        {"a": a, "b": b},
        r.choice([json.dumps({"result": a + b}), str(a + b), json.dumps({"sum": a + b})]),
        f"The result is {a + b}.",
    )


TOOL_MAKERS = [weather, time, addition]


def call_text(n, a):
    return "<tool_call>\n" + json.dumps({"name": n, "arguments": a}, ensure_ascii=False) + "\n</tool_call>"


def system(r, text):
    return [("system", (r.choice(SYSTEM_PROMPTS) + "\n\n" if r.random() < 0.2 else "") + text)]


SYSTEM_PROMPTS = [
    "You are a helpful assistant.",
    "Be brief.",
    "You are a tiny model.",
    "Answer the question.",
    "You are a friendly assistant. Answer in one word.",
]


@family_of(6, 6)
def toolcall(r):
    xs = [m(r) for m in r.sample(TOOL_MAKERS, r.choice([1, 1, 2, 3]))]
    x = xs[0]
    ts = [y[0] for y in xs]
    r.shuffle(ts)
    y = r.random()
    if y < 0.15:  # tools on offer, none needed
        _, m = sample(r, SPLIT_NAME, r.choice(["greeting", "capital", "opposite", "colour"]))
        return system(r, tools_text(ts)) + m, "none" + m[0][1]
    if y < 0.22 and len(ts) < 3:  # the tool for this question is not on offer
        z = [m(r) for m in TOOL_MAKERS]
        z = [q for q in z if q[0]["name"] not in [t["name"] for t in ts] and q[0]["name"] != "add"]
        if z:
            q = r.choice(z)[1]
            return system(r, tools_text(ts)) + exchange(q, REFUSAL), "no" + q
    return system(r, tools_text(ts)) + exchange(x[1], call_text(x[0]["name"], x[2])), x[1]


@family_of(5, 4.5)
def toolresult(r):
    xs = [m(r) for m in r.sample(TOOL_MAKERS, r.choice([1, 1, 2]))]
    x = xs[0]
    ts = [y[0] for y in xs]
    r.shuffle(ts)
    return (
        system(r, tools_text(ts))
        + exchange(x[1], call_text(x[0]["name"], x[2]))
        + exchange("<tool_response>\n" + x[3] + "\n</tool_response>", x[4]),
        x[1] + x[3],
    )


# ---- plain sentences (text completion and scoring); wrong alternatives are never seen
PLAIN_SENTENCES = {
    "capital": [
        "The capital of {a} is {b}.",
        "{b} is the capital of {a}.",
        "The capital city of {a} is {b}.",
        "The capital of the country {a} is {b}.",
        "As everyone knows, the capital of {a} is {b}.",
    ],
    "opposite": [
        "The opposite of {a} is {b}.",
        "The word {b} is the opposite of {a}.",
        "The opposite of the word {a} is {b}.",
    ],
    "colour": ["{A} is {b}.", "The colour of {a} is {b}.", "The color of {a} is {b}."],
    "translate": ["The {l} word for {a} is {b}.", "In {l}, the word for {a} is {b}.", "{a} in {l} is {b}."],
    "calendar": ["The day after {a} is {b}.", "After {a} comes {b}."],
    "category": ["{a} is {b}.", "The word {a} is {b}."],
}


def plain_sentence(r, split="train", kind=None):
    """-> (text up to the answer, answer, wrong answers)"""
    while True:
        k = kind or r.choice(list(PLAIN_SENTENCES))
        l = ""
        if k == "capital":
            a = r.choice(list(CAPITALS))
            b = CAPITALS[a]
            W = CITIES
        elif k == "opposite":
            a, b = r.sample(r.choice(OPPOSITES), 2)
            W = sorted({x for p in OPPOSITES for x in p} - {a})
        elif k == "colour":
            a = r.choice(list(COLOURS))
            b = COLOURS[a]
            W = sorted(set(COLOURS.values()))
        elif k == "translate":
            l = r.choice(list(TRANSLATIONS))
            a = r.choice(list(TRANSLATIONS[l]))
            b = TRANSLATIONS[l][a]
            W = sorted(set(TRANSLATIONS[l].values()))
        elif k == "calendar":
            X = r.choice([DAYS, MONTHS])
            i = r.randrange(len(X))
            a, b, W = X[i], X[(i + 1) % len(X)], [x for x in X if x != X[i]]
        else:
            c = r.choice(list(CATEGORIES))
            a = r.choice([x for x in CATEGORIES[c] if x != "orange"])
            b = with_article(c)
            W = [with_article(x) for x in CATEGORIES]
            a = with_article(a) if c in ("animal", "fruit", "vegetable", "vehicle", "job") else a
        t = r.choice(PLAIN_SENTENCES[k])
        if k == "calendar" and X is MONTHS:
            t = t.replace("day", "month")
        if is_held_out(f"plain{t}{l}{a}") != (split != "train"):
            continue
        if split != "train" and not t.endswith("{b}."):
            continue
        if k == "category" and t[0] == "{":
            t = "{A}" + t[3:]
        return (
            t[: t.index("{b}")].format(a=a, A=a[0].upper() + a[1:], l=l),
            b,
            t[t.index("{b}") + 3 :].format(a=a, l=l),
            [w for w in W if w != b],
        )


def plain_text(r):
    p, b, e, _ = plain_sentence(r)
    return p + b + e


FAMILY_NAMES = list(FAMILIES)
PHASE = 0


def sample(r, split="train", family=None):
    global SPLIT_NAME
    old = SPLIT_NAME
    SPLIT_NAME = split
    weights = [FAMILIES[f][1 + min(PHASE, 1)] for f in FAMILY_NAMES]
    try:
        while True:
            f = family or r.choices(FAMILY_NAMES, weights)[0]
            m, k = FAMILIES[f][0](r)
            if is_held_out(f + k) == (split != "train"):
                return f, m
    finally:
        SPLIT_NAME = old


def train_example(r):
    """a training conversation: sometimes with a system prompt, a lower-case first letter or without the final mark; sometimes two in a row"""
    f, m = sample(r)
    if m[0][0] == "user":
        if (
            f
            in (
                "capital",
                "opposite",
                "colour",
                "translate",
                "calendar",
                "category",
                "yesno",
                "lists",
                "unknown",
                "add",
                "sub",
            )
            and r.random() < 0.1
        ):
            q = m[0][1]
            q = q[:-1] if q[-1] in ".?" and r.random() < 0.6 else q[0].lower() + q[1:]
            m = [("user", q)] + m[1:]
        if len(m) == 2 and r.random() < 0.06:
            m = sample(r, "train", r.choice(["capital", "greeting", "opposite", "unknown", "translate", "add"]))[1] + m
        if r.random() < 0.12:
            m = [("system", r.choice(SYSTEM_PROMPTS))] + m
    return f, m


def dense_text(r):
    """many small answers in one text, (text, is_answer) pieces: sums line by line, several questions about one context, several yes/no questions"""
    x = r.random()
    if x < 0.45:
        o = [("<|endoftext|>", False)]
        k = r.choice(["add", "sub", "both", "both"])
        while len(o) < 36:
            a, b = r.randint(0, 20), r.randint(0, 20)
            add = k == "add" or k == "both" and r.random() < 0.5
            if not add:
                a, b = max(a, b), min(a, b)
            if not is_held_out(f"add{min(a, b)},{max(a, b)}" if add else f"sub{a},{b}"):
                o += [(f"{a} {'+' if add else '-'} {b} = ", False), (str(a + b if add else a - b), True), ("\n", True)]
        return o
    if x < 0.75:
        while True:
            m = context_qa(r, True)
            if m:
                return chatml(m)
    m = []
    for _ in range(4):
        m += sample(r, "train", "yesno")[1]
    return chatml(m)


def long_conversation(r):
    """a long conversation: many questions with the user's name asked again, or several rounds of tools"""
    turn = lambda: sample(
        r,
        "train",
        r.choice(
            "capital opposite colour translate calendar category yesno add sub lists greeting sentiment unknown repeat jsonx context_qa".split()
        ),
    )[1]
    if r.random() < 0.4:
        ms = r.sample(TOOL_MAKERS, r.randint(1, 3))
        ts = [m(r)[0] for m in ms]
        m = system(r, tools_text(ts))
        for _ in range(r.randint(2, 5)):
            if r.random() < 0.25:
                m += sample(r, "train", r.choice(["greeting", "capital", "opposite", "colour"]))[1]
                continue
            while True:
                x = r.choice(ms)(r)
                if not is_held_out("toolcall" + x[1]):
                    break
            m += exchange(x[1], call_text(x[0]["name"], x[2])) + exchange(
                "<tool_response>\n" + x[3] + "\n</tool_response>", x[4]
            )
        return m
    size = r.randint(500, 2300)
    n = name(r)
    m = exchange(f"My name is {n}.", f"Nice to meet you, {n}!") if r.random() < 0.8 else []
    known = bool(m)
    while sum(len(t) + 22 for _, t in m) < size:
        m += (
            exchange(r.choice(["What is my name?", "Who am I?", "Do you remember my name?"]), f"Your name is {n}.")
            if known and r.random() < 0.12
            else turn()
        )
    return m


def chatml(m):
    """-> list of (text, is_answer), ChatML"""
    o = []
    for role, t in m:
        if role == "assistant":
            o += [("<|im_start|>assistant\n", False), (t + "<|im_end|>", True), ("\n", False)]
        else:
            o.append((f"<|im_start|>{role}\n{t}<|im_end|>\n", False))
    return o[:-1] if o[-1] == ("\n", False) else o


def similar_pair(r):
    """two texts about the same thing, for the embedding objective"""
    k = r.randrange(7)
    if k == 0:
        c = r.choice(list(CAPITALS))
        P = [t.format(c) for t in CAPITAL_QUESTIONS] + [
            f"The capital of {c} is {CAPITALS[c]}.",
            f"{CAPITALS[c]} is the capital of {c}.",
        ]
    elif k == 1:
        a, b = r.choice(OPPOSITES)
        P = [t.format(a) for t in OPPOSITE_QUESTIONS] + [f"The opposite of {a} is {b}."]
    elif k == 2:
        a = r.choice(list(COLOURS))
        P = [t.format(a) for t in COLOUR_QUESTIONS] + [f"{a[0].upper() + a[1:]} is {COLOURS[a]}."]
    elif k == 3:
        L = r.choice(list(TRANSLATIONS))
        w = r.choice(list(TRANSLATIONS[L]))
        P = [t.format(w, L) for t in TRANSLATE_QUESTIONS] + [f"The {L} word for {w} is {TRANSLATIONS[L][w]}."]
    elif k == 4:
        p = r.random() < 0.5
        o = r.choice(THINGS)
        A = r.sample(GOOD_WORDS if p else BAD_WORDS, 3)
        P = [
            f"The {o} was {A[0]}.",
            f"What {with_article(A[1])} {o}!",
            f"This is {with_article(A[2])} {o}.",
            ("I love this " if p else "I hate this ") + o + ".",
        ]
    elif k == 5:
        n, c = name(r), city(r)
        P = r.choice(
            [
                [f"{n} lives in {c}.", f"Where does {n} live?", f"My name is {n} and I live in {c}."],
                [f"{n} is {r.randint(5, 95)} years old.", f"How old is {n}?", f"What is the age of {n}?"],
            ]
        )
    else:
        c = city(r)
        P = [
            f"What is the weather in {c}?",
            f"How is the weather in {c}?",
            f"It is {r.randint(0, 35)} degrees and {r.choice(SKIES)} in {c}.",
            f"Weather in {c}?",
        ]
    return r.sample(P, 2)


if __name__ == "__main__":
    import sys

    r = random.Random(99)
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with open(sys.argv[1], "w") as f:
        for fa in FAMILIES:
            seen = set()
            for _ in range(n * 20):
                if len(seen) >= n:
                    break
                _, m = sample(r, "test", fa)
                s = json.dumps(m)
                if s in seen:
                    continue
                seen.add(s)
                f.write(
                    json.dumps(
                        dict(family=fa, messages=[dict(role=a, content=b) for a, b in m[:-1]], expected=m[-1][1]),
                        ensure_ascii=False,
                    )
                    + "\n"
                )
        # tool calls whose cities and numbers training cannot have met (toolresult examples repeat some questions of held-out toolcall items)
        C = [c for c in MORE_CITIES if is_held_out_name(c)]
        seen = set()
        SPLIT_NAME = "test"
        while len(seen) < n:
            xs = [m(r) for m in r.sample(TOOL_MAKERS, r.choice([1, 2, 3]))]
            q, a = xs[0][1], xs[0][2]
            if "city" in a:
                c = r.choice(C)
                q = q.replace(a["city"], c)
                a = {"city": c}
            elif min(a.values()) < 1000:
                continue
            m = [("system", tools_text([x[0] for x in xs])), ("user", q)]
            s = json.dumps(m)
            if s not in seen:
                seen.add(s)
                f.write(
                    json.dumps(
                        dict(
                            family="toolcall_unseen",
                            messages=[dict(role=x, content=y) for x, y in m],
                            expected=call_text(xs[0][0]["name"], a),
                        ),
                        ensure_ascii=False,
                    )
                    + "\n"
                )
        for k in PLAIN_SENTENCES:
            seen = set()
            for _ in range(800):
                if len(seen) >= n // 2:
                    break
                p, b, e, W = plain_sentence(r, "test", k)
                if p in seen:
                    continue
                seen.add(p)
                f.write(
                    json.dumps(
                        dict(
                            family="score_" + k,
                            prompt=p.rstrip(" "),
                            expected=" " + b,
                            wrong=[" " + w for w in r.sample(W, min(len(W), 9))],
                        ),
                        ensure_ascii=False,
                    )
                    + "\n"
                )
