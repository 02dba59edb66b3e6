"""The words of the tiny model's domain."""

CAPITALS = dict(
    France="Paris",
    Germany="Berlin",
    Italy="Rome",
    Spain="Madrid",
    Portugal="Lisbon",
    England="London",
    Ireland="Dublin",
    Austria="Vienna",
    Greece="Athens",
    Norway="Oslo",
    Sweden="Stockholm",
    Finland="Helsinki",
    Denmark="Copenhagen",
    Poland="Warsaw",
    Hungary="Budapest",
    Russia="Moscow",
    Turkey="Ankara",
    Egypt="Cairo",
    Kenya="Nairobi",
    Japan="Tokyo",
    China="Beijing",
    Iran="Tehran",
    Iraq="Baghdad",
    Canada="Ottawa",
    Cuba="Havana",
    Peru="Lima",
    Chile="Santiago",
    Brazil="Brasilia",
    Australia="Canberra",
    Belgium="Brussels",
    Switzerland="Bern",
    Scotland="Edinburgh",
    Thailand="Bangkok",
    Vietnam="Hanoi",
    Ukraine="Kyiv",
    Romania="Bucharest",
    Croatia="Zagreb",
    Serbia="Belgrade",
    Morocco="Rabat",
    Colombia="Bogota",
)
OPPOSITES = [
    p.split("/")
    for p in """
        hot/cold big/small up/down fast/slow happy/sad open/closed day/night black/white old/young rich/poor
        hard/soft light/dark long/short high/low full/empty clean/dirty early/late good/bad right/wrong
        strong/weak wet/dry loud/quiet near/far thick/thin begin/end win/lose buy/sell push/pull love/hate
        true/false inside/outside first/last summer/winter north/south east/west easy/difficult cheap/expensive
        wide/narrow safe/dangerous always/never top/bottom front/back
    """.split()
]
COLOURS = {
    "grass": "green",
    "snow": "white",
    "blood": "red",
    "coal": "black",
    "milk": "white",
    "a lemon": "yellow",
    "a banana": "yellow",
    "the sky": "blue",
    "a tomato": "red",
    "chocolate": "brown",
    "a leaf": "green",
    "the sun": "yellow",
    "a cherry": "red",
    "a frog": "green",
    "the sea": "blue",
    "a carrot": "orange",
    "a cloud": "white",
    "a strawberry": "red",
    "a pumpkin": "orange",
    "a cucumber": "green",
}
TRANSLATIONS = {
    "French": dict(
        dog="chien",
        cat="chat",
        house="maison",
        water="eau",
        bread="pain",
        red="rouge",
        book="livre",
        sun="soleil",
        moon="lune",
        tree="arbre",
        milk="lait",
        hand="main",
        night="nuit",
        friend="ami",
        horse="cheval",
        fish="poisson",
        apple="pomme",
        day="jour",
        yes="oui",
        no="non",
    ),
    "Spanish": dict(
        dog="perro",
        cat="gato",
        house="casa",
        water="agua",
        bread="pan",
        red="rojo",
        book="libro",
        sun="sol",
        moon="luna",
        tree="árbol",
        milk="leche",
        hand="mano",
        night="noche",
        friend="amigo",
        horse="caballo",
        fish="pez",
        apple="manzana",
        day="día",
        yes="sí",
        no="no",
    ),
    "German": dict(
        dog="Hund",
        cat="Katze",
        house="Haus",
        water="Wasser",
        bread="Brot",
        red="rot",
        book="Buch",
        sun="Sonne",
        moon="Mond",
        tree="Baum",
        milk="Milch",
        hand="Hand",
        night="Nacht",
        friend="Freund",
        horse="Pferd",
        fish="Fisch",
        apple="Apfel",
        day="Tag",
        yes="ja",
        no="nein",
    ),
}
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
CITIES = list(CAPITALS.values())
CATEGORIES = {
    "animal": "dog cat horse cow rabbit tiger lion mouse snake eagle whale monkey".split(),
    "fruit": "apple banana orange pear peach grape melon cherry".split(),
    "colour": "red green blue yellow black white brown".split(),
    "city": CITIES,
    "country": list(CAPITALS),
    "day": DAYS,
    "month": MONTHS,
    "vegetable": "carrot potato onion cucumber cabbage pea".split(),
    "vehicle": "car bus train bike truck boat".split(),
    "job": "doctor teacher farmer baker pilot nurse cook driver".split(),
    "drink": "water milk tea coffee juice wine".split(),
}
LIST_CATEGORIES = {
    "animals": "animal",
    "fruits": "fruit",
    "colours": "colour",
    "vegetables": "vegetable",
    "vehicles": "vehicle",
    "jobs": "job",
    "drinks": "drink",
    "days": "day",
    "months": "month",
}
NUMBER_WORDS = ["zero", "one", "two", "three", "four", "five"]
NAMES = """
    Anna Ben Carl Dora Emma Finn Greta Hugo Ivan Julia Karl Lena Maria Nora Oscar Paul Rosa Sam Tom Vera Will Zoe
    Alice Bob Clara David Eva Frank Grace Henry Irene Jack Kate Leo Mia Noah Olga Peter Ruth Sara Theo Victor
    Wendy Adam Bella Chris Diana Eric Fiona George Hannah Ian Jane Kevin Laura Mark
""".split()
# further names, never whole tokens: every tenth or so is held out, to test copying of names that were never seen
MORE_NAMES = """
    Aaron Abdul Agnes Ahmed Aisha Alan Albert Aldo Alex Ali Amir Amy Andrea Andrew Angela Anton Ariel Arjun Astrid
    Beatrice Bernard Bjorn Boris Brian Bruno Camila Carlos Carmen Cecilia Chloe Claire Claudia Colin Dagmar Daniel
    Darius Deepak Derek Diego Dmitri Donna Edgar Edith Elena Elias Elif Elsa Emil Enzo Esther Fatima Felix
    Fernando Flora Francesca Fred Gabriel Gavin Georgia Gina Giulia Gordon Gustav Hans Harry Hassan Heidi Helen
    Hiroshi Ibrahim Igor Imani Ingrid Isaac Isabel Jamal Jasmine Javier Jesse Joan Jonas Jorge Jose Joseph Kamal
    Karen Katya Keiko Kenji Kim Klaus Kofi Kumar Lars Leila Liam Linda Lorenzo Lucia Luis Magnus Malik Manuel
    Marta Martin Mateo Max Mei Mehmet Milan Mohamed Monica Nadia Naomi Nathan Nelson Nico Nigel Nina Olaf Oliver
    Olivia Omar Otto Pablo Patrick Pedro Petra Philip Pia Priya Rachel Rafael Rahul Raj Ralph Rebecca Rita Robert
    Rohan Roman Ronald Sabine Samira Sandra Satoshi Sergei Silvia Simon Sofia Stefan Susan Sven Tamara Tanya Tariq
    Teresa Tina Tobias Ulrich Ursula Valeria Vikram Vincent Viola Walter Xavier Yasmin Yuki Yusuf Zara
""".split()
ACCENTED_NAMES = """
    José André Søren Chloé Björn Noël Renée Inés Øyvind Åsa Märta Günther Élodie Íñigo Sinéad Müge Çelik Łukasz
    Anaïs Þóra Müller König Zoé Jörg Dürer Núria Raúl O'Brien D'Angelo O'Hara
""".split()
MORE_CITIES = """
    Boston Chicago Sydney Milan Lyon Porto Naples Geneva Zurich Hamburg Munich Venice Turin Seville Krakow Dallas
    Denver Houston Seattle Toronto Montreal Melbourne Perth Mumbai Lagos Nice Lille Bilbao Malaga Leeds Bristol
    York Oxford Cork Bergen Malmo Tampere Aarhus Gdansk Odessa Basel Graz Salzburg Bologna Genoa Verona Osaka
    Kyoto Shanghai Karachi Durban Accra Dakar Tunis Manila Jakarta Austin Phoenix Detroit Miami
""".split()
JOBS = CATEGORIES["job"] + "painter singer writer dentist waiter tailor".split()
LIKES = "tea coffee music chess football cheese honey books films soup rice dogs cats horses apples cake".split()
OBJECTS = "key book phone ball cup hat bag ring letter coin map pen knife ticket".split()
PLACES = "box drawer kitchen garden car bag room garage cupboard office basket desk".split()
GOOD_WORDS = """
    great good lovely wonderful excellent fantastic brilliant amazing perfect nice beautiful delicious friendly
    superb delightful charming
""".split()
BAD_WORDS = """
    bad terrible awful horrible boring poor dreadful ugly broken disappointing disgusting rude dirty useless
    annoying stupid
""".split()
THINGS = """
    film book meal hotel song game show phone trip concert coffee service food room staff story place product
    music movie restaurant
""".split()
SKIES = "sunny rainy cloudy windy snowy".split()
OTHER_COUNTRIES = """
    Mongolia Nepal Bolivia Ghana Uganda Laos Malta Cyprus Iceland Jamaica Haiti Panama Angola Zambia Tunisia
    Algeria Libya Sudan Qatar Oman Yemen Fiji Samoa Benin Mali Chad Atlantis Narnia Gondor Ecuador Paraguay
    Uruguay Latvia Estonia Lithuania Slovakia Slovenia Bulgaria Albania Armenia Georgia Cambodia Bangladesh
    Indonesia Malaysia Nigeria Ethiopia Texas California
""".split()
CONSONANTS, VOWELS = "bcdfghjklmnprstvwz", "aeiou"


def content_words():
    """words that are never merged with the space before them: the same token in every position, which makes copying and recall easy"""
    S = set(
        NAMES
        + CITIES
        + list(CAPITALS)
        + DAYS
        + MONTHS
        + JOBS
        + LIKES
        + OBJECTS
        + PLACES
        + GOOD_WORDS
        + BAD_WORDS
        + THINGS
        + SKIES
        + [x for p in OPPOSITES for x in p]
        + [x.split()[-1] for x in COLOURS]
        + list(COLOURS.values())
        + [x for c in CATEGORIES.values() for x in c]
        + list(CATEGORIES)
        + list(LIST_CATEGORIES)
        + NUMBER_WORDS
    )
    for L in TRANSLATIONS:
        S |= {L} | set(TRANSLATIONS[L]) | set(TRANSLATIONS[L].values())
    return sorted(S)
