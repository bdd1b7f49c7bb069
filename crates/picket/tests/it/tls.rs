//! TLS on both listeners, with an authority of one's own.

use crate::harness::Product;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::path::Path;
use std::process::Command;

/// Writes an authority, and a certificate for `localhost` that it vouches for.
fn certify(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority of a test");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    std::fs::write(folder.join("server.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
}

#[test]
fn clients_that_trust_the_authority_get_through_and_others_do_not() {
    let mut product = Product::start();
    certify(product.folder.path());
    product.reconfigure(|text, folder| {
        let place = folder.display();
        let tls = format!("tls: {{ certificate: {place}/server.pem, key: {place}/server.key }}");
        text.replace("threads: 1", &format!("threads: 1, {tls}"))
            .replace("api: { listen: 127.0.0.1:0 }", &format!("api: {{ listen: 127.0.0.1:0, {tls} }}"))
    });
    let url = product.api.replace("http://", "https://");
    let list = |ca: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_picket"));
        command.args(["events", "list", "--format", "json", "--url", &url]);
        command.env("PICKET_TOKEN", &product.token).env_remove("PICKET_CA");
        if let Some(ca) = ca {
            command.arg("--ca").arg(product.folder.path().join(ca));
        }
        command.output().unwrap()
    };
    let trusting = list(Some("ca.pem"));
    assert!(trusting.status.success(), "{}", String::from_utf8_lossy(&trusting.stderr));
    for (ca, code, cause) in [(None, 7, "cannot connect"), (Some("server.key"), 2, "no usable authorities")] {
        let refused = list(ca);
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(code), "{ca:?}: {error}");
        assert!(error.contains(cause), "{ca:?}: {error}");
    }
    let gateway = product.gateway.replace("http://", "https://");
    let asked = Command::new("curl")
        .args(["--silent", "--show-error", "--fail-with-body", "--cacert"])
        .arg(product.folder.path().join("ca.pem"))
        .args(["-H", &format!("authorization: Bearer {}", product.key), &format!("{gateway}/v1/models")])
        .output()
        .unwrap();
    assert!(asked.status.success(), "{asked:?}");
    assert!(String::from_utf8_lossy(&asked.stdout).contains("\"object\":\"list\""));
}
