//! The control API behind a certificate of a private authority.

use crate::commands::run;
use crate::harness::Product;
use base64::Engine as _;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::path::Path;

fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// Makes an authority: its certificate in `NAME.pem`, and what it signs with.
fn authority(folder: &Path, name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // What has its issuer's name is self-signed to some.
    params.distinguished_name.push(DnType::CommonName, format!("authority {name}"));
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.join(format!("{name}.pem")), pem("CERTIFICATE", issuer.der())).unwrap();
    issuer
}

#[test]
fn a_private_authority_is_trusted_where_it_is_named_and_only_there() {
    let mut product = Product::start();
    let folder = product.folder.path().to_owned();
    let (ours, _other) = (authority(&folder, "ours"), authority(&folder, "other"));
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &ours).unwrap();
    std::fs::write(folder.join("server.pem"), pem("CERTIFICATE", certificate.der())).unwrap();
    std::fs::write(folder.join("server.key"), pem("PRIVATE KEY", &key.serialize_der())).unwrap();
    std::fs::write(folder.join("empty.pem"), "nothing\n").unwrap();
    product.reconfigure(|text, folder| {
        let tls = format!("tls: {{ certificate: {0}/server.pem, key: {0}/server.key }}", folder.display());
        text.replace("threads: 1", &format!("threads: 1, {tls}"))
            .replace("api: { listen: 127.0.0.1:0 }", &format!("api: {{ listen: 127.0.0.1:0, {tls} }}"))
    });
    product.api = product.api.replace("http://", "https://");
    for (command, code, message) in [
        ("kt events list", 7, "--ca or PICKET_CA names the file"),
        ("kt events list --ca other.pem", 7, "invalid peer certificate"),
        ("kt events list --ca absent.pem", 2, "absent.pem: "),
        ("kt events list --ca empty.pem", 2, "BEGIN CERTIFICATE"),
        ("kt events list --ca ours.pem", 0, ""),
        ("PICKET_CA=ours.pem kt events list", 0, ""),
        ("PICKET_CA=other.pem kt --ca ours.pem events list", 0, ""),
        ("timeout 60 kt events tail --for 1s --ca ours.pem", 0, ""),
        // What `login` was given, later commands know, wherever they run.
        ("PICKET_TOKEN=$API_TOKEN kt auth login --ca ours.pem", 0, "stored in"),
        ("cd / && env -u PICKET_URL kt events list", 0, ""),
    ] {
        let output = run(&product, command);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{command}: {error}");
        assert!(error.contains(message), "{command}: {error}");
    }
    let gateway = product.gateway.replace("http://", "https://");
    let asked = run(
        &product,
        &format!(
            "curl --silent --show-error --fail-with-body --cacert ours.pem -H 'authorization: Bearer {}' {gateway}/v1/models",
            product.key
        ),
    );
    assert!(asked.status.success(), "{asked:?}");
    assert!(String::from_utf8_lossy(&asked.stdout).contains("\"object\":\"list\""));
}
