use super::*;
use picket_testkit::idp::{Idp, Mood};
use serde_json::json;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// Gives ids, and counts how often it was asked for one.
#[derive(Debug, Default)]
struct Register(AtomicUsize, Mutex<Vec<JwtSubject>>);

impl People for Register {
    fn standing(&self, _who: &JwtSubject, _name: &str) -> Standing {
        Standing::Stranger
    }

    fn id_of(&self, who: &JwtSubject, _name: &str) -> Result<String, &'static str> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let mut all = self.1.lock().unwrap();
        let at = all.iter().position(|known| known == who).unwrap_or_else(|| {
            all.push(who.clone());
            all.len() - 1
        });
        Ok(format!("sub_{at}"))
    }
}

/// An issuer that runs, and the gateway's side of it.
struct Fixture {
    idp: Idp,
    clock: Clock,
    jwt: Arc<Jwt>,
    register: Arc<Register>,
}

fn settings(issuer: &str) -> JwtSettings {
    JwtSettings {
        issuer: issuer.to_owned(),
        audience: "picket-gateway".to_owned(),
        jwks_uri: None,
        origins: Vec::new(),
        ca: None,
        algorithms: vec![Algorithm::Es256],
        claims: JwtClaims::default(),
        models: Vec::new(),
        keys_kept: Duration::from_secs(3_600),
    }
}

impl Fixture {
    async fn with(change: impl FnOnce(&mut JwtSettings)) -> Self {
        let clock = Clock::manual(START);
        let idp = Idp::start(&clock).await.unwrap();
        let mut settings = settings(idp.issuer());
        change(&mut settings);
        let jwt = Arc::new(Jwt::new(settings, &clock).unwrap());
        Self { idp, clock, jwt, register: Arc::default() }
    }

    async fn verify(&self, token: &str) -> Result<Arc<Bearer>, Unbelieved> {
        let people: Arc<dyn People> = Arc::clone(&self.register) as Arc<dyn People>;
        self.jwt.verify(token, &people).await
    }

    async fn refused(&self, token: &str) -> Option<Refused> {
        match self.verify(token).await {
            Err(Unbelieved::Refused(refused)) => Some(refused),
            Err(other) => panic!("{other:?}"),
            Ok(_) => None,
        }
    }

    fn counts(&self) -> (usize, usize) {
        (self.idp.count("document"), self.idp.count("keys"))
    }
}

