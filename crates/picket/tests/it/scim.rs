//! Users and groups that an identity provider sends, and what becomes of them at the control API and the gateway.

use crate::bearers::Bearers;
use crate::harness::{Answer, Product};
use crate::identity;
use http::Method;
use serde_json::{Value, json};

const POLICY: &str = "policies:\n  chain: [audit-logger]\n";
const ROLES: &str = ", scim: { roles: { SOC: [responder], Privacy: [dpo] } }";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A product to which a provider sends users, in whose name tokens are good at the gateway.
struct Scim {
    it: Bearers,
    token: String,
}

impl Scim {
    fn start() -> Self {
        let it = Bearers::with(POLICY, "", ROLES);
        let token = token(&it.product, "okta");
        Self { it, token }
    }

    fn product(&self) -> &Product {
        &self.it.product
    }

    fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.send_with(method, path, body, &[])
    }

    fn send_with(&self, method: Method, path: &str, body: &Value, more: &[(&str, &str)]) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("authorization", bearer.as_str()), ("content-type", "application/scim+json")];
        headers.extend(more);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.product().send(&self.product().api, method, &format!("/scim/v2{path}"), &headers, body.into())
    }

    /// Makes a user, whose subject at the provider is his external id.
    fn user(&self, name: &str, external: &str) -> String {
        let made = self.send(Method::POST, "/Users", &json!({"userName": name, "externalId": external}));
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let made = self.send(Method::POST, "/Groups", &json!({"displayName": name, "members": members}));
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    fn patch(&self, path: &str, operations: Value) -> Answer {
        self.send(Method::PATCH, path, &json!({"schemas": [PATCH], "Operations": operations}))
    }

    fn roles(&self, user: &str) -> Value {
        self.product().get(&format!("/v1/users/{user}"))["roles"].clone()
    }

    fn found(&self, path: &str) -> Vec<String> {
        let answer = self.send(Method::GET, path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let all = answer.json()["Resources"].as_array().unwrap().clone();
        let name = |one: &Value| one.get("userName").unwrap_or(&one["displayName"]).as_str().unwrap().to_owned();
        all.iter().map(name).collect()
    }
}

fn token(product: &Product, name: &str) -> String {
    let made = product.admin(Method::POST, "/v1/tokens", &json!({"name": name, "role": "scim"}));
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json()["credential"]["role"], "scim");
    made.json()["token"].as_str().unwrap().to_owned()
}

