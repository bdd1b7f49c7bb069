"""presidio-analyzer (MIT): every recogniser that needs no language model.

No model of spaCy comes with it, so that names of people and places are out of its reach here; recognisers by pattern
and checksum, for all countries, run as they are, with a blank tokeniser for the words around a number.
"""

import logging

import spacy
from common import run
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

# Without a network it says for each mail address that it uses the list of domains which it brought.
logging.getLogger("tldextract").setLevel(logging.CRITICAL)


class Blank(NlpEngine):
    """Tokens and nothing else."""

    def __init__(self):
        self.pipe = spacy.blank("en")

    def load(self):
        """Nothing is loaded."""

    def is_loaded(self):
        return True

    def process_text(self, text, language):
        doc = self.pipe(text)
        return NlpArtifacts(
            entities=[],
            tokens=doc,
            tokens_indices=[token.idx for token in doc],
            lemmas=[token.text for token in doc],
            nlp_engine=self,
            language=language,
        )

    def process_batch(self, texts, language, **_):
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word, language):
        return self.pipe.vocab[word.lower()].is_stop

    def is_punct(self, word, language):
        return self.pipe.vocab[word].is_punct

    def get_supported_entities(self):
        return []

    def get_supported_languages(self):
        return ["en"]


ENGINE = Blank()
REGISTRY = RecognizerRegistry(supported_languages=["en"])
REGISTRY.load_predefined_recognizers(languages=["en"], nlp_engine=ENGINE)
ANALYZER = AnalyzerEngine(registry=REGISTRY, nlp_engine=ENGINE, supported_languages=["en"])


def judge(text):
    """It has no threshold by default: whatever it returns counts."""
    found = ANALYZER.analyze(text=text, language="en")
    score = max((result.score for result in found), default=0.0)
    return float(score), found, [(result.entity_type, result.start, result.end) for result in found]


run("presidio-analyzer", "pii", judge)
