use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const WITHIN: Duration = Duration::from_secs(5);

fn here() -> [IpNet; 1] {
    ["127.0.0.0/8".parse().unwrap()]
}

/// A certificate of an authority, with its key, as PEM and DER.
struct Party {
    pem: String,
    key: String,
    der: Vec<u8>,
    key_der: Vec<u8>,
}

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        pem("CERTIFICATE", self.0.der())
    }

    fn party(&self, name: &str) -> Party {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        Party {
            pem: pem("CERTIFICATE", certificate.der()),
            key: pem("PRIVATE KEY", key.serialized_der()),
            der: certificate.der().to_vec(),
            key_der: key.serialized_der().to_vec(),
        }
    }
}

fn pem(what: &str, der: &[u8]) -> String {
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
    format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n")
}

/// A server that says what it is told, in capitals; with `clients`, it demands certificates of theirs.
async fn server(party: &Party, clients: Option<&Authority>) -> u16 {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.0.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::Pkcs8(party.key_der.clone().into());
    let config = builder.with_single_cert(vec![party.der.clone().into()], key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut said = [0; 5];
            if stream.read_exact(&mut said).await.is_ok() {
                stream.write_all(&said.to_ascii_uppercase()).await.unwrap_or_default();
                stream.shutdown().await.unwrap_or_default();
            }
        }
    });
    port
}

/// Whether a server is believed, and believes.
async fn talks(port: u16, host: &str, secured: Secured<'_>) -> bool {
    let line = Line::gated(host, port, Some(secured), WITHIN, &here()).unwrap();
    let Ok(mut stream) = line.connect().await else { return false };
    let mut said = String::new();
    stream.write_all(b"hello").await.is_ok()
        && stream.flush().await.is_ok()
        && stream.read_to_string(&mut said).await.is_ok()
        && said == "HELLO"
}

#[tokio::test]
async fn a_server_is_believed_by_authority_and_name_or_by_its_fingerprint() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let party = authority.party("127.0.0.1");
    let port = server(&party, None).await;
    let (ours, theirs) = (authority.pem(), stranger.pem());
    let fingerprint: [u8; 32] = Sha256::digest(&party.der).into();
    let by = |authorities: Option<&'static str>| Secured {
        authorities: authorities.map(str::as_bytes),
        ..Secured::default()
    };
    assert!(talks(port, "127.0.0.1", Secured { authorities: Some(ours.as_bytes()), ..Secured::default() }).await);
    assert!(!talks(port, "127.0.0.1", Secured { authorities: Some(theirs.as_bytes()), ..Secured::default() }).await);
    assert!(!talks(port, "127.0.0.1", by(None)).await);
    // Another name than that of the certificate.
    assert!(!talks(port, "localhost", Secured { authorities: Some(ours.as_bytes()), ..Secured::default() }).await);
    assert!(talks(port, "localhost", Secured { fingerprint: Some(fingerprint), ..Secured::default() }).await);
    assert!(!talks(port, "127.0.0.1", Secured { fingerprint: Some([7; 32]), ..Secured::default() }).await);
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_the_one_that_was_given() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let port = server(&authority.party("127.0.0.1"), Some(&authority)).await;
    let (ours, theirs) = (authority.party("picket.example"), stranger.party("picket.example"));
    let roots = authority.pem();
    for (party, expected) in [(Some(&ours), true), (Some(&theirs), false), (None, false)] {
        let identity = party.map(|party| (party.pem.as_bytes(), party.key.as_bytes()));
        let secured = Secured { authorities: Some(roots.as_bytes()), identity, fingerprint: None };
        assert_eq!(talks(port, "127.0.0.1", secured).await, expected);
    }
    let broken = Secured { identity: Some((ours.pem.as_bytes(), b"no key")), ..Secured::default() };
    let error = Line::gated("siem.example", 6_514, Some(broken), WITHIN, &[]).unwrap_err();
    assert!(matches!(error, EgressError::Identity(_)), "{error:?}");
    // A key where the certificate should be, without its line breaks.
    let lost = ours.key.replace('\n', " ");
    let misplaced = Secured { identity: Some((lost.as_bytes(), ours.key.as_bytes())), ..Secured::default() };
    let error = Line::gated("siem.example", 6_514, Some(misplaced), WITHIN, &[]).unwrap_err().to_string();
    assert!(error.contains("line breaks") && error.len() < 200, "{error}");
    assert!(!error.contains("80, 82, 73") && !error.contains("PRIVATE"), "{error}");
}