/// Status and word of an error, which has the standard's form.
fn error(answer: &Answer) -> (u16, String) {
    let shown = answer.json();
    assert_eq!(shown["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{}", answer.text);
    assert_eq!(shown["status"], json!(answer.status.to_string()));
    assert_eq!(answer.headers["content-type"], "application/scim+json");
    assert!(shown["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{}", answer.text);
    (answer.status, shown["scimType"].as_str().unwrap_or_default().to_owned())
}

fn filtered(path: &str, filter: &str) -> String {
    let query: String = filter.bytes().map(|byte| format!("%{byte:02x}")).collect();
    format!("{path}?filter={query}")
}

#[test]
fn a_provider_makes_finds_changes_and_removes_its_users_and_each_time_that_is_recorded() {
    let scim = Scim::start();
    let sent = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Ana@example.com", "externalId": "00u1",
        "name": {"givenName": "Ana", "familyName": "Lopez"}, "emails": [{"value": "ana@example.com", "primary": true}],
        "active": true, "title": "x", "roles": [{"value": "owner"}], "groups": [{"value": "tem_x"}],
    });
    let made = scim.send(Method::POST, "/Users", &sent);
    assert_eq!((made.status, made.headers["content-type"].to_str().unwrap()), (201, "application/scim+json"));
    let shown = made.json();
    let id = shown["id"].as_str().unwrap().to_owned();
    let path = format!("/Users/{id}");
    assert_eq!(made.headers["location"], format!("/scim/v2{path}"));
    assert_eq!(
        (&shown["externalId"], &shown["name"]["givenName"], &shown["displayName"], &shown["groups"]),
        (&json!("00u1"), &json!("Ana"), &json!("Ana Lopez"), &json!([]))
    );
    let user = scim.product().get("/v1/users/ana@example.com");
    assert_eq!(
        (user["roles"].clone(), user["full_name"].as_str()),
        (json!([]), Some("Ana Lopez")),
        "nothing sent is a right"
    );
    assert_eq!(user["external"], json!([{"issuer": scim.it.idp.issuer(), "subject": "00u1"}]));
    scim.user("bob", "00u2");
    for (filter, expected) in [
        ("userName eq \"ana@EXAMPLE.com\"", vec!["Ana@example.com"]),
        ("externalId eq \"00u2\"", vec!["bob"]),
        ("externalId eq \"00U2\"", vec![]),
        ("active eq true and userName sw \"b\"", vec!["bob"]),
        ("userName eq \"' OR 1=1 --\"", vec![]),
    ] {
        assert_eq!(scim.found(&filtered("/Users", filter)), expected, "{filter}");
    }
    assert_eq!(
        error(&scim.send(Method::GET, &filtered("/Users", "userName is x"), &Value::Null)),
        (400, "invalidFilter".to_owned())
    );
    let page = scim.send(Method::GET, "/Users?startIndex=2&count=1", &Value::Null).json();
    assert_eq!((&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]), (&json!(2), &json!(2), &json!(1)));
    assert_eq!(page["Resources"][0]["userName"], "bob");
    assert_eq!(scim.found("/Users?count=0"), [""; 0]);
    let narrow = scim.send(Method::GET, &format!("{path}?attributes=userName"), &Value::Null).json();
    assert!(narrow.get("emails").is_none() && narrow["id"] == json!(id) && narrow["userName"] == "Ana@example.com");
    let version = made.headers["etag"].to_str().unwrap();
    assert_eq!(scim.send_with(Method::GET, &path, &Value::Null, &[("if-none-match", version)]).status, 304);
    let put =
        json!({"userName": "ana.maria@example.com", "externalId": "00u1", "displayName": "Ana María", "active": true});
    let changed = scim.send_with(Method::PUT, &path, &put, &[("if-match", version)]);
    assert_eq!((changed.status, changed.json()["displayName"].as_str()), (200, Some("Ana María")), "{}", changed.text);
    let late = scim.send_with(Method::PUT, &path, &put, &[("if-match", version)]);
    assert_eq!(error(&late).0, 412);
    assert_eq!(
        scim.product().get("/v1/users/ana.maria@example.com")["email"],
        Value::Null,
        "what is put is all there is"
    );
    assert_eq!(scim.send(Method::DELETE, &path, &Value::Null).status, 204);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(error(&scim.send(method, &path, &Value::Null)).0, 404);
    }
    for kind in ["user.created", "user.changed", "user.deleted"] {
        let told = scim.product().events(&format!("?event_type={kind}"), 1);
        assert_eq!(
            (told[0]["target"].as_str(), told[0]["reason"].as_str()),
            (Some(format!("user:{id}").as_str()), Some("by SCIM"))
        );
        assert!(told[0]["actor"].as_str().unwrap().starts_with("tok_"), "{told:?}");
    }
}

