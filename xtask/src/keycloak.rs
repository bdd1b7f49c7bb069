//! A real identity provider for the second tier of tests.

use crate::process::{self, Failure, command, is_there, root};
use std::path::PathBuf;

/// One that runs until this is dropped.
pub(crate) struct Keycloak(PathBuf);

impl Keycloak {
    /// Starts it, and fetches it when it is not there yet.
    pub(crate) fn start() -> Result<Self, Failure> {
        if !is_there("mvn") || !is_there("java") {
            return Err(Failure(
                "the identity provider of the second tier needs mvn and Java 17 or newer; on Debian: apt-get install maven"
                    .to_owned(),
            ));
        }
        let keycloak = Self(root().join(".cache/keycloak"));
        process::run("identity provider", &mut keycloak.script("start"))?;
        Ok(keycloak)
    }

    /// The file with its issuer, client and user.
    pub(crate) fn environment(&self) -> PathBuf {
        self.0.join("env")
    }

    fn script(&self, what: &str) -> std::process::Command {
        let mut script = command(root().join("xtask/services/keycloak.sh"));
        script.arg(what).arg(&self.0);
        script
    }
}

impl Drop for Keycloak {
    fn drop(&mut self) {
        // What is left is stopped by the next start.
        drop(self.script("stop").status());
    }
}
