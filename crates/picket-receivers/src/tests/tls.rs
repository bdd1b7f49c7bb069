//! Servers that ask who their clients are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Certificate and key of an authority's client.
pub(crate) fn client(authority: &Authority) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["picket.example".to_owned()]).unwrap().signed_by(&key, authority);
    (pem("CERTIFICATE", certificate.unwrap().der()), pem("PRIVATE KEY", key.serialized_der()))
}

pub(crate) fn pem(what: &str, der: &[u8]) -> String {
    format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", STANDARD.encode(der))
}

/// When a server looks at names.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Names {
    Never,
    /// When the handshake is over; it takes nobody, and says nothing.
    Afterwards,
    /// When it read something; then it ends by an alert.
    Later,
}

/// A server that demands certificates of an authority; and how many bytes it read of its clients.
pub(crate) async fn server(authority: &Authority, names: Names) -> (String, Arc<AtomicUsize>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, authority).unwrap();
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = builder.with_client_cert_verifier(verifier);
    let config = config.with_single_cert(vec![certificate.der().clone()], key.into()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (acceptor, read) = (TlsAcceptor::from(Arc::new(config)), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&read);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            if names == Names::Afterwards {
                continue;
            }
            let mut buffer = [0; 4_096];
            while let Ok(bytes @ 1..) = stream.read(&mut buffer).await {
                counted.fetch_add(bytes, Ordering::SeqCst);
                if names == Names::Later {
                    // What is no record of TLS is answered to by an alert.
                    let (mut plain, mut session) = stream.into_inner();
                    session.read_tls(&mut &b"no record of TLS"[..]).unwrap();
                    session.process_new_packets().unwrap_err();
                    let mut alert = Vec::new();
                    session.write_tls(&mut alert).unwrap();
                    plain.write_all(&alert).await.unwrap();
                    break;
                }
            }
        }
    });
    (address, read)
}
