//! The dashboard, as Simple XML.

use crate::text::xml;
use std::fmt::Write as _;

/// A panel: title, chart or `table`, and search.
type Panel = (&'static str, &'static str, &'static str);

const ROWS: &[&[Panel]] = &[
    &[
        ("Requests by decision", "column", "`picket_events` event_type=\"request\" | timechart count by decision"),
        (
            "What was found",
            "pie",
            "`picket_events` event_type IN (\"request\", \"verdict.late\") category=* | stats count by category",
        ),
    ],
    &[(
        "Findings",
        "table",
        "`picket_events` event_type=\"finding.created\" | dedup event_id | table _time, severity, category, user, reason, count, rule_id | sort - _time | head 50",
    )],
    &[
        (
            "Users whose requests were refused",
            "table",
            "`picket_events` event_type=\"request\" decision=\"blocked\" category=* | dedup event_id | stats count as refused dc(type) as kinds values(type) as type latest(_time) as last by user | sort - refused | head 20 | convert ctime(last)",
        ),
        (
            "Addresses of prompt attacks",
            "table",
            "`picket_events` category=\"prompt_attack\" src_ip=* | dedup event_id | stats count as attacks dc(user) as users by src_ip | sort - attacks | head 20",
        ),
    ],
    &[
        (
            "Share of requests that were refused",
            "line",
            "`picket_events` event_type=\"request\" | timechart count as requests count(eval(decision==\"blocked\")) as refused | eval share=round(refused/requests, 4) | fields _time, share",
        ),
        (
            "Mean minutes from escalation to first action",
            "line",
            "`picket_events` event_type=\"escalation.*\" NOT event_type IN (\"escalation.test\", \"escalation.expired\") | stats min(eval(if(event_type==\"escalation.created\", _time, null()))) as created min(eval(if(event_type!=\"escalation.created\", _time, null()))) as touched by escalation_id | where isnotnull(created) AND isnotnull(touched) | eval _time=created, minutes=(touched-created)/60 | timechart avg(minutes) as minutes",
        ),
    ],
    &[
        (
            "Models",
            "table",
            "`picket_events` event_type=\"request\" model=* | stats earliest(_time) as first_seen count as requests dc(user) as users sum(cost) as cost sum(tokens_in) as tokens_in sum(tokens_out) as tokens_out by provider, model | sort - requests | convert ctime(first_seen)",
        ),
        (
            "Tools that agents may not use",
            "table",
            "`picket_events` type=\"tool_denied\" | dedup event_id | stats count by application, agent_id, tool | sort - count",
        ),
    ],
    &[
        (
            "Judges",
            "table",
            "`picket_events` judge_score=* | stats count avg(judge_score) as score by judge_model, judge_verdict | sort - count",
        ),
        (
            "Acts of administrators",
            "table",
            "`picket_events` eventtype=\"picket_change\" | table _time, event_type, actor, target, reason | sort - _time | head 50",
        ),
    ],
];

/// The navigation of the app.
pub(super) fn navigation() -> String {
    "<nav search_view=\"search\">\n  <view name=\"picket_overview\" default=\"true\"/>\n  <view name=\"search\"/>\n  <view name=\"alerts\"/>\n</nav>\n".to_owned()
}

/// The dashboard.
pub(super) fn overview() -> String {
    let mut text = "\
<form version=\"1.1\" theme=\"light\">
  <label>Picket</label>
  <description>What passes between people, agents and models, and what was found in it.</description>
  <fieldset submitButton=\"false\">
    <input type=\"time\" token=\"time\">
      <label>Time</label>
      <default><earliest>-24h@h</earliest><latest>now</latest></default>
    </input>
  </fieldset>
"
    .to_owned();
    for row in ROWS {
        text.push_str("  <row>\n");
        row.iter().for_each(|panel| text.push_str(&self::panel(panel)));
        text.push_str("  </row>\n");
    }
    text + "</form>\n"
}

fn panel((title, chart, search): &Panel) -> String {
    let element = if *chart == "table" { "table" } else { "chart" };
    let mut text = format!(
        "\
    <panel>
      <{element}>
        <title>{}</title>
        <search>
          <query>{}</query>
          <earliest>$time.earliest$</earliest>
          <latest>$time.latest$</latest>
        </search>
",
        xml(title),
        xml(search)
    );
    if element == "chart" {
        writeln!(text, "        <option name=\"charting.chart\">{chart}</option>").unwrap_or_default();
    }
    write!(text, "      </{element}>\n    </panel>\n").unwrap_or_default();
    text
}

/// The searches of the dashboard.
#[cfg(test)]
pub(super) fn searches() -> impl Iterator<Item = &'static str> {
    ROWS.iter().flat_map(|row| row.iter()).map(|(_, _, search)| *search)
}
