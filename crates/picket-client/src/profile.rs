//! Where the server is, and which token to show it: the environment first, then what `auth login` stored.

use crate::failure::{Failure, Kind};
use picket_stdx::fs;
use serde::{Deserialize, Serialize};
use std::env;
use std::path::{Path, PathBuf};

const DEFAULT_URL: &str = "http://127.0.0.1:8081";

/// What `auth login` stores, readable by its owner only.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Stored {
    url: Option<String>,
    token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ca: Option<PathBuf>,
}

/// A server and the token for it.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The server's address.
    pub url: String,
    /// File with the certificates of its authority.
    pub ca: Option<PathBuf>,
    token: Option<String>,
}

impl Profile {
    /// From options, environment and file, in this order.
    pub fn resolve(url: Option<&str>, ca: Option<&Path>, token_file: Option<&Path>) -> Result<Self, Failure> {
        let stored = load()?;
        let from_file = token_file.map(read_token).transpose()?;
        let token = from_file.or_else(|| variable("PICKET_TOKEN")).or_else(|| variable("API_TOKEN")).or(stored.token);
        let url = url.map(str::to_owned).or_else(|| variable("PICKET_URL")).or(stored.url);
        let ca = ca.filter(|path| !path.as_os_str().is_empty()).map(Path::to_owned).or(stored.ca);
        Ok(Self { url: url.unwrap_or_else(|| DEFAULT_URL.to_owned()), ca, token })
    }

    /// The same server with another token.
    #[must_use]
    pub fn with_token(self, token: String) -> Self {
        Self { token: Some(token), ..self }
    }

    /// The token, or a failure that says how to get one.
    pub fn token(&self) -> Result<&str, Failure> {
        self.token.as_deref().ok_or_else(|| {
            Failure::new(Kind::Denied, "no token: set PICKET_TOKEN, or store one with `picket auth login`")
        })
    }
}

/// Stores a server and a token for later commands.
pub fn store(url: &str, token: &str, ca: Option<&Path>) -> Result<PathBuf, Failure> {
    let path = path()?;
    if let Some(folder) = path.parent() {
        fs::create_private_folder(folder)?;
    }
    // Later commands may run elsewhere.
    let ca = ca.map(std::path::absolute).transpose()?;
    let stored = Stored { url: Some(url.to_owned()), token: Some(token.to_owned()), ca };
    fs::write_durably(&path, &serde_json::to_vec_pretty(&stored)?)?;
    Ok(path)
}

/// Forgets the stored token; whether there was one.
pub fn forget() -> Result<bool, Failure> {
    let stored = load()?;
    if stored.token.is_none() {
        return Ok(false);
    }
    fs::write_durably(&path()?, &serde_json::to_vec_pretty(&Stored { token: None, ..stored })?)?;
    Ok(true)
}

/// The first line of a file, or of standard input for `-`, as it stands there.
pub fn read_line(path: &Path) -> Result<String, Failure> {
    let text = whole(path)?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        Err(Failure::usage(format!("{}: the first line is empty", path.display())))
    } else {
        Ok(line.to_owned())
    }
}

/// A token from the first line of a file, or of standard input for `-`.
pub fn read_token(path: &Path) -> Result<String, Failure> {
    let text = whole(path)?;
    let token = text.lines().next().unwrap_or_default().trim();
    if token.is_empty() { Err(Failure::usage("the token is empty")) } else { Ok(token.to_owned()) }
}

fn whole(path: &Path) -> Result<String, Failure> {
    if path == Path::new("-") {
        return Ok(std::io::read_to_string(std::io::stdin())?);
    }
    std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

/// A variable of the environment that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable that somebody named: what it holds, or what is wrong with it, as the end of a sentence about it.
pub fn named_variable(name: &str) -> Result<String, &'static str> {
    match env::var(name) {
        Ok(value) if value.is_empty() => Err("is set and empty"),
        Ok(value) => Ok(value),
        Err(env::VarError::NotPresent) => Err("is not set"),
        Err(env::VarError::NotUnicode(_)) => Err("holds no text"),
    }
}

fn load() -> Result<Stored, Failure> {
    let Ok(path) = path() else { return Ok(Stored::default()) };
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
            Failure::usage(format!("{}: {error}; `picket auth login` writes it anew", path.display()))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Stored::default()),
        Err(error) => Err(Failure::general(format!("{}: {error}", path.display()))),
    }
}

fn path() -> Result<PathBuf, Failure> {
    let folder = variable("XDG_CONFIG_HOME").map(PathBuf::from);
    let home = || variable("HOME").map(|home| PathBuf::from(home).join(".config"));
    let folder = folder.or_else(home).ok_or_else(|| Failure::usage("neither XDG_CONFIG_HOME nor HOME is set"))?;
    Ok(folder.join("picket").join("cli.json"))
}
