//! People who sign in: passwords, second factors, sessions, cookies, teams; by API and by command line.

use crate::commands::run;
use crate::harness::{Answer, Product};
use http::Method;
use picket_stdx::{Clock, Timestamp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// What everybody here signs in with.
pub(crate) const PASSWORD: &str = "several words make one";
const POLICY: &str = "policies:\n  chain: [audit-logger]\n";

pub(crate) fn post(product: &Product, path: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json")];
    product.send(&product.api, Method::POST, path, &headers, body.to_string().into())
}

/// Makes a user who has chosen his password.
pub(crate) fn user(product: &Product, name: &str, roles: &[&str]) -> String {
    let made = product.admin(Method::POST, "/v1/users", &json!({"name": name, "roles": roles, "password": true}));
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    let change = json!({"name": name, "password": made["password"], "new_password": PASSWORD});
    let changed = post(product, "/v1/auth/password", &change);
    assert_eq!(changed.status, 204, "{}", changed.text);
    made["user"]["id"].as_str().unwrap().to_owned()
}

pub(crate) fn login(product: &Product, name: &str) -> String {
    let answer = post(product, "/v1/auth/login", &json!({"name": name, "password": PASSWORD}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["session"].as_str().unwrap().to_owned()
}

/// The code that an authenticator shows for a secret now (RFC 6238).
pub(crate) fn code(secret: &str, at: Timestamp) -> String {
    let bits = secret.bytes().flat_map(|byte| {
        let value = if byte.is_ascii_digit() { byte - b'2' + 26 } else { byte - b'A' };
        (0..5).rev().map(move |at| value >> at & 1)
    });
    let bits: Vec<u8> = bits.collect();
    let key: Vec<u8> = bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | bit)).collect();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let mac = ring::hmac::sign(&key, &(at.as_secs() / 30).to_be_bytes());
    let mac = mac.as_ref();
    let offset = usize::from(mac[19] & 15);
    let word = u32::from_be_bytes(mac[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// Sets a second factor up; its secret, and the session from then on.
pub(crate) fn enrol(product: &Product, session: &str, at: Timestamp) -> (String, String) {
    let begun = product.admin_as(session, Method::POST, "/v1/auth/totp", &Value::Null);
    assert_eq!(begun.status, 201, "{}", begun.text);
    let secret = begun.json()["secret"].as_str().unwrap().to_owned();
    let shown = json!({"code": code(&secret, at)});
    let confirmed = product.admin_as(session, Method::POST, "/v1/auth/totp/confirm", &shown);
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    (secret, confirmed.json()["session"].as_str().unwrap().to_owned())
}

fn product() -> (Product, Clock) {
    let clock = Clock::manual(START);
    (Product::at(&clock, POLICY, ""), clock)
}

fn status(product: &Product, token: &str, method: Method, path: &str) -> u16 {
    product.admin_as(token, method, path, &Value::Null).status
}

#[test]
fn who_signs_in_may_what_his_roles_may_and_it_is_recorded_in_his_name() {
    let (product, _clock) = product();
    let id = user(&product, "ana", &["responder"]);
    let session = login(&product, "Ana");
    let who = product.admin_as(&session, Method::GET, "/v1/whoami", &Value::Null).json();
    assert_eq!(
        (who["id"].as_str(), who["name"].as_str(), who["role"].as_str()),
        (Some(&*id), Some("ana"), Some("responder"))
    );
    assert_eq!(status(&product, &session, Method::GET, "/v1/keys"), 403);
    let export = product.admin_as(&session, Method::POST, "/v1/exports", &json!({"format": "json"}));
    assert_eq!((export.status, export.json()["created_by"].as_str()), (201, Some("ana")), "{}", export.text);
    let recorded = product.events("?event_type=export.created", 1);
    assert_eq!(recorded[0]["actor"], json!(id));
    let logins = product.events("?event_type=auth.login", 1);
    assert_eq!((logins[0]["actor"].as_str(), logins[0]["src_ip"].as_str()), (Some(&*id), Some("127.0.0.1")));
    let changed = product.events("?event_type=user.password_changed", 1);
    assert_eq!(changed[0]["target"], json!(format!("user:{id}")));
    assert!(!product.get("/v1/events?event_type=*").to_string().contains("several words"));
}

#[test]
fn a_session_ends_everywhere_within_a_second_of_whatever_ends_it() {
    let (product, _clock) = product();
    let id = user(&product, "ana", &["viewer"]);
    let whoami = |session: &str| status(&product, session, Method::GET, "/v1/whoami");
    let own = |session: &str| product.admin_as(session, Method::GET, "/v1/sessions", &Value::Null).json();
    type Ending<'a> = (&'a str, &'a dyn Fn(&str) -> Answer);
    let by_id = |session: &str| own(session)[0]["id"].as_str().unwrap().to_owned();
    let endings: [Ending<'_>; 5] = [
        ("logout", &|session| product.admin_as(session, Method::POST, "/v1/auth/logout", &Value::Null)),
        ("ended by himself", &|session| {
            product.admin_as(session, Method::DELETE, &format!("/v1/sessions/{}", by_id(session)), &Value::Null)
        }),
        ("ended by an administrator", &|session| {
            product.admin(Method::DELETE, &format!("/v1/sessions/{}", by_id(session)), &Value::Null)
        }),
        ("other roles", &|_| {
            product.admin(Method::PATCH, &format!("/v1/users/{id}"), &json!({"roles": ["responder"]}))
        }),
        ("suspended", &|_| product.admin(Method::PATCH, "/v1/users/ana", &json!({"state": "suspended"}))),
    ];
    for (how, end) in endings {
        let session = login(&product, "ana");
        assert_eq!(whoami(&session), 200, "{how}");
        let begun = Instant::now();
        let ended = end(&session);
        assert!(matches!(ended.status, 200 | 204), "{how}: {}", ended.text);
        assert_eq!(whoami(&session), 401, "{how}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{how}");
    }
    let refused = post(&product, "/v1/auth/login", &json!({"name": "ana", "password": PASSWORD}));
    assert_eq!((refused.status, refused.json()["code"].as_str()), (401, Some("wrong_credentials")));
}

#[test]
fn what_a_person_made_for_himself_never_does_more_than_he() {
    let (product, clock) = product();
    let id = user(&product, "ana", &["admin"]);
    let session = login(&product, "ana");
    let first = product.admin_as(&session, Method::GET, "/v1/keys", &Value::Null);
    assert_eq!((first.status, first.json()["code"].as_str()), (403, Some("second_factor_needed")));
    let (_, session) = enrol(&product, &session, clock.now());
    let make = |wanted: Value| product.admin_as(&session, Method::POST, "/v1/tokens", &wanted);
    assert_eq!(make(json!({"name": "x", "role": "owner"})).status, 403);
    let secret = |answer: Answer| answer.json()["token"].as_str().unwrap().to_owned();
    let own = secret(make(json!({"name": "mine", "role": "admin"})));
    let siem = secret(make(json!({"name": "siem", "role": "service"})));
    let seen = |token: &str, path: &str| status(&product, token, Method::GET, path);
    assert_eq!((seen(&own, "/v1/keys"), seen(&siem, "/v1/events")), (200, 200));
    product.admin(Method::PATCH, &format!("/v1/users/{id}"), &json!({"roles": ["viewer"]}));
    assert_eq!((seen(&own, "/v1/keys"), seen(&own, "/v1/events")), (403, 200), "as he is now");
    product.admin(Method::PATCH, &format!("/v1/users/{id}"), &json!({"state": "suspended"}));
    assert_eq!((seen(&own, "/v1/events"), seen(&siem, "/v1/events")), (401, 200), "a collector goes on");
    product.admin(Method::DELETE, &format!("/v1/users/{id}"), &Value::Null);
    assert_eq!(seen(&own, "/v1/events"), 401);
}

#[test]
fn some_acts_need_that_one_showed_who_one_is_just_now() {
    let (product, clock) = product();
    user(&product, "ana", &["responder"]);
    let session = login(&product, "ana");
    let export = |session: &str| product.admin_as(session, Method::POST, "/v1/exports", &json!({"format": "json"}));
    clock.advance(Duration::from_secs(299));
    assert_eq!(export(&session).status, 201);
    clock.advance(Duration::from_secs(1));
    let refused = export(&session);
    assert_eq!((refused.status, refused.json()["code"].as_str()), (403, Some("confirmation_needed")));
    assert_eq!(status(&product, &session, Method::GET, "/v1/exports"), 200, "reading goes on");
    let confirm =
        |password: &str| product.admin_as(&session, Method::POST, "/v1/auth/confirm", &json!({ "password": password }));
    assert_eq!(confirm("several words make two").status, 401);
    let confirmed = confirm(PASSWORD).json()["session"].as_str().unwrap().to_owned();
    assert_eq!(export(&confirmed).status, 201);
    assert_eq!(export(&session).status, 401, "the old text is gone");
}

#[test]
fn a_cookie_counts_from_this_sites_own_pages_only() {
    let (product, _clock) = product();
    user(&product, "ana", &["viewer"]);
    let host = product.api.trim_start_matches("http://").to_owned();
    let origin = format!("https://{host}");
    let own = [("sec-fetch-site", "same-origin"), ("origin", origin.as_str()), ("content-type", "application/json")];
    let wanted = json!({"name": "ana", "password": PASSWORD, "cookie": true}).to_string();
    let signed_in = product.send(&product.api, Method::POST, "/v1/auth/login", &own, wanted.clone().into());
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    assert!(signed_in.json().get("session").is_none(), "no script gets it");
    let cookie = signed_in.headers["set-cookie"].to_str().unwrap().to_owned();
    for part in ["__Host-picket=picket_ses_", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let with = |method: Method, path: &str, more: &[(&str, &str)]| {
        let headers: Vec<_> = [("cookie", cookie.as_str())].into_iter().chain(more.iter().copied()).collect();
        product.send(&product.api, method, path, &headers, "".into()).status
    };
    assert_eq!(with(Method::GET, "/v1/events", &[]), 200);
    assert_eq!(with(Method::GET, "/v1/events", &[("sec-fetch-site", "cross-site")]), 403);
    let foreign = [("sec-fetch-site", "cross-site"), own[1], own[2]];
    let elsewhere = [own[0], ("origin", "https://evil.example"), own[2]];
    let null = [own[0], ("origin", "null"), own[2]];
    let form = [own[0], own[1], ("content-type", "text/plain")];
    for headers in [&foreign[..], &elsewhere, &null, &form, &own[1..], &[]] {
        assert_eq!(with(Method::POST, "/v1/auth/logout", headers), 403, "{headers:?}");
    }
    let forged = product.send(&product.api, Method::POST, "/v1/auth/login", &foreign, wanted.into());
    assert_eq!(forged.status, 403, "nobody is signed in by another page");
    assert_eq!(with(Method::POST, "/v1/auth/logout", &own), 204);
    assert_eq!(with(Method::GET, "/v1/events", &[]), 401);
}

#[test]
fn whatever_stands_in_a_credential_header_it_is_refused_before_anything_is_looked_up() {
    let product = Product::start();
    user(&product, "ana", &["viewer"]);
    let session = login(&product, "ana");
    let long = "x".repeat(8 * 1024);
    let mut off = session.clone();
    off.replace_range(20..21, if &session[20..21] == "a" { "b" } else { "a" });
    let shown = [
        "' OR 1=1 --",
        "\" UNION SELECT * FROM credential --",
        "picket_ses_",
        "picket_ses_' OR '1'='1",
        &long,
        &off,
        "null",
        "[]",
        "%00",
        "../../etc/passwd",
    ];
    for text in shown {
        for headers in [
            vec![("authorization", format!("Bearer {text}"))],
            vec![("authorization", text.to_owned())],
            vec![("authorization", format!("Basic {text}"))],
            vec![("cookie", format!("__Host-picket={text}"))],
            vec![("authorization", format!("Bearer {session}")), ("authorization", format!("Bearer {text}"))],
        ] {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = product.send(&product.api, Method::GET, "/v1/whoami", &headers, "".into());
            assert_eq!(answer.status, 401, "{text:.40}: {}", answer.text);
        }
    }
    assert_eq!(status(&product, &session, Method::GET, "/v1/whoami"), 200);
}

#[test]
fn nothing_but_what_a_change_names_becomes_different_of_a_user() {
    let (product, _clock) = product();
    let id = user(&product, "ana", &["viewer"]);
    let path = format!("/v1/users/{id}");
    let before = product.get(&path);
    let names = [
        "id",
        "name",
        "password",
        "has_password",
        "password_until",
        "has_totp",
        "totp",
        "external",
        "created_by",
        "created_at",
        "last_login_at",
        "workspace",
        "workspace_id",
        "user_role",
        "role",
        "permissions",
        "scopes",
        "is_admin",
        "issuer",
        "subject",
    ];
    for name in names {
        for value in [json!("owner"), json!(["owner"]), json!(true), json!(null)] {
            let mut wanted = json!({"full_name": "X"});
            wanted[name] = value;
            let answer = product.admin(Method::PATCH, &path, &wanted);
            assert_eq!(answer.status, 422, "{wanted}: {}", answer.text);
        }
    }
    assert_eq!(product.get(&path), before);
    for (wanted, status) in [
        (json!({"roles": []}), 400),
        (json!({"roles": ["root"]}), 400),
        (json!({"state": "deleted"}), 400),
        (json!({"teams": ["none"]}), 404),
        (json!({"email": "no address"}), 400),
        (json!({"full_name": "a\u{202e}b"}), 400),
        (json!({"full_name": "Ana", "version": 99}), 409),
        (json!({"full_name": "Ana", "email": "ana@example.com"}), 200),
    ] {
        let answer = product.admin(Method::PATCH, &path, &wanted);
        assert_eq!(answer.status, status, "{wanted}: {}", answer.text);
    }
    let after = product.get(&path);
    assert_eq!((after["full_name"].as_str(), after["roles"].clone()), (Some("Ana"), json!(["viewer"])));
    for name in ["a\u{0}b", "\u{430}na", "", &"x".repeat(65_536), "ANA"] {
        let made = product.admin(Method::POST, "/v1/users", &json!({"name": name, "roles": ["viewer"]}));
        assert_eq!(made.status, if name == "ANA" { 409 } else { 400 }, "{name:.20}");
    }
}

#[test]
fn one_sees_and_ends_ones_own_sessions_and_those_of_who_may_no_more() {
    let (product, _clock) = product();
    for (name, role) in [("ana", "viewer"), ("bob", "auditor"), ("carl", "dpo")] {
        user(&product, name, &[role]);
    }
    let (ana, bob, carl) = (login(&product, "ana"), login(&product, "bob"), login(&product, "carl"));
    let listed = |token: &str, query: &str| {
        let answer = product.admin_as(token, Method::GET, &format!("/v1/sessions{query}"), &Value::Null);
        (answer.status, answer.json().as_array().map(Vec::len))
    };
    assert_eq!(listed(&ana, ""), (200, Some(1)));
    assert_eq!(
        (listed(&ana, "?all=true").0, listed(&ana, "?user=bob").0, listed(&ana, "?user=none").0),
        (403, 403, 403)
    );
    assert_eq!(
        (listed(&bob, "?all=true"), listed(&bob, "?user=ana"), listed(&bob, "?user=none").0),
        ((200, Some(3)), (200, Some(1)), 404)
    );
    let id = |name: &str| product.get(&format!("/v1/sessions?user={name}"))[0]["id"].as_str().unwrap().to_owned();
    let end = |token: &str, name: &str| status(&product, token, Method::DELETE, &format!("/v1/sessions/{}", id(name)));
    assert_eq!(
        (end(&ana, "bob"), end(&bob, "ana")),
        (404, 404),
        "whoever may not end it does not hear that it is there"
    );
    let admin = product.admin(Method::POST, "/v1/tokens", &json!({"name": "adm", "role": "admin"})).json();
    let admin = admin["token"].as_str().unwrap();
    assert_eq!(end(admin, "carl"), 403, "who may more than an administrator");
    assert_eq!(end(admin, "bob"), 200);
    assert_eq!(
        (status(&product, &bob, Method::GET, "/v1/whoami"), status(&product, &carl, Method::GET, "/v1/whoami")),
        (401, 200)
    );
}

#[test]
fn junk_logins_are_limited_alike_and_told_in_one_event() {
    let (product, clock) = product();
    user(&product, "ana", &["viewer"]);
    let tried =
        |name: &str| post(&product, "/v1/auth/login", &json!({"name": name, "password": "several words make two"}));
    clock.advance(Duration::from_secs(3_600));
    for name in ["ana", "nobody"] {
        let statuses: Vec<u16> = (0..7).map(|_| tried(name).status).collect();
        assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429], "{name}");
    }
    let good = post(&product, "/v1/auth/login", &json!({"name": "ana", "password": PASSWORD}));
    assert_eq!((good.status, good.json()["retryable"].as_bool()), (429, Some(true)));
    assert_eq!(good.headers["retry-after"], "12");
    let told = product.wait("the events", |product| {
        let events = product.get("/v1/events?event_type=auth.failed").as_array().unwrap().clone();
        (events.iter().filter_map(|event| event["count"].as_u64()).sum::<u64>() >= 10).then_some(events)
    });
    assert!(told.iter().any(|event| event["target"].as_str().is_some_and(|target| target.starts_with("user:usr_"))));
    assert!(told.iter().any(|event| event.get("target").is_none()), "names that nobody has count together");
    clock.advance(Duration::from_secs(60));
    login(&product, "ana");
}

#[test]
fn people_are_looked_after_from_the_command_line() {
    let product = Product::start();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let done = |command: &str| {
        let output = run(&product, command);
        assert!(output.status.success(), "{command}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    done("kt teams create SOC");
    let first =
        done("kt users create ana --role responder,policy-editor --team SOC --full-name 'Ana Lopez' --password");
    std::fs::write(product.folder.path().join("first.txt"), &first).unwrap();
    std::fs::write(product.folder.path().join("own.txt"), format!("{PASSWORD}\n")).unwrap();
    let anyone = "env -u API_TOKEN XDG_CONFIG_HOME=$PWD/ana kt";
    let refused = run(&product, &format!("{anyone} auth login --name ana --password-file first.txt"));
    assert_eq!(refused.status.code(), Some(4), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).contains("chosen by somebody else"), "{}", text(&refused.stderr));
    done(&format!("{anyone} auth password --name ana --password-file first.txt --new-password-file own.txt"));
    done(&format!("{anyone} auth login --name ana --password-file own.txt"));
    let who: Value = serde_json::from_str(&done(&format!("{anyone} auth status --format json"))).unwrap();
    assert_eq!((who["name"].as_str(), who["role"].as_str()), (Some("ana"), Some("policy-editor,responder")));
    done(&format!("{anyone} auth confirm --password-file own.txt"));
    assert!(done(&format!("{anyone} sessions list")).contains("\tana\tpassword\tfalse\ttrue\t"));
    let begun: Value = serde_json::from_str(&done(&format!("{anyone} auth totp begin --format json"))).unwrap();
    let shown = code(begun["secret"].as_str().unwrap(), Clock::system().now());
    assert_eq!(done(&format!("{anyone} auth totp confirm {shown}")).lines().count(), 10);
    let listed = done("kt users list");
    assert!(listed.contains("\tana\tAna Lopez\t\tpolicy-editor,responder\tSOC\tactive\ttrue\t"), "{listed}");
    assert!(done("kt teams list").contains("\tSOC\tana\t"));
    done(&format!("{anyone} auth logout"));
    assert_eq!(run(&product, &format!("{anyone} auth status")).status.code(), Some(4));
    done("kt users roles ana viewer");
    done("kt users suspend ana --yes");
    let refused = run(&product, &format!("{anyone} auth login --name ana --password-file own.txt"));
    assert!(text(&refused.stderr).contains("name, password or code is wrong"), "{}", text(&refused.stderr));
    done("kt users resume ana");
    done("kt users reset-totp ana --yes");
    done("kt users set ana --email ana@example.com");
    assert!(done("kt users reset-password ana").trim().len() >= 20);
    done("kt teams remove SOC ana");
    done("kt teams add SOC ana");
    done("kt teams delete SOC --yes");
    done("kt users delete ana --yes");
    assert_eq!(run(&product, "kt users get ana").status.code(), Some(3));
    assert_eq!(run(&product, "kt users suspend ana").status.code(), Some(2), "nobody can be asked");
}
