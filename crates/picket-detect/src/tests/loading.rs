//! Rules that change, that are broken, and that cannot be read.

use super::*;

/// Has other settings come into force.
fn reload(place: &Place, settings: Settings) -> Result<(), Vec<String>> {
    place.detection.prepare(settings).map(|ready| place.detection.put(ready))
}

#[test]
fn at_the_start_what_is_right_is_used_and_everything_else_is_told() {
    let place = Place::new("");
    let folder = place.folder.path().join("rules.yml");
    std::fs::remove_file(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("own.yml"), RULES).unwrap();
    std::fs::write(folder.join("latin.yml"), b"title: T\xff\n").unwrap();
    std::fs::write(folder.join("wrong.yml"), "title: x\n").unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("link.yml")).unwrap();
    let place = place.restart();
    let told = place.detection.load().problems;
    for line in ["latin.yml:1:9: not UTF-8", "link.yml:1:1: cannot be read", "wrong.yml:1:1: "] {
        assert!(told.iter().any(|problem| problem.contains(line)), "{line}: {told:#?}");
    }
    assert!(place.detection.set().find("many").is_some(), "{told:#?}");
    // Later a mistake keeps the whole set out, and one that could not be read is known again.
    std::fs::remove_file(folder.join("own.yml")).unwrap();
    place.detection.look();
    assert!(place.detection.set().find("many").is_some() && !place.detection.load().problems.is_empty());
    let failed = place.detection.metrics().counts().reloads_failed;
    place.detection.look();
    assert_eq!(place.detection.metrics().counts().reloads_failed, failed, "nothing changed");
}

#[test]
fn other_settings_come_into_force_beside_rules_that_are_broken_but_not_with_broken_rules_of_their_own() {
    let place = Place::new(RULES);
    let file = place.folder.path().join("rules.yml");
    std::fs::write(&file, RULES.replace("condition: s }", "condition: t }")).unwrap();
    let before = Settings::clone(&place.detection.settings());
    assert!(before.responds);
    for _ in 0..2 {
        reload(&place, Settings { responds: false, ..before.clone() }).unwrap();
        assert!(!place.detection.settings().responds && !place.detection.load().problems.is_empty());
        assert!(place.detection.set().find("many").is_some(), "the old ones are in force");
    }
    let other = place.folder.path().join("other.yml");
    std::fs::write(&other, "title: x\n").unwrap();
    let sources = Sources { rules: vec![other.clone()], ..before.sources.clone() };
    assert!(reload(&place, Settings { sources: sources.clone(), ..before.clone() }).is_err());
    assert_eq!(place.detection.settings().sources, before.sources);
    // What was made ready before other files were read does not undo what they say, unless it is about other files.
    std::fs::write(&file, RULES).unwrap();
    let ready = place.detection.prepare(before.clone()).unwrap();
    std::fs::write(&file, RULES.replace("id: many", "id: others")).unwrap();
    assert!(place.detection.reload_files().unwrap());
    place.detection.put(ready);
    assert!(place.detection.set().find("others").is_some() && place.detection.settings().responds);
    std::fs::write(&other, RULES.replace("id: many", "id: moved")).unwrap();
    let ready = place.detection.prepare(Settings { sources, ..before }).unwrap();
    place.detection.reload_files().unwrap();
    place.detection.put(ready);
    assert!(place.detection.set().find("moved").is_some());
}

#[test]
fn a_stop_ends_a_load_and_begins_none() {
    let place = Place::new(RULES);
    let (trigger, shutdown) = picket_pipeline::Trigger::new();
    place.detection.end_with(shutdown);
    let file = place.folder.path().join("rules.yml");
    std::fs::write(&file, RULES.replace("id: many", "id: others")).unwrap();
    trigger.advance(picket_pipeline::Stage::Draining);
    place.detection.look();
    let told = place.detection.reload_files().unwrap_err();
    assert!(told[0].contains("the server stops"), "{told:?}");
    let (set, load) = (place.detection.set(), place.detection.load());
    assert_eq!((set.find("many").is_some(), load.problems), (true, Vec::new()), "nothing is wrong with the rules");
}

#[test]
fn rules_that_do_not_load_leave_the_old_ones_in_force_and_others_keep_their_state() {
    let mut place = Place::new(RULES);
    place.enable("many", false);
    place.blocks("ana", 2);
    place.catch_up();
    let file = place.folder.path().join("rules.yml");
    std::fs::write(&file, RULES.replace("condition: s }", "condition: t }")).unwrap();
    place.detection.look();
    let problems = place.detection.load().problems;
    assert!(problems.iter().any(|problem| problem.contains("rules.yml:4:")), "{problems:?}");
    assert_eq!(place.detection.metrics().counts().reloads_failed, 1);
    place.detection.look();
    assert_eq!(place.detection.metrics().counts().reloads_failed, 1, "the same files are not tried again");
    std::fs::write(&file, format!("{RULES}---\n{}", RULES.split("---\n").last().unwrap().replace("error", "fault")))
        .unwrap();
    place.detection.look();
    assert_eq!((place.detection.load().problems, place.detection.set().infos.len()), (Vec::new(), 4));
    place.blocks("ana", 1);
    place.catch_up();
    assert_eq!(place.findings().len(), 1, "what was counted before the change counts");
}

#[test]
fn other_settings_do_not_wait_for_rules_that_are_being_loaded() {
    let place = Place::new(RULES);
    let file = place.folder.path().join("rules.yml");
    std::fs::write(&file, RULES.replace("id: many", "id: others")).unwrap();
    let before = Settings::clone(&place.detection.settings());
    // As if another thread had begun to.
    place.detection.0.loading.fetch_add(1, Ordering::SeqCst);
    reload(&place, Settings { responds: false, ..before.clone() }).unwrap();
    assert!(!place.detection.settings().responds && place.detection.set().find("many").is_some());
    place.detection.0.loading.fetch_sub(1, Ordering::SeqCst);
    reload(&place, before).unwrap();
    assert!(place.detection.set().find("others").is_some());
}
