//! Sealing and opening one body.

use crate::commitment;
use crate::table::BodyError;
use aes_gcm::aead::AeadInOut as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};
use hkdf::Hkdf;
use picket_event::{BodyClass, BodyRef};
use picket_keys::Key;
use picket_stdx::limits::STORED_BODY_BYTES_MAX;
use picket_stdx::random;
use sha2::Sha256;
use std::cell::RefCell;
use zeroize::Zeroizing;

const SALT_BYTES: usize = 32;
const COMPRESS_FROM_BYTES: usize = 512;
const COMPRESSION_LEVEL: i32 = 1;
/// From here on it pays to make the tables of zstd; what is shorter takes a fifth of the time with LZ4.
const TABLES_FROM_BYTES: usize = 4 * 1_024;
/// Commitments hide the length of short bodies: sizes are rounded up to this.
const SIZE_STEP: u64 = 64;

/// A body before it is sealed.
#[derive(Debug, Clone)]
pub struct NewBody<'a> {
    /// Role, unique within its entry: letters, digits, `_` and `.`, at most 32.
    pub role: &'a str,
    /// Class.
    pub class: BodyClass,
    /// Media type.
    pub media_type: &'static str,
    /// The bytes; what is beyond the limit is cut, and the body marked as truncated.
    pub bytes: &'a [u8],
    /// Whether it was cut before.
    pub truncated: bool,
}

/// A body ready for its row.
#[derive(Debug, Clone)]
pub struct SealedBody {
    /// What the log entry holds.
    pub reference: BodyRef,
    pub(crate) commitment: [u8; 32],
    pub(crate) class: BodyClass,
    pub(crate) media_type: &'static str,
    pub(crate) flags: u8,
    pub(crate) generation: u32,
    pub(crate) seed: [u8; 32],
    pub(crate) ciphertext: Vec<u8>,
}

impl SealedBody {
    /// Bytes that it takes up.
    pub fn stored_bytes(&self) -> usize {
        self.ciphertext.len()
    }
}

pub(crate) const TRUNCATED: u8 = 1;
/// Compressed with zstd.
pub(crate) const ZSTD: u8 = 2;
/// Compressed with LZ4, after the length in four bytes, little endian.
pub(crate) const LZ4: u8 = 4;

thread_local! {
    static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

pub(crate) fn seal(log: &str, body: &NewBody<'_>, generation: u32, kek: &Key) -> SealedBody {
    let kept = body.bytes.get(..STORED_BODY_BYTES_MAX).unwrap_or(body.bytes);
    let truncated = body.truncated || kept.len() < body.bytes.len();
    let random: [u8; SALT_BYTES + 32] = random::bytes();
    let (salt, seed) = random.split_at(SALT_BYTES);
    let seed: [u8; 32] = seed.try_into().unwrap_or([0; 32]);
    let commitment = commitment::of(salt, kept);
    let commit = commitment::text(&commitment);
    let compressed = compress(kept);
    let (stored, how) = compressed.as_ref().map_or((kept, 0), |(bytes, how)| (bytes.as_slice(), *how));
    let flags = how | if truncated { TRUNCATED } else { 0 };
    let mut ciphertext = Vec::with_capacity(SALT_BYTES + stored.len() + 16);
    ciphertext.extend_from_slice(salt);
    ciphertext.extend_from_slice(stored);
    // The key exists for this one message, so the nonce may be constant. Encryption fails only beyond 64 GiB.
    let encrypted =
        cipher(kek, &seed).encrypt_in_place(&NONCE.into(), &context(log, body.role, &commit, flags), &mut ciphertext);
    debug_assert!(encrypted.is_ok(), "a body is far below the limit of the cipher");
    let size = u64::try_from(kept.len()).unwrap_or(u64::MAX).next_multiple_of(SIZE_STEP);
    let reference = BodyRef { commit, role: body.role.to_owned(), size };
    SealedBody {
        reference,
        commitment,
        class: body.class,
        media_type: body.media_type,
        flags,
        generation,
        seed,
        ciphertext,
    }
}

/// What opening needs besides the key.
pub(crate) struct Sealed<'a> {
    pub(crate) log: &'a str,
    pub(crate) role: &'a str,
    pub(crate) commit: &'a str,
    pub(crate) flags: u8,
    pub(crate) seed: &'a [u8; 32],
    pub(crate) ciphertext: Vec<u8>,
}

/// The bytes and the salt; checks the commitment.
pub(crate) fn open(sealed: Sealed<'_>, kek: &Key) -> Result<(Vec<u8>, [u8; SALT_BYTES]), BodyError> {
    let mut plain = sealed.ciphertext;
    let context = context(sealed.log, sealed.role, sealed.commit, sealed.flags);
    cipher(kek, sealed.seed).decrypt_in_place(&NONCE.into(), &context, &mut plain).map_err(|_| BodyError::Damaged)?;
    let (salt, stored) = plain.split_first_chunk::<SALT_BYTES>().ok_or(BodyError::Damaged)?;
    let bytes = match sealed.flags & (ZSTD | LZ4) {
        0 => stored.to_vec(),
        ZSTD => zstd::bulk::decompress(stored, STORED_BODY_BYTES_MAX).map_err(|_| BodyError::Damaged)?,
        LZ4 => unpack(stored).ok_or(BodyError::Damaged)?,
        _ => return Err(BodyError::Damaged),
    };
    if commitment::text(&commitment::of(salt, &bytes)) == sealed.commit {
        Ok((bytes, *salt))
    } else {
        Err(BodyError::Damaged)
    }
}

const NONCE: [u8; 12] = [0; 12];

fn cipher(kek: &Key, seed: &[u8; 32]) -> Aes256Gcm {
    let mut dek = Zeroizing::new([0; 32]);
    // 32 bytes are within what HKDF can expand to.
    Hkdf::<Sha256>::new(Some(seed), kek.bytes()).expand(b"picket/body-dek/v1", dek.as_mut_slice()).unwrap_or_default();
    Aes256Gcm::new((&*dek).into())
}

fn context(log: &str, role: &str, commit: &str, flags: u8) -> Vec<u8> {
    [b"body/v1\0", log.as_bytes(), b"\0", role.as_bytes(), b"\0", commit.as_bytes(), b"\0", &[flags]].concat()
}

/// The bytes in fewer bytes, and how; `None` if that saves next to nothing.
fn compress(bytes: &[u8]) -> Option<(Vec<u8>, u8)> {
    if bytes.len() < COMPRESS_FROM_BYTES {
        return None;
    }
    let (packed, how) = if bytes.len() < TABLES_FROM_BYTES {
        (lz4_flex::block::compress_prepend_size(bytes), LZ4)
    } else {
        (zstd(bytes)?, ZSTD)
    };
    (packed.len() < bytes.len() - bytes.len() / 16).then_some((packed, how))
}

fn zstd(bytes: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|slot| {
        let compressor = match slot {
            Some(compressor) => compressor,
            None => slot.insert(zstd::bulk::Compressor::new(COMPRESSION_LEVEL).ok()?),
        };
        compressor.compress(bytes).ok()
    })
}

fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let (length, packed) = packed.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length > STORED_BODY_BYTES_MAX {
        return None;
    }
    lz4_flex::block::decompress(packed, length).ok()
}
