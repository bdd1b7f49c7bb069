"""CredSweeper (MIT): rules and, where it can be loaded, the model that its wheel brings."""

import warnings

from common import run
from credsweeper.app import CredSweeper
from credsweeper.file_handler.string_content_provider import StringContentProvider

# It announces that the way in which it is asked will move; the version is pinned.
warnings.simplefilter("ignore", DeprecationWarning)
SWEEPER = CredSweeper(use_filters=True, ml_threshold="medium")


def judge(text):
    """Its default threshold of the model is `medium`; candidates that pass count."""
    lines = text.splitlines()
    candidates = SWEEPER.file_scan(StringContentProvider(lines))
    kept = SWEEPER.credential_manager
    kept.set_credentials(candidates)
    SWEEPER.post_processing(None)
    begins, at = [], 0
    for line in text.splitlines(keepends=True):
        begins.append(at)
        at += len(line)
    places = []
    for candidate in kept.get_credentials():
        for data in candidate.line_data_list:
            begin = begins[data.line_num - 1] if 0 < data.line_num <= len(begins) else 0
            if 0 <= data.value_start < data.value_end:
                places.append((candidate.rule_name, begin + data.value_start, begin + data.value_end))
    return None, kept.get_credentials(), places


run("credsweeper", "secret", judge)
