//! Judging whether something is asked again and again.

use super::found::set_aside;
use super::{Toolbox, note, result, whose};
use crate::compile::Check as Configured;
use crate::duplicates::Duplicates;
use crate::judgement::{Judgement, Subject};
use crate::kind::Per;
use picket_event::{Action, Phase, Role};
use picket_llm::Request;
use picket_stdx::Timestamp;

/// Judges whether the newest words of the caller were said too often lately.
pub(super) fn again(
    check: &Configured,
    (limits, action): (&Duplicates, Action),
    request: &Request,
    (subject, now): (&Subject<'_>, Timestamp),
    tools: &Toolbox,
    judgement: &mut Judgement,
) {
    let asked = || request.parts().iter().filter(|part| part.role == Role::User);
    let newest = asked().filter_map(|part| part.message).max();
    // An agent sends the same question again with each result of a tool.
    if newest != request.parts().iter().filter_map(|part| part.message).max() {
        return;
    }
    let said: Vec<&str> = asked().filter(|part| part.message == newest).map(|part| request.text(part)).collect();
    if tools.asked.again(&check.name, &said.join("\n"), whose(Per::User, subject), limits, now) {
        let (at, finding) = ((check.name.as_str(), Phase::Input), "duplicate_prompts");
        match subject.excepted.and_then(|excepted| excepted.covering(at, finding, &[], None)) {
            Some(exception) => {
                judgement.results.push(set_aside(
                    check,
                    (Phase::Input, action),
                    (None, finding),
                    Vec::new(),
                    exception,
                ));
            }
            None => note(judgement, check, result(check, Phase::Input, action, finding), action),
        }
    }
}