#[test]
fn what_the_service_says_of_itself_is_what_it_does() {
    let scim = Scim::start();
    let get = |path: &str| scim.send(Method::GET, path, &Value::Null);
    let provider = get("/ServiceProviderConfig").json();
    assert_eq!((&provider["patch"]["supported"], &provider["bulk"]["supported"]), (&json!(true), &json!(false)));
    assert_eq!(get("/ResourceTypes").json()["totalResults"], 2);
    assert_eq!(get("/ResourceTypes/User").json()["endpoint"], "/Users");
    let schemas = get("/Schemas").json();
    let named = schemas["Resources"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(get(&format!("/Schemas/{named}")).json()["name"], "User");
    for path in ["/Schemas/x", "/ResourceTypes/Owner", "/Bulk", "/Me", ""] {
        assert_eq!(error(&get(path)).0, 404, "{path}");
    }
    assert_eq!(error(&scim.send(Method::POST, "/Schemas", &json!({}))).0, 405);
}

#[test]
fn whom_the_provider_lets_go_is_out_everywhere_at_once_in_each_dialect() {
    let scim = Scim::start();
    let id = scim.user("alice", "u-1");
    let group = scim.group("SOC", &[&id]);
    let path = format!("/Users/{id}");
    let at_the_gateway = scim.it.idp.access_token(json!({}));
    let ask = || scim.it.ask_with(&at_the_gateway, "hello");
    let sign_in = || scim.it.sign_in();
    let whoami = |token: &str| scim.product().admin_as(token, Method::GET, "/v1/whoami", &Value::Null).status;
    let event = scim.product().event_of(&ask());
    assert_eq!((event["user"].as_str(), event["team"].as_str()), (Some("alice"), Some("SOC")), "he is who he is here");
    let on = || assert_eq!(scim.patch(&path, json!([{"op": "replace", "value": {"active": true}}])).status, 200);
    let endings: [(&str, &dyn Fn() -> Answer); 4] = [
        ("Okta", &|| scim.patch(&path, json!([{"op": "replace", "value": {"active": false}}]))),
        ("Entra", &|| scim.patch(&path, json!([{"op": "Replace", "path": "active", "value": "False"}]))),
        ("put", &|| scim.send(Method::PUT, &path, &json!({"userName": "alice", "externalId": "u-1", "active": false}))),
        ("removed", &|| scim.send(Method::DELETE, &path, &Value::Null)),
    ];
    for (how, end) in endings {
        let session = sign_in();
        assert_eq!((whoami(&session), ask().status), (200, 200), "{how}");
        let ended = end();
        assert!(matches!(ended.status, 200 | 204), "{how}: {}", ended.text);
        assert_eq!((whoami(&session), ask().status), (401, 401), "{how}");
        assert_eq!(scim.it.try_to_sign_in().status, 403, "{how}");
        if how != "removed" {
            on();
        }
    }
    assert_eq!(scim.send(Method::GET, &format!("/Groups/{group}"), &Value::Null).json()["members"], json!([]));
    let again = scim.user("alice", "u-1");
    assert_ne!(again, id, "whoever is made again is somebody else");
    assert_eq!(ask().status, 200);
    assert_eq!(scim.it.try_to_sign_in().status, 403, "without the roles of before");
}

#[test]
fn groups_are_teams_and_bring_the_roles_that_the_operator_gave_them() {
    let scim = Scim::start();
    let (ana, bob) = (scim.user("alice", "u-1"), scim.user("bob", "u-2"));
    let soc = scim.group("SOC", &[&ana]);
    assert_eq!((scim.roles("alice"), scim.roles("bob")), (json!(["responder"]), json!([])));
    let session = scim.it.sign_in();
    let status = |path: &str| scim.product().admin_as(&session, Method::GET, path, &Value::Null).status;
    assert_eq!((status("/v1/escalations"), status("/v1/users")), (200, 403));
    let path = format!("/Groups/{soc}");
    let add = json!([{"op": "Add", "path": "members", "value": [{"value": bob}]}]);
    assert_eq!(scim.patch(&path, add).status, 200);
    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{ana}\"]")}]);
    let changed = scim.patch(&path, remove);
    assert_eq!(changed.json()["members"][0]["display"], "bob", "{}", changed.text);
    assert_eq!((scim.roles("alice"), scim.roles("bob")), (json!([]), json!(["responder"])));
    assert_eq!(status("/v1/whoami"), 401, "sessions with other roles end");
    assert_eq!(scim.send(Method::GET, &format!("/Users/{bob}"), &Value::Null).json()["groups"][0]["display"], "SOC");
    assert_eq!(scim.found(&filtered("/Groups", "displayName eq \"soc\"")), ["SOC"]);
    let without = scim.send(Method::GET, &format!("{path}?excludedAttributes=members"), &Value::Null).json();
    assert!(without.get("members").is_none(), "{without}");
    assert_eq!(scim.patch(&path, json!([{"op": "replace", "path": "displayName", "value": "privacy"}])).status, 200);
    assert_eq!(scim.roles("bob"), json!(["dpo"]), "a group is what it is called");
    assert_eq!(
        scim.send(Method::PUT, &path, &json!({"displayName": "Others", "members": [{"value": bob}]})).status,
        200
    );
    assert_eq!(scim.roles("bob"), json!([]));
    assert_eq!(scim.send(Method::DELETE, &path, &Value::Null).status, 204);
    assert_eq!(scim.product().get("/v1/teams"), json!([]));
    let told = scim.product().events("?event_type=user.changed", 5);
    assert!(told.iter().any(|event| event["reason"] == "roles responder, were none, by groups"), "{told:?}");
    assert_eq!(scim.product().events("?event_type=team.changed", 4).len(), 4);
}

