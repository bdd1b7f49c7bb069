//! Signing in through the identity provider: a browser on this machine goes there and comes back to a port of this process.

use super::{Context, keep};
use crate::client::{Client, segment};
use crate::failure::{Failure, Kind};
use crate::output;
use picket_api_types::{SignedIn, SsoSession};
use picket_stdx::{encode, escape, random};
use sha2::{Digest as _, Sha256};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// Bytes of a request that are looked at.
const HEAD_BYTES_MAX: usize = 8 * 1024;
/// How long a connection may say nothing.
const SILENCE_MAX: Duration = Duration::from_secs(5);
const DONE: &str = "You are signed in. You may close this window.\n";

/// Waits for somebody to come back, and stores his session.
pub(super) fn sign_in(context: &Context) -> Result<(), Failure> {
    let client = Client::new(context.profile(None)?, context.verbose)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let verifier = encode::hex(&random::bytes::<32>());
    let challenge = base64url(&Sha256::digest(verifier.as_bytes()));
    let port = listener.local_addr()?.port();
    let url =
        format!("{}/v1/auth/oidc?port={port}&challenge={}", client.url().trim_end_matches('/'), segment(&challenge));
    output::note(&format!("Open this in a browser on this machine:\n\n  {}\n", escape::terminal(&url)));
    let code = loop {
        let (stream, _peer) = listener.accept()?;
        // Others may knock, too: only who brings a code is waited for.
        if let Ok(Some(code)) = heard(&stream) {
            break code;
        }
    };
    let signed_in: SignedIn = client.post_open("/v1/auth/oidc/session", &SsoSession { code, verifier })?;
    context.note(&format!("signed in as {}", escape::terminal(&signed_in.name)));
    keep(context, &client, signed_in.session.as_deref())
}

/// The code in a request for `/?code=…`.
fn heard(mut stream: &TcpStream) -> Result<Option<String>, Failure> {
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    let (mut head, mut buffer) = (Vec::new(), [0; 1_024]);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < HEAD_BYTES_MAX {
        match stream.read(&mut buffer)? {
            0 => break,
            read => head.extend_from_slice(buffer.get(..read).unwrap_or_default()),
        }
    }
    let head = String::from_utf8_lossy(&head);
    let target = head.lines().next().and_then(|line| line.strip_prefix("GET /?code=")?.split(' ').next());
    let is_code = |code: &&str| {
        code.len() == 43 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let code = target.filter(is_code).map(str::to_owned);
    let (status, text) = if code.is_some() { ("200 OK", DONE) } else { ("404 Not Found", "\n") };
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    stream.write_all(answer.as_bytes()).map_err(|error| Failure::new(Kind::General, error))?;
    Ok(code)
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
