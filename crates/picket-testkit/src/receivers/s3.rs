//! A bucket that verifies signatures, and keeps what is there already.

use crate::receivers::http::{Ask, Reply, Server, locked};
use ring::{digest, hmac};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

/// A service with one bucket, addressed by paths.
#[derive(Debug)]
pub struct Buckets {
    server: Server,
    objects: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

struct Owner {
    id: String,
    key: String,
    region: String,
    bucket: String,
}

impl Buckets {
    /// Starts one for the owner of an access key.
    pub fn start(id: &str, key: &str, region: &str, bucket: &str) -> io::Result<Self> {
        let objects: Arc<Mutex<BTreeMap<String, Vec<u8>>>> = Arc::default();
        let keeping = Arc::clone(&objects);
        let owner = Owner { id: id.into(), key: key.into(), region: region.into(), bucket: bucket.into() };
        Ok(Self { server: Server::start(move |ask| owner.answer(ask, &keeping))?, objects })
    }

    /// The server under it.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Objects by their names.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        locked(&self.objects).clone()
    }
}

fn error(status: u16, code: &str) -> Reply {
    Reply::html(status, &format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code></Error>"))
}

fn hex(bytes: &[u8]) -> String {
    picket_stdx::encode::hex(bytes)
}

impl Owner {
    fn answer(&self, ask: &Ask, objects: &Mutex<BTreeMap<String, Vec<u8>>>) -> Reply {
        if let Err(reply) = self.verify(ask) {
            return reply;
        }
        let path: String = form_urlencoded::parse(format!("p={}", ask.path).as_bytes()).map(|(_, path)| path).collect();
        let Some(name) = path.strip_prefix(&format!("/{}/", self.bucket)) else { return error(404, "NoSuchBucket") };
        if ask.method != "PUT" {
            return error(405, "MethodNotAllowed");
        }
        let mut objects = locked(objects);
        if ask.header("if-none-match") == Some("*") && objects.contains_key(name) {
            return error(412, "PreconditionFailed");
        }
        objects.insert(name.to_owned(), ask.body.clone());
        Reply::empty(200).with("etag", "\"0\"")
    }

    fn verify(&self, ask: &Ask) -> Result<(), Reply> {
        let denied = || error(403, "AccessDenied");
        let value = ask.header("authorization").ok_or_else(denied)?;
        let parts = value.strip_prefix("AWS4-HMAC-SHA256 ").ok_or_else(denied)?;
        let part = |name: &str| parts.split(',').find_map(|part| part.trim().strip_prefix(name)).ok_or_else(denied);
        let (credential, signed, signature) = (part("Credential=")?, part("SignedHeaders=")?, part("Signature=")?);
        let moment = ask.header("x-amz-date").ok_or_else(denied)?;
        let day = moment.get(..8).unwrap_or_default();
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        if !credential.starts_with(&format!("{}/", self.id)) {
            return Err(error(403, "InvalidAccessKeyId"));
        }
        if credential != format!("{}/{scope}", self.id) {
            return Err(error(400, "AuthorizationHeaderMalformed"));
        }
        let body = hex(digest::digest(&digest::SHA256, &ask.body).as_ref());
        if ask.header("x-amz-content-sha256") != Some(&body) {
            return Err(error(400, "XAmzContentSHA256Mismatch"));
        }
        // What is not signed may have been changed on the way.
        for needed in ["host", "if-none-match", "x-amz-content-sha256", "x-amz-date"] {
            if !signed.split(';').any(|name| name == needed) {
                return Err(denied());
            }
        }
        let headers = signed.split(';').map(|name| format!("{name}:{}\n", ask.header(name).unwrap_or_default()));
        let headers: String = headers.collect();
        let canonical = format!("{}\n{}\n{}\n{headers}\n{signed}\n{body}", ask.method, ask.path, ask.query);
        let hashed = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let to_sign = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}");
        let mut key = format!("AWS4{}", self.key).into_bytes();
        for part in [day, &self.region, "s3", "aws4_request"] {
            key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
        }
        let expected = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), to_sign.as_bytes());
        if hex(expected.as_ref()) == signature { Ok(()) } else { Err(error(403, "SignatureDoesNotMatch")) }
    }
}