#[tokio::test]
async fn a_server_that_asks_and_ends_the_connection_is_told_from_one_that_only_ends_it() {
    let authority = Authority::new();
    let (roots, party) = (authority.pem(), authority.party("127.0.0.1"));
    let secured = Secured { authorities: Some(roots.as_bytes()), ..Secured::default() };
    for (clients, asks) in [(None, false), (Some(&authority), true)] {
        let port = server(&party, clients).await;
        let line = Line::gated("127.0.0.1", port, Some(secured), WITHIN, &here()).unwrap();
        assert!(!line.is_asked());
        // By TLS 1.3 the handshake is over for this side before the server judges.
        line.connect().await.unwrap();
        assert_eq!(line.is_asked(), asks);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let ends = tokio::spawn(async move { drop(listener.accept().await) });
    let line = Line::gated("127.0.0.1", port, Some(secured), WITHIN, &here()).unwrap();
    let error = line.connect().await.unwrap_err();
    ends.await.unwrap();
    assert!(matches!(error, EgressError::Connect(_)) && !error.is_tls() && !line.is_asked(), "{error:?}");
    assert!(EgressError::Refused("it ended the connection".into()).is_tls());
}

/// A server of TLS 1.2 that asks for a certificate, and goes when it gets one.
fn goes_without_a_word(party: &Party, clients: &Authority) -> u16 {
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(clients.0.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS12]);
    let key = PrivateKeyDer::Pkcs8(party.key_der.clone().into());
    let builder = builder.unwrap().with_client_cert_verifier(verifier);
    let config = Arc::new(builder.with_single_cert(vec![party.der.clone().into()], key).unwrap());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // It blocks, so that it has a thread of its own: a worker that blocks may be the one that everybody waits for.
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut session = rustls::ServerConnection::new(config).unwrap();
        // The client's hello, what the server says to it, and the beginning of what the client says then.
        while session.wants_read() && !session.wants_write() {
            session.read_tls(&mut stream).unwrap();
            session.process_new_packets().unwrap();
        }
        while session.wants_write() {
            session.write_tls(&mut stream).unwrap();
        }
        io::Read::read(&mut stream, &mut [0; 16_384]).unwrap();
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_ends_without_a_word_after_the_question_is_a_refusal() {
    let authority = Authority::new();
    let (roots, party) = (authority.pem(), authority.party("127.0.0.1"));
    let port = goes_without_a_word(&party, &authority);
    let secured = Secured { authorities: Some(roots.as_bytes()), ..Secured::default() };
    let line = Line::gated("127.0.0.1", port, Some(secured), WITHIN, &here()).unwrap();
    let error = line.connect().await.unwrap_err();
    assert!(matches!(error, EgressError::Refused(_)) && error.is_tls(), "{error:?}");
}

#[tokio::test]
async fn private_addresses_and_what_is_not_encrypted_need_the_operators_leave() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut texts = std::collections::BTreeSet::new();
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "no-such-name.invalid", "8.8.8.8"] {
        let error = Line::gated(host, port, None, WITHIN, &[]).unwrap().connect().await.unwrap_err();
        let EgressError::Connect(source) = &error else { panic!("{host}: {error:?}") };
        texts.insert(source.to_string());
    }
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(Line::gated("127.0.0.1", port, None, WITHIN, &here()).unwrap().connect().await.is_ok());
    for host in ["", "a b", "user@siem.example", "siem.example/x", "[::1"] {
        assert!(Line::gated(host, 514, None, WITHIN, &here()).is_err() || host == "[::1", "{host}");
    }
}