#[test]
fn scim_touches_nobody_whom_it_did_not_make_and_makes_no_owner() {
    let mut scim = Scim::start();
    let local = scim.product().admin(
        Method::POST,
        "/v1/users",
        &json!({"name": "root", "roles": ["owner"], "email": "root@example.com"}),
    );
    let local = local.json()["user"]["id"].as_str().unwrap().to_owned();
    scim.product().admin(Method::POST, "/v1/teams", &json!({"name": "Local"}));
    let team = scim.product().get("/v1/teams")[0]["id"].as_str().unwrap().to_owned();
    let make = |name: &str, external: &Value| {
        scim.send(
            Method::POST,
            "/Users",
            &json!({"userName": name, "externalId": external, "emails": [{"value": "root@example.com"}]}),
        )
    };
    for name in ["root", "ROOT", "Root"] {
        assert_eq!(error(&make(name, &json!("x"))), (409, "uniqueness".to_owned()), "{name}");
    }
    for external in [json!("1"), json!(local), json!("root"), json!("01"), json!("root@example.com")] {
        let made = make(&format!("u{}", external.as_str().unwrap().len()), &external);
        assert_eq!(made.status, 201, "{external}: {}", made.text);
        assert_ne!(made.json()["id"], json!(local));
        let again = make("another", &external);
        assert_eq!(error(&again), (409, "uniqueness".to_owned()), "{external}");
        assert_eq!(
            scim.send(Method::DELETE, &format!("/Users/{}", made.json()["id"].as_str().unwrap()), &Value::Null).status,
            204
        );
    }
    for external in [json!(1), json!(null), json!(""), json!({"value": "1"}), json!("a\u{0}b"), json!("x".repeat(257))]
    {
        assert_eq!(error(&make("nobody", &external)), (400, "invalidValue".to_owned()), "{external}");
    }
    let off = json!([{"op": "replace", "value": {"active": false}}]);
    let path = format!("/Users/{local}");
    assert_eq!(error(&scim.patch(&path, off.clone())).0, 404);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(error(&scim.send(method, &path, &Value::Null)).0, 404);
    }
    assert_eq!(error(&scim.send(Method::DELETE, &format!("/Groups/{team}"), &Value::Null)).0, 404);
    assert_eq!(
        error(&scim.send(Method::POST, "/Groups", &json!({"displayName": "local"}))),
        (409, "uniqueness".to_owned())
    );
    let ana = scim.user("ana", "u-1");
    let soc = scim.group("SOC", &[&ana]);
    let adding = json!([{"op": "add", "path": "members", "value": [{"value": local}]}]);
    assert_eq!(error(&scim.patch(&format!("/Groups/{soc}"), adding)), (400, "invalidValue".to_owned()));
    let moved = json!([{"op": "replace", "path": "externalId", "value": "u-2"}]);
    assert_eq!(error(&scim.patch(&format!("/Users/{ana}"), moved)), (400, "mutability".to_owned()));
    // What it made and an owner is now, it lets go but does not lower; and nobody comes into its groups beside it.
    let admin = |method: Method, path: &str, body: Value| scim.product().admin(method, path, &body).status;
    assert_eq!(admin(Method::PATCH, "/v1/users/ana", json!({"roles": ["owner"]})), 200);
    assert_eq!(scim.send(Method::DELETE, &format!("/Groups/{soc}"), &Value::Null).status, 204);
    assert_eq!(scim.roles("ana"), json!(["owner"]));
    let privacy = scim.group("Privacy", &[]);
    assert_eq!(admin(Method::PUT, &format!("/v1/teams/{privacy}/members/{ana}"), Value::Null), 409);
    assert_eq!(admin(Method::PATCH, "/v1/users/ana", json!({"teams": ["Privacy"]})), 409);
    assert_eq!(admin(Method::DELETE, &format!("/v1/teams/{privacy}"), Value::Null), 409);
    assert_eq!(scim.patch(&format!("/Users/{ana}"), off).status, 200);
    assert_eq!(scim.product().get("/v1/users/root")["state"], "active");
    // What the file says of roles holds for those who are there, too.
    let bob = scim.user("bob", "u-3");
    scim.patch(&format!("/Groups/{privacy}"), json!([{"op": "add", "path": "members", "value": [{"value": bob}]}]));
    assert_eq!(scim.roles("bob"), json!(["dpo"]));
    scim.it.product.reconfigure(|text, _folder| text.replace("Privacy: [dpo]", "Privacy: [viewer]"));
    assert_eq!(scim.roles("bob"), json!(["viewer"]));
}

