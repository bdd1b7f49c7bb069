//! Names that secrets are given, and how much a name says of its value.

/// What the names of secrets have in them, in small letters.
pub(super) const NAMES: &[&str] =
    &["pass", "pwd", "pswd", "psw", "pasw", "pssw", "pw", "secret", "token", "key", "auth", "cred", "salt", "nonce"];
/// Names in other languages, which need no second look.
pub(super) const WORDS: &[&str] = &[
    "convertto-securestring",
    "convertto-securestring -string",
    "kennwort",
    "contraseña",
    "contrasena",
    "senha",
    "mot de passe",
    "parola",
    "wachtwoord",
    "hasło",
    "heslo",
    "jelszó",
    "salasana",
    "lösenord",
    "şifre",
    "пароль",
    "密码",
    "密碼",
    "口令",
    "パスワード",
    "비밀번호",
    "패스워드",
    "암호",
    "kata sandi",
    "mật khẩu",
    "รหัสผ่าน",
    "كلمة المرور",
    "סיסמה",
    "पासवर्ड",
];

/// How much a name says of its value, from the least on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// It may be a secret: a key, a salt.
    Weak,
    /// It is a token or a key.
    Token,
    /// It is a password, which people choose.
    Password,
}

/// Words of a name that are looked at.
const PARTS_MAX: usize = 12;

/// Last words that make something else of a name: what a secret is called, where it is, what it is like.
const OTHERS: &[&str] = &[
    "id",
    "ids",
    "name",
    "names",
    "url",
    "uri",
    "urls",
    "file",
    "files",
    "filename",
    "path",
    "paths",
    "dir",
    "folder",
    "version",
    "size",
    "length",
    "len",
    "type",
    "types",
    "count",
    "limit",
    "max",
    "min",
    "ref",
    "arn",
    "label",
    "title",
    "desc",
    "description",
    "field",
    "column",
    "index",
    "policy",
    "prefix",
    "suffix",
    "format",
    "expiry",
    "expires",
    "expiration",
    "ttl",
    "timeout",
    "date",
    "time",
    "endpoint",
    "host",
    "issuer",
    "provider",
    "enabled",
    "required",
    "regex",
    "pattern",
    "hint",
    "prompt",
    "placeholder",
    "status",
    "state",
    "selector",
    "vault",
    "store",
    "manager",
    "class",
    "alias",
    "algorithm",
    "alg",
    "hash",
    "digest",
    "fingerprint",
    "checksum",
    "usage",
    "chars",
    "source",
    "location",
    "group",
    "style",
    "button",
    "form",
    "page",
    "link",
    "handler",
    "service",
    "server",
    "variable",
    "kind",
    "mode",
    "code",
    "event",
    "error",
    "result",
    "results",
    "domain",
    "scope",
    "scopes",
    "audience",
    "owner",
];
/// Words that make something public of a name, wherever they stand.
const PUBLIC: &[&str] = &[
    "public",
    "pub",
    "csrf",
    "xsrf",
    "authenticity",
    "locator",
    "identifier",
    "checksum",
    "sha",
    "sha1",
    "sha256",
    "md5",
    "etag",
    "author",
    "authors",
    "authority",
    "hash",
    "pubkey",
    "publickey",
    "publishable",
    "site",
    "sitekey",
];
const PASSWORDS: &[&str] = &[
    "pass", "pwd", "pw", "pswd", "psw", "psswrd", "passcode", "pincode", // As people misspell it.
    "paswd", "pasword", "paswrd", "psswd", "pssword", "pswrd", "psword", "passwrd",
];
const PASSWORD_ENDS: &[&str] =
    &["password", "passwd", "passphrase", "passwort", "passw", "pwd", "passwords", "password1"];
