//! Content packs as a person writes them, and against a server that runs.

use crate::commands::{has_tools, run};
use crate::harness::Product;
use http::Method;
use picket_packs::Pack;
use picket_testkit::receivers::http::{Reply, Server};
use serde_json::Value;
use std::collections::BTreeSet;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn every_pack_is_listed_and_written_whole_or_not_at_all() {
    let product = Product::start();
    let listed: Vec<Value> = serde_json::from_slice(&run(&product, "kt packs list --format json").stdout).unwrap();
    let names: Vec<&str> = listed.iter().map(|row| row["pack"].as_str().unwrap()).collect();
    assert_eq!(names, Pack::ALL.iter().map(|pack| pack.as_str()).collect::<Vec<_>>());
    for pack in Pack::ALL {
        let output = run(&product, &format!("kt packs write {pack} --into out/{pack} --format json"));
        assert!(output.status.success(), "{pack}: {}", text(&output.stderr));
        let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        let folder = product.folder.path().join("out").join(pack.as_str());
        let files = pack.files(&picket_packs::Options::default());
        assert_eq!(rows.len(), files.len());
        for (row, file) in rows.iter().zip(&files) {
            let written = std::fs::read(folder.join(&file.path)).unwrap();
            assert_eq!(text(&written), file.text, "{}", file.path);
            assert_eq!(row["sha256"], crate::exports::digest(&written));
        }
    }
    std::fs::remove_file(product.folder.path().join("out/splunk/README.md")).unwrap();
    let again = run(&product, "kt packs write splunk --into out/splunk");
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("--force replaces it"), "{}", text(&again.stderr));
    assert!(!product.folder.path().join("out/splunk/README.md").exists(), "a part of it was written");
    assert!(run(&product, "kt packs write splunk --into out/splunk --force").status.success());
    for (command, message) in [
        ("kt packs write nagios --into out", "possible values: splunk, sentinel"),
        ("kt packs write splunk --into new --vendor 'Ac me'", "letters and digits"),
        ("kt packs write splunk --into new --index AI", "lower-case letters"),
    ] {
        let refused = run(&product, command);
        assert_eq!(refused.status.code(), Some(2), "{command}");
        assert!(text(&refused.stderr).contains(message), "{command}: {}", text(&refused.stderr));
    }
    assert!(!product.folder.path().join("new").exists());
}

/// The guide's own line, against a server that only says that it did it.
#[test]
fn the_line_of_the_guide_installs_the_pack_of_elastic_with_a_file_of_the_folder_where_it_is_called() {
    const GUIDE: &str = include_str!("../../../../docs/guide/packs.md");
    if !has_tools() {
        return;
    }
    let product = Product::start();
    let line = GUIDE.lines().find(|line| line.contains("sh elastic-pack/install.sh")).unwrap();
    let (_, command) = line.split_once(' ').unwrap();
    let key = picket_stdx::encode::random_base62(24);
    let expected = format!("ApiKey {key}");
    let wanted = expected.clone();
    let server = Server::start(move |ask| {
        let status = if ask.header("authorization") == Some(&wanted) { 200 } else { 401 };
        Reply::json(status, r#"{"acknowledged":true}"#)
    })
    .unwrap();
    assert!(run(&product, "picket packs write elastic --into elastic-pack").status.success());
    let config = product.folder.path().join("curl.conf");
    std::fs::write(&config, format!("header = \"Authorization: {expected}\"\n")).unwrap();
    let call = |given: &str| run(&product, &format!("URL={} {given}", server.url()));
    for given in [command.to_owned(), command.replace("curl.conf", &config.display().to_string())] {
        let before = server.asked().len();
        let installed = call(&given);
        assert!(installed.status.success(), "{given}: {installed:?}");
        let asked: Vec<_> = server.asked().split_off(before);
        let paths: Vec<&str> = asked.iter().map(|ask| ask.path.as_str()).collect();
        assert_eq!(
            (paths[0], *paths.last().unwrap(), paths.len()),
            ("/_ilm/policy/picket-events", "/_index_template/logs-picket", 5)
        );
        let file = std::fs::read(product.folder.path().join("elastic-pack/index-template.json")).unwrap();
        assert!(asked.iter().all(|ask| ask.method == "PUT") && asked[4].body == file);
    }
    // A file that is not there, or no file, is no success.
    for given in [command.replace("curl.conf", "none.conf"), command.replace("CURL_CONFIG=curl.conf", "")] {
        assert!(!call(&given).status.success(), "{given}");
    }
}

#[test]
fn destinations_of_packs_are_taken_as_they_are_written() {
    let product = Product::start();
    for pack in Pack::ALL.iter().filter(|pack| pack.destination().is_some()) {
        assert!(run(&product, &format!("kt packs write {pack} --into {pack}")).status.success());
        let path = product.folder.path().join(pack.as_str()).join("destination.yaml");
        let yaml = std::fs::read_to_string(&path).unwrap();
        // The command stands in the file's first line; only the credential is one of this test.
        let printed = yaml
            .lines()
            .next()
            .unwrap()
            .trim_start_matches("# ")
            .replace("destination.yaml", &format!("{pack}/destination.yaml"));
        let (command, variable) = match printed.split_once("=env:") {
            Some((_, variable)) => (printed.clone(), variable.to_owned()),
            None => (printed.clone(), "NOTHING".to_owned()),
        };
        let credential = format!("id:{}", picket_stdx::encode::hex(&picket_stdx::random::bytes::<16>()));
        let command = command.replace("picket destinations create ", &format!("picket destinations create {pack}-"));
        let output = run(&product, &format!("{variable}={credential} {command}"));
        assert!(output.status.success(), "{command}: {}", text(&output.stderr));
        let shown = run(&product, "kt destinations list --format json");
        let rows: Vec<Value> = serde_json::from_slice(&shown.stdout).unwrap();
        let ours = rows.iter().find(|row| row["name"].as_str().unwrap().starts_with(&format!("{pack}-")));
        assert_eq!(ours.unwrap_or_else(|| panic!("{rows:?}"))["kind"], pack.destination().unwrap());
    }
}

#[test]
fn every_metric_of_packs_is_one_that_a_server_shows() {
    let product = Product::start();
    let shown = product.wait("the machine", |product| {
        let text = product.admin(Method::GET, "/v1/metrics", &Value::Null).text;
        Some(text).filter(|text| text.contains("picket_host_cpu_ratio"))
    });
    // Families of a histogram have three names.
    let mut there: BTreeSet<String> = BTreeSet::new();
    for family in shown.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = family.split_once(' ').unwrap();
        there.insert(name.to_owned());
        if kind == "histogram" {
            there.extend(["_sum", "_count", "_bucket"].map(|end| format!("{name}{end}")));
        }
    }
    // What this server does not have: services that checks ask, an identity provider, GPUs.
    let elsewhere = ["picket_remote_circuit", "picket_gateway_jwt_usable", "picket_host_gpu_ratio"];
    let missing: Vec<String> = picket_packs::metrics().into_iter().filter(|name| !there.contains(name)).collect();
    assert_eq!(missing.iter().map(String::as_str).collect::<BTreeSet<_>>(), elsewhere.into());
    let families = [
        include_str!("../../../picket-server/src/metrics.rs"),
        include_str!("../../../picket-server/src/infrastructure/families.rs"),
    ];
    for name in elsewhere {
        assert!(families.iter().any(|text| text.contains(&format!("\"{name}\""))), "{name} is no family");
    }
}
