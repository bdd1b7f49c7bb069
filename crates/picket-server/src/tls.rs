//! TLS for listeners.

use crate::build::StartError;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// An acceptor from PEM files.
pub(crate) fn acceptor(files: Option<&(PathBuf, PathBuf)>) -> Result<Option<TlsAcceptor>, StartError> {
    let Some((certificate, key)) = files else { return Ok(None) };
    let unreadable = |path: &Path, error: rustls::pki_types::pem::Error| {
        StartError::Tls(format!("{}: {}", path.display(), picket_egress::pem_fault(&error)))
    };
    let chain = CertificateDer::pem_file_iter(certificate).map_err(|error| unreadable(certificate, error))?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(|error| unreadable(certificate, error))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = builder
        .map_err(|error| StartError::Tls(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| StartError::Tls(error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}