const PASSWORD_STARTS: &[&str] = &["passw", "passphr"];
/// Words that end in `pass` and have nothing to do with it.
const NO_PASSWORDS: &[&str] = &["bypass", "compass", "overpass", "trespass", "surpass", "underpass", "encompass"];
const TOKENS: &[&str] = &["secret", "secrets", "token", "credential", "credentials", "cred", "creds", "bearer"];
const TOKEN_ENDS: &[&str] = &[
    "secret",
    "token",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "authkey",
    "credential",
    "credentials",
    "appkey",
    "encryptionkey",
    "masterkey",
    "apisecret",
];
/// Words before `key` that make a secret of it.
const OF_KEYS: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "priv",
    "auth",
    "authentication",
    "authorization",
    "account",
    "encryption",
    "encrypt",
    "encrypted",
    "enc",
    "aes",
    "des",
    "rsa",
    "hmac",
    "master",
    "license",
    "licence",
    "signing",
    "sign",
    "signature",
    "shared",
    "storage",
    "service",
    "app",
    "application",
    "client",
    "consumer",
    "admin",
    "deploy",
    "ssh",
    "gpg",
    "pgp",
    "jwt",
    "session",
    "cookie",
    "cipher",
    "crypto",
    "security",
    "user",
    "root",
    "webhook",
    "integration",
    "write",
    "read",
    "insert",
    "ingest",
    "subscription",
    "sas",
    "primary",
    "secondary",
    "personal",
    "web",
    "server",
];
const WEAK: &[&str] = &["key", "keys", "auth", "oauth", "authorization", "authentication", "salt", "nonce", "api"];

/// What the words of a name say of its value; `before` is what stands before the name.
pub(super) fn strength(name: &str, before: &str) -> Option<Strength> {
    let is_number = |c: char| c.is_ascii_digit();
    let parts =
        || Parts(name).take(PARTS_MAX).map(|part| part.trim_end_matches(is_number)).filter(|part| !part.is_empty());
    let last = parts().last()?;
    if is_one(last, OTHERS) || parts().any(|part| is_one(part, PUBLIC)) {
        return None;
    }
    let mut previous =
        before.trim_end_matches(' ').rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let mut found = None;
    for part in parts() {
        found = found.max(of_word(part, previous));
        previous = part;
    }
    found
}

fn of_word(word: &str, previous: &str) -> Option<Strength> {
    let is_password = is_one(word, PASSWORDS)
        || ends(word, PASSWORD_ENDS)
        || starts(word, PASSWORD_STARTS)
        || (ends(word, &["pass"]) && word.is_ascii() && !is_one(word, NO_PASSWORDS) && word.len() <= 12);
    if is_password {
        return Some(Strength::Password);
    }
    let is_key = is_one(word, &["key", "keys"]) && is_one(previous, OF_KEYS);
    if is_key || is_one(word, TOKENS) || ends(word, TOKEN_ENDS) {
        return Some(Strength::Token);
    }
    is_one(word, WEAK).then_some(Strength::Weak)
}

fn is_one(word: &str, list: &[&str]) -> bool {
    list.iter().any(|one| one.eq_ignore_ascii_case(word))
}

fn ends(word: &str, list: &[&str]) -> bool {
    let end = |one: &&str| word.len().checked_sub(one.len()).and_then(|at| word.get(at..));
    list.iter().any(|one| end(one).is_some_and(|end| end.eq_ignore_ascii_case(one)))
}

fn starts(word: &str, list: &[&str]) -> bool {
    list.iter().any(|one| word.get(..one.len()).is_some_and(|start| start.eq_ignore_ascii_case(one)))
}

/// The words of a name: `dbPassword`, `DB_PASSWORD` and `db-password` have two, `APIKey` too.
struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start_matches(|c: char| !c.is_alphanumeric());
        let bytes = text.as_bytes();
        let ends = |at: &usize| {
            let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
            let (before, byte, after) = (byte(at - 1), byte(*at), bytes.get(at + 1));
            let capital = byte.is_ascii_uppercase();
            !(byte.is_ascii_alphanumeric() || byte >= 0x80)
                || (capital && (before.is_ascii_lowercase() || before.is_ascii_digit()))
                || (capital && before.is_ascii_uppercase() && after.is_some_and(u8::is_ascii_lowercase))
        };
        let end = (1..bytes.len()).find(ends).unwrap_or(bytes.len());
        let (part, rest) = text.split_at_checked(end)?;
        self.0 = rest;
        (!part.is_empty()).then_some(part)
    }
}
