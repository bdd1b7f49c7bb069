//! Recovery codes: for who lost the device that makes his codes. Ten, each good once.

use crate::Identity;
use picket_db::Tx;
use picket_stdx::{encode, random};
use rusqlite::params;

const CODES: usize = 10;
const CODE_BYTES: usize = 10;

impl Identity {
    /// New codes of a user, instead of those that he had. They are shown once.
    pub(crate) fn new_recovery_codes(&self, tx: &mut Tx<'_>, user: &str) -> Result<Vec<String>, rusqlite::Error> {
        let connection = tx.connection();
        connection.execute("DELETE FROM recovery_code WHERE user = ?1", params![user])?;
        let mut codes = Vec::with_capacity(CODES);
        for _ in 0..CODES {
            let code = encode::base32(&random::bytes::<CODE_BYTES>());
            connection.execute(
                "INSERT INTO recovery_code (user, digest) VALUES (?1, ?2)",
                params![user, self.recovery_digest(user, &code)],
            )?;
            codes.push(grouped(&code));
        }
        Ok(codes)
    }

    /// Uses a code up; whether it was one of the user's.
    pub(crate) fn use_recovery_code(
        &self,
        tx: &mut Tx<'_>,
        user: &str,
        digest: &[u8; 32],
    ) -> Result<bool, rusqlite::Error> {
        let gone =
            tx.connection().execute("DELETE FROM recovery_code WHERE user = ?1 AND digest = ?2", params![user, digest]);
        gone.map(|gone| gone > 0)
    }

    /// What is kept of a code, however it was typed.
    pub(crate) fn recovery_digest(&self, user: &str, code: &str) -> [u8; 32] {
        let plain = code.chars().filter(|character| !matches!(character, '-' | ' ')).take(64);
        let plain: String = plain.map(|character| character.to_ascii_lowercase()).collect();
        self.0.keyring.keyed_hash("recovery-code/v1", format!("{user}\0{plain}").as_bytes())
    }
}

/// Four characters at a time, for whoever copies them by hand.
fn grouped(code: &str) -> String {
    let characters: Vec<char> = code.chars().collect();
    characters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}
