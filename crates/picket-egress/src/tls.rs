//! Whom this side believes, and who it says it is.

use crate::EgressError;
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    WantsVerifier,
};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// TLS 1.2 and 1.3 with what the provider holds for safe.
pub(crate) fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, EgressError> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(EgressError::Tls)
}

/// Why a PEM text cannot be read, without a word of it: a key may stand where a certificate should.
pub fn pem_fault(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { .. } => {
            "a block of PEM has no `-----END …-----` on a line of its own; were its line breaks lost?".to_owned()
        }
        pem::Error::IllegalSectionStart { .. } => {
            "a line begins with `-----BEGIN` and does not end with `-----`".to_owned()
        }
        pem::Error::Base64Decode(_) => "a block of PEM is not in base64".to_owned(),
        pem::Error::NoItemsFound => "there is no such block of PEM".to_owned(),
        pem::Error::Io(error) => error.to_string(),
        _ => "it is no PEM that can be read".to_owned(),
    }
}

/// The authorities of a PEM file.
pub(crate) fn authorities(pem: &[u8]) -> Result<RootCertStore, EgressError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| EgressError::Authorities(pem_fault(&error)))?;
        roots.add(certificate).map_err(|error| EgressError::Authorities(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(EgressError::Authorities("this is no PEM file with `BEGIN CERTIFICATE`".to_owned()));
    }
    Ok(roots)
}

/// The authorities of a PEM file, or without one the public ones.
pub(crate) fn roots(pem: Option<&[u8]>) -> Result<RootCertStore, EgressError> {
    pem.map_or_else(|| Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()), authorities)
}

/// The certificates and the key by which this side says who it is.
pub(crate) fn identity(
    certificates: &[u8],
    key: &[u8],
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), EgressError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificates).collect();
    let chain = chain.map_err(|error| EgressError::Identity(pem_fault(&error)))?;
    if chain.is_empty() {
        return Err(EgressError::Identity("the certificate is no PEM with `BEGIN CERTIFICATE`".to_owned()));
    }
    // The error of a key is not shown: it may hold a piece of it.
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|_error| EgressError::Identity("the key is no PEM with `BEGIN PRIVATE KEY`".to_owned()))?;
    Ok((chain, key))
}

/// Believes one certificate, whoever signed it and whatever its name is (RFC 5425, section 5.2).
#[derive(Debug)]
pub(crate) struct Pinned {
    /// SHA-256 of it.
    pub(crate) fingerprint: [u8; 32],
    pub(crate) provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if Sha256::digest(end_entity)[..] == self.fingerprint {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Answers with what another answers, and counts how often servers asked.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) answers: Arc<dyn ResolvesClientCert>,
    pub(crate) times: Arc<AtomicUsize>,
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.times.fetch_add(1, Ordering::Relaxed);
        self.answers.resolve(issuers, schemes)
    }

    fn has_certs(&self) -> bool {
        self.answers.has_certs()
    }

    fn only_raw_public_keys(&self) -> bool {
        self.answers.only_raw_public_keys()
    }
}