#[test]
fn an_administrators_word_stands_until_the_provider_says_something_new() {
    let scim = Scim::start();
    let path = format!("/Users/{}", scim.user("ana", "u-1"));
    let state = || scim.product().get("/v1/users/ana")["state"].as_str().unwrap().to_owned();
    let sent = |active: bool| {
        let put = json!({"userName": "ana", "externalId": "u-1", "active": active});
        assert_eq!(scim.send(Method::PUT, &path, &put).status, 200);
    };
    scim.product().admin(Method::PATCH, "/v1/users/ana", &json!({"state": "suspended"}));
    assert_eq!(scim.send(Method::GET, &path, &Value::Null).json()["active"], false);
    sent(true);
    assert_eq!(state(), "suspended", "the provider says what it said before");
    sent(false);
    sent(true);
    assert_eq!(state(), "active");
}

#[test]
fn a_token_that_sends_users_does_nothing_else_and_no_other_token_sends_any() {
    let scim = Scim::start();
    let product = scim.product();
    for route in
        picket_api::ROUTES.iter().filter(|route| route.path.starts_with("/v1/") && !route.path.contains("auth"))
    {
        let path =
            route.path.replace("{id}", "x").replace("{user}", "x").replace("{version}", "1").replace("{log}", "x");
        let path = path.replace("{*path}", "0/000");
        let answer = product.admin_as(&scim.token, route.method.parse().unwrap(), &path, &Value::Null);
        assert_eq!(answer.status, 401, "{} {path}: {}", route.method, answer.text);
    }
    let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}).to_string();
    let bearer = format!("Bearer {}", scim.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    assert_eq!(product.send(&product.gateway, Method::POST, "/v1/chat/completions", &headers, body.into()).status, 401);
    identity::user(product, "ana", &["viewer"]);
    let session = identity::login(product, "ana");
    for token in [&product.token, &product.key, &session] {
        let answer = product.admin_as(token, Method::GET, "/scim/v2/Users", &Value::Null);
        assert_eq!(error(&answer).0, 401);
    }
    let cookie = format!("__Host-picket={session}");
    let answer = product.send(&product.api, Method::GET, "/scim/v2/Users", &[("cookie", cookie.as_str())], "".into());
    assert_eq!(error(&answer).0, 401);
    let narrow = json!({"name": "n", "role": "admin", "scopes": ["tokens:write", "users:read"]});
    let narrow = product.admin(Method::POST, "/v1/tokens", &narrow).json()["token"].as_str().unwrap().to_owned();
    let made = product.admin_as(&narrow, Method::POST, "/v1/tokens", &json!({"name": "s", "role": "scim"}));
    assert_eq!(made.status, 403, "whoever may make no users makes nobody who does: {}", made.text);
    let wrong =
        product.admin(Method::POST, "/v1/tokens", &json!({"name": "s", "role": "scim", "scopes": ["events:read"]}));
    assert_eq!(wrong.status, 400);
    let listed = product.get("/v1/tokens");
    let id = listed.as_array().unwrap().iter().find(|token| token["role"] == "scim").unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(product.admin(Method::DELETE, &format!("/v1/tokens/{id}"), &Value::Null).status, 200);
    assert_eq!(error(&scim.send(Method::GET, "/Users", &Value::Null)).0, 401, "revoked");
    let without = Product::start();
    let token = token(&without, "okta");
    let answer = without.admin_as(&token, Method::GET, "/scim/v2/Users", &Value::Null);
    assert_eq!(error(&answer).0, 404, "nobody is sent where the operator does not say so");
}