#[tokio::test]
async fn a_token_costs_a_signature_once_and_counts_until_it_ends() {
    let it = Fixture::with(|_| {}).await;
    let token = it.idp.access_token(json!({}));
    let first = it.verify(&token).await.unwrap();
    assert_eq!((first.who.subject.as_str(), first.name.as_str(), first.id.as_str()), ("u-1", "alice", "sub_0"));
    it.clock.advance(Duration::from_secs(359));
    let again = it.verify(&token).await.unwrap();
    assert!(Arc::ptr_eq(&first, &again), "it was remembered");
    assert_eq!((it.register.0.load(Ordering::Relaxed), it.counts()), (1, (1, 1)));
    it.clock.advance(Duration::from_secs(1));
    assert_eq!(it.refused(&token).await, Some(Refused::Time), "what is remembered ends too");
    let other = it.idp.access_token(json!({"sub": "U-1"}));
    assert_eq!(it.verify(&other).await.unwrap().id, "sub_1", "another subject is somebody else");
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_told_before_anything_is_asked() {
    let it = Fixture::with(|settings| settings.claims.team = Some("department".to_owned())).await;
    let now = it.clock.now().as_secs();
    let good = it.idp.access_token(json!({}));
    let (head, rest) = good.split_once('.').unwrap();
    let long = it.idp.access_token(json!({"padding": "x".repeat(8 * 1024)}));
    for token in ["", "..", "a.b.c", &format!("{head}.{rest}\0"), &format!("{head}. {rest}"), &long] {
        assert_eq!(it.refused(token).await, Some(Refused::Malformed), "{token:.40}");
    }
    for (claims, refused) in [
        (json!({"iss": "https://idp.example"}), Refused::Issuer),
        (json!({"aud": "account"}), Refused::Audience),
        (json!({"aud": null}), Refused::Audience),
        (json!({"exp": now - 61}), Refused::Time),
        (json!({"exp": null}), Refused::Time),
        (json!({"nbf": now + 61}), Refused::Time),
        (json!({"sub": null}), Refused::Subject),
    ] {
        assert_eq!(it.refused(&it.idp.access_token(claims.clone())).await, Some(refused), "{claims}");
    }
    for algorithm in ["none", "HS256", "RS256", "ES384"] {
        it.idp.change(|mood| *mood = Mood { algorithm: algorithm.to_owned(), ..Mood::default() });
        assert_eq!(it.refused(&it.idp.access_token(json!({}))).await, Some(Refused::Algorithm), "{algorithm}");
    }
    assert_eq!(it.counts(), (0, 0), "nobody was asked");
    it.idp.change(|mood| *mood = Mood::default());
    for claims in [
        json!({"sub": "a\u{0}b"}),
        json!({"preferred_username": "a\u{202e}b"}),
        json!({"preferred_username": ""}),
        json!({"preferred_username": 1}),
        json!({"preferred_username": "x".repeat(257)}),
        json!({"department": null}),
        json!({"department": {"name": "research"}}),
        json!({"department": []}),
        json!({"department": ["a\nb"]}),
    ] {
        assert_eq!(it.refused(&it.idp.access_token(claims.clone())).await, Some(Refused::Subject), "{claims}");
    }
    let other = Idp::start(&it.clock).await.unwrap();
    let forged = other.access_token(json!({"iss": it.idp.issuer()}));
    assert_eq!(it.refused(&forged).await, Some(Refused::Signature));
    assert_eq!(it.register.0.load(Ordering::Relaxed), 0, "and nobody was written down");
    assert_eq!(it.verify(&good).await.unwrap().team.as_deref(), Some("research"));
}

#[tokio::test]
async fn claims_may_lead_inside_and_a_list_means_its_first() {
    let it = Fixture::with(|settings| {
        settings.claims = JwtClaims {
            subject: "oid".to_owned(),
            user: Some("email".to_owned()),
            team: Some("realm.teams".to_owned()),
            application: Some("azp".to_owned()),
        };
    });
    let it = it.await;
    let claims = json!({"oid": "o-7", "email": "alice@example.test", "realm": {"teams": ["red", "blue"]}});
    let found = it.verify(&it.idp.access_token(claims)).await.unwrap();
    assert_eq!((found.who.subject.as_str(), found.name.as_str()), ("o-7", "alice@example.test"));
    assert_eq!((found.team.as_deref(), found.application.as_deref()), (Some("red"), Some("an-application")));
}

#[tokio::test]
async fn keys_that_change_are_fetched_and_what_the_old_ones_signed_counts_no_more() {
    let it = Fixture::with(|_| {}).await;
    let old = it.idp.access_token(json!({}));
    it.verify(&old).await.unwrap();
    it.idp.rotate().unwrap();
    let new = it.idp.access_token(json!({}));
    assert_eq!(it.refused(&new).await, Some(Refused::UnknownKey), "they were fetched just now");
    it.clock.advance(keys::AGAIN);
    it.verify(&new).await.unwrap();
    assert_eq!(it.refused(&old).await, Some(Refused::UnknownKey), "though it was remembered");
    assert_eq!(it.idp.count("keys"), 2);
}

#[tokio::test]
async fn a_flood_of_made_up_keys_does_not_become_a_flood_of_questions() {
    let it = Fixture::with(|_| {}).await;
    let good = it.idp.access_token(json!({}));
    it.verify(&good).await.unwrap();
    it.idp.change(|mood| mood.hides_key = true);
    let junk: Vec<String> = (0..2_000).map(|at| it.idp.access_token(json!({ "jti": at }))).collect();
    for _ in 0..3 {
        it.clock.advance(keys::AGAIN);
        let before = it.idp.count("keys");
        let all = futures_util::future::join_all(junk.iter().map(|token| it.verify(token))).await;
        assert!(all.iter().all(Result::is_err));
        assert_eq!(it.idp.count("keys"), before + 1);
        it.verify(&good).await.unwrap();
    }
}

#[tokio::test]
async fn known_keys_count_for_a_while_when_the_issuer_is_down_and_then_no_token_does() {
    let it = Fixture::with(|settings| settings.keys_kept = Duration::from_secs(600)).await;
    let long = || it.idp.access_token(json!({"exp": START.as_secs() + 100_000}));
    it.verify(&long()).await.unwrap();
    it.idp.change(|mood| mood.is_down = true);
    it.clock.advance(Duration::from_secs(599));
    let remembered = long();
    it.verify(&remembered).await.unwrap();
    while it.jwt.counts().failed == 0 {
        tokio::task::yield_now().await;
    }
    let counts = it.jwt.counts();
    assert!(counts.usable && counts.failure == Some("it answers with an error"), "{counts:?}");
    it.clock.advance(Duration::from_secs(1));
    assert_eq!(it.verify(&remembered).await, Err(Unbelieved::NoKeys));
    assert!(!it.jwt.counts().usable);
    it.idp.change(|mood| mood.is_down = false);
    assert_eq!(it.verify(&remembered).await, Err(Unbelieved::NoKeys), "not asked again at once");
    it.clock.advance(keys::AGAIN);
    it.verify(&remembered).await.unwrap();
    assert_eq!((it.jwt.counts().usable, it.jwt.counts().failure), (true, None));
}

#[tokio::test]
async fn keys_that_are_used_are_looked_after_beside_the_requests() {
    let it = Fixture::with(|_| {}).await;
    let token = it.idp.access_token(json!({"exp": START.as_secs() + 100_000}));
    it.verify(&token).await.unwrap();
    it.clock.advance(Duration::from_secs(301));
    it.verify(&token).await.unwrap();
    while it.jwt.counts().fetched < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(it.jwt.counts().age, Some(Duration::ZERO));
    it.verify(&token).await.unwrap();
}

#[tokio::test]
async fn keys_are_fetched_only_where_the_operator_said_that_they_may_be() {
    let clock = Clock::manual(START);
    let other = Idp::start(&clock).await.unwrap();
    let it = Fixture::with(|_| {}).await;
    let token = it.idp.access_token(json!({}));
    it.idp.change(|mood| mood.issuer = Some("https://idp.example".to_owned()));
    assert_eq!(it.verify(&token).await, Err(Unbelieved::NoKeys));
    assert_eq!(it.jwt.counts().failure, Some("its document names another issuer"));
    it.idp.change(|mood| {
        *mood = Mood { keys: Some(format!("{}/keys", other.issuer())), ..Mood::default() };
    });
    it.clock.advance(keys::AGAIN);
    assert_eq!(it.verify(&token).await, Err(Unbelieved::NoKeys));
    assert_eq!((it.jwt.counts().failure.is_some(), other.count("keys")), (true, 0), "somebody else's keys");
    let named = Fixture::with(|settings| settings.jwks_uri = Some(format!("{}/keys", settings.issuer))).await;
    named.verify(&named.idp.access_token(json!({}))).await.unwrap();
    assert_eq!(named.counts(), (0, 1), "no document is needed");
}
