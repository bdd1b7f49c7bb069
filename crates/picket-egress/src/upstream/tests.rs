use super::*;
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const END_HEADERS: u8 = 4;
const END_OF_STREAM: u8 = 1;

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// A head with a status: the name is one of the fixed table, the value stands as it is.
fn head(status: &str, flags: u8) -> Vec<u8> {
    frame(HEADERS, flags | END_HEADERS, 1, &[&[8, 3], status.as_bytes()].concat())
}

/// A server of HTTP/2 that answers the first request with so many interim answers; its URL and its certificate.
async fn server(interim: usize) -> (String, Vec<u8>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
        stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
        let mut buffer = [0; 4_096];
        let mut seen = Vec::new();
        // The head of the first request.
        while !seen.windows(6).any(|bytes| bytes[0] == HEADERS && bytes[2..] == [0, 0, 0, 1]) {
            let read = stream.read(&mut buffer).await.unwrap();
            seen.extend_from_slice(&buffer[..read]);
        }
        for _ in 0..interim {
            // One who gave up does not take them.
            if stream.write_all(&head("103", 0)).await.is_err() {
                return;
            }
        }
        stream.write_all(&head("204", END_OF_STREAM)).await.unwrap_or_default();
        while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    });
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, certificate.der())
    );
    (url, pem.into_bytes())
}

#[tokio::test]
async fn interim_answers_over_http2_are_bounded() {
    for (interim, expected) in [(0, true), (INTERIM_MAX, true), (INTERIM_MAX * 10, false), (1_000_000, false)] {
        let (url, pem) = server(interim).await;
        let upstream = Upstream::trusting(&url, Limits::default(), &pem).unwrap();
        let sent = upstream.send(Method::GET, "/path", HeaderMap::new(), Bytes::new()).await;
        match sent {
            Ok(answer) => assert_eq!((answer.status().as_u16(), expected), (204, true), "{interim}"),
            Err(error) => assert!(matches!(error, EgressError::Interim(_)) && !expected, "{interim}: {error:?}"),
        }
    }
}