#[test]
fn whatever_is_sent_is_read_within_bounds_or_refused_in_the_standards_words() {
    let scim = Scim::start();
    let make = |value: Value| scim.send(Method::POST, "/Users", &value);
    for name in ["a\u{0}b", "a\u{202e}b", "\u{430}na", "", "a b", &"x".repeat(129)] {
        assert_eq!(
            error(&make(json!({"userName": name, "externalId": "x"}))),
            (400, "invalidValue".to_owned()),
            "{name:.20}"
        );
    }
    for (name, value) in [("displayName", "a\u{202e}b"), ("displayName", "a\nb")] {
        let sent = json!({"userName": "a", "externalId": "x", name: value});
        assert_eq!(error(&make(sent)), (400, "invalidValue".to_owned()), "{name}");
    }
    let sent = json!({"userName": "a", "externalId": "x", "name": {"givenName": "\u{200b}"}});
    assert_eq!(error(&make(sent)).0, 400);
    assert_eq!(error(&make(json!({"userName": "a", "externalId": "x", "emails": [{"value": "no address"}]}))).0, 400);
    assert_eq!(error(&scim.send(Method::POST, "/Groups", &json!({"displayName": "a\u{202e}b"}))).0, 400);
    let raw = |body: String, media: &str| {
        let bearer = format!("Bearer {}", scim.token);
        let headers = [("authorization", bearer.as_str()), ("content-type", media)];
        scim.product().send(&scim.product().api, Method::POST, "/scim/v2/Users", &headers, body.into())
    };
    let many: String = (0..100_000).map(|at| format!(",\"k{at}\":1")).collect();
    let fitting: String = (0..5_000).map(|at| format!(",\"k{at}\":1")).collect();
    let with = |more: &str| format!("{{\"userName\":\"hostile\",\"externalId\":\"h\"{more}}}");
    let deep = format!(",\"x\":{}{}", "[".repeat(1_000), "]".repeat(1_000));
    for (body, status) in [
        (with(&many), 413),
        (with(&format!(",\"displayName\":\"{}\"", "x".repeat(65_536))), 413),
        (with(&deep), 400),
        (with(",\"userName\":\"twice\""), 400),
        (with(",\"x\":\"\\ud800\""), 400),
        ("{".to_owned(), 400),
        ("[]".to_owned(), 400),
        ("null".to_owned(), 400),
        (String::new(), 400),
    ] {
        assert_eq!(error(&raw(body.clone(), "application/scim+json")).0, status, "{body:.60}");
    }
    assert_eq!(error(&raw(with(""), "text/plain")).0, 415);
    let odd = with(&format!("{fitting},\"__proto__\":{{\"roles\":[\"owner\"]}},\"constructor\":1"));
    let made = raw(odd, "application/json; charset=utf-8");
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(scim.roles("hostile"), json!([]));
    for path in
        ["/Users/..%2fusers", "/Users/usr_1%00", "/Users/%2e%2e/Groups", "/Users?startIndex=x", "/Users?filter="]
    {
        assert!(matches!(error(&scim.send(Method::GET, path, &Value::Null)).0, 400 | 404), "{path}");
    }
    assert_eq!(scim.found("/Users?startIndex=-5&count=-1"), [""; 0]);
    assert_eq!(scim.found("/Users?startIndex=99999999999999"), [""; 0]);
}
