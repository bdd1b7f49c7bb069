use super::names::{OTHERS, SPL, unknown};
use super::{files, text};
use crate::search::list;
use crate::splunk::APP;
use crate::{Options, Pack};
use picket_event::Event;
use picket_render::{Field, Format, Maker, Renderer, Subject};
use std::collections::{BTreeMap, BTreeSet};

type Stanzas = BTreeMap<String, BTreeMap<String, String>>;

fn conf(name: &str) -> Stanzas {
    parse(&text(Pack::Splunk, &format!("{APP}/default/{name}.conf")))
}

/// Reads a file of configuration as Splunk documents it: stanzas, `name = value`, and `\` before a line that goes on.
fn parse(text: &str) -> Stanzas {
    let mut stanzas = Stanzas::new();
    let mut stanza = None;
    let joined = text.replace("\\\n", "\u{1}");
    for line in joined.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            assert!(stanzas.insert(name.to_owned(), BTreeMap::new()).is_none(), "[{name}] stands there twice");
            stanza = Some(name.to_owned());
            continue;
        }
        let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("no setting: {line}"));
        let settings = stanzas.get_mut(stanza.as_ref().expect("a stanza comes first")).unwrap();
        let known = settings.insert(name.trim().to_owned(), value.trim().replace('\u{1}', "\n"));
        assert!(known.is_none(), "{name} stands there twice");
    }
    stanzas
}

/// Fields of events, and what the app makes of them.
fn known() -> BTreeSet<String> {
    let mut known: BTreeSet<String> = Field::all().map(|field| field.name().to_owned()).collect();
    for (name, value) in &conf("props")["source::Picket"] {
        if name.starts_with("FIELDALIAS-") {
            known.insert(value.split(" AS ").nth(1).unwrap().to_owned());
        }
        known.extend(name.strip_prefix("EVAL-").map(str::to_owned));
    }
    known.extend(["_time".to_owned(), "picket_bad_addresses".to_owned(), "picket_compromised_users".to_owned()]);
    known
}

#[test]
fn searches_and_settings_name_only_fields_that_events_have() {
    let known = known();
    for search in list::all() {
        let mut known = known.clone();
        known.extend(OTHERS.iter().map(|&name| name.to_owned()));
        let stanza = &conf("savedsearches")[&format!("Picket: {}", search.name)];
        let found = unknown(&stanza["search"], &SPL, &known);
        assert!(found.is_empty(), "{}: {found:?} in {}", search.name, stanza["search"]);
        for field in stanza["alert.suppress.fields"].split(',').filter(|field| *field != "search_name") {
            assert!(stanza["search"].contains(field), "{}: a result has no {field}", search.name);
        }
    }
    for search in crate::splunk::dashboard_searches() {
        let found = unknown(search, &SPL, &known);
        assert!(found.is_empty(), "{found:?} in {search}");
    }
    let fields: BTreeSet<&str> = Field::all().map(Field::name).collect();
    for stanza in ["source::Picket", "picket"] {
        for (name, value) in &conf("props")[stanza] {
            if name.starts_with("FIELDALIAS-") {
                let (field, alias) = value.split_once(" AS ").unwrap();
                assert!(fields.contains(field), "{value}");
                assert!(!fields.contains(alias), "{alias} is a field of events: the alias would hide it");
            } else if name.starts_with("EVAL-") {
                let found = unknown(value, &SPL, &known);
                assert!(found.is_empty(), "{name} = {value}: {found:?}");
            }
        }
    }
}

