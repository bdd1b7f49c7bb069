"""stackone-defender (Apache-2.0): patterns and a small ONNX model that its wheel brings, run by its own runtime."""

from common import run
from stackone_defender import create_prompt_defense

DEFENSE = create_prompt_defense(block_high_risk=True)
DEFENSE.warmup_tier2()


def judge(text):
    """Its decision is `allowed`; its score that of the model."""
    result = DEFENSE.defend_tool_result({"content": text}, "read_document")
    if result.tier2_available is False:
        raise RuntimeError("the model did not load")
    return float(result.tier2_score or 0.0), not result.allowed, []


run("stackone-defender", "prompt-injection", judge)