#[test]
fn macros_lookups_and_types_that_are_used_are_there() {
    let macros = conf("macros");
    let types = conf("eventtypes");
    let mut texts: Vec<String> = conf("savedsearches").into_values().map(|stanza| stanza["search"].clone()).collect();
    texts.extend(crate::splunk::dashboard_searches().map(str::to_owned));
    texts.extend(types.values().map(|stanza| stanza["search"].clone()));
    for text in &texts {
        for name in text.split('`').skip(1).step_by(2) {
            assert!(macros.contains_key(name), "no macro {name}");
        }
        for name in text.split("| lookup ").skip(1).map(|rest| rest.split(' ').next().unwrap()) {
            let file = &conf("transforms")[name]["filename"];
            assert!(self::text(Pack::Splunk, &format!("{APP}/lookups/{file}")).lines().count() > 1);
        }
    }
    for name in conf("tags").keys() {
        assert!(types.contains_key(name.strip_prefix("eventtype=").unwrap()), "{name}");
    }
}

#[test]
fn sources_and_types_are_those_that_the_destination_sends() {
    let event = Event::new(picket_event::EventType::REQUEST, "ws", picket_stdx::Timestamp::default());
    let options = Options::default().with_vendor("Acme").unwrap().with_index("ai").unwrap();
    let maker = Maker { vendor: "Acme".to_owned(), ..Maker::default() };
    let sourcetype = Renderer::new(Format::Canonical, maker).sourcetype(&Subject::new(&event));
    let files = Pack::Splunk.files(&options);
    let file = |path: &str| parse(&files.iter().find(|file| file.path.ends_with(path)).unwrap().text);
    let definition = &file("default/macros.conf")["picket_events"]["definition"];
    let pattern = definition.split("sourcetype=").nth(1).unwrap().trim_end_matches('*');
    assert!(sourcetype.starts_with(pattern) && definition.starts_with("index=ai "), "{definition}: {sourcetype}");
    assert!(file("default/props.conf").contains_key("source::Acme"));
}

#[test]
fn times_in_files_are_read_where_they_stand() {
    let event = crate::sample::event();
    let mut line = Vec::new();
    crate::schema::Rendering::Fields.renderer().render(&Subject::new(&event), &mut line);
    let line = String::from_utf8(line).unwrap();
    let settings = &conf("props")["picket"];
    assert_eq!(settings["TIME_PREFIX"], "\"timestamp\"\\s*:\\s*\"");
    let at = line.split("\"timestamp\":\"").nth(1).unwrap();
    let time = &at[..at.find('"').unwrap()];
    assert_eq!(time, "2026-06-01T10:13:20.125Z", "as %Y-%m-%dT%H:%M:%S.%3NZ");
    assert!(time.len() <= settings["MAX_TIMESTAMP_LOOKAHEAD"].parse().unwrap());
}

#[test]
fn searches_run_when_and_over_what_they_say() {
    for search in list::all() {
        let stanza = &conf("savedsearches")[&format!("Picket: {}", search.name)];
        assert!(search.window >= search.every, "{}: what happens between two runs would not be seen", search.name);
        assert_eq!(stanza["dispatch.earliest_time"], format!("-{}m@m", search.window));
        assert_eq!(stanza["cron_schedule"].split(' ').count(), 5);
        assert!((1..=6).contains(&stanza["alert.severity"].parse::<u8>().unwrap()));
        assert_eq!(stanza["disabled"], if search.on { "0" } else { "1" });
    }
}

/// Reads elements alone: each that begins ends, in order; text has no `<` and no bare `&`.
fn check_xml(text: &str) {
    let mut open: Vec<&str> = Vec::new();
    for (at, piece) in text.split('<').enumerate().skip(1) {
        let (tag, rest) = piece.split_once('>').unwrap_or_else(|| panic!("piece {at} has no end: {piece}"));
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
        for entity in rest.split('&').skip(1) {
            assert!(["lt;", "gt;", "amp;", "quot;"].iter().any(|known| entity.starts_with(known)), "{rest}");
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn views_are_well_formed() {
    let views: Vec<_> = files(Pack::Splunk).into_iter().filter(|file| file.path.contains("/data/ui/")).collect();
    assert_eq!(views.len(), 2);
    for view in views {
        check_xml(&view.text);
    }
}
