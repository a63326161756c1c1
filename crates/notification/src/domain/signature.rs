//! Signatures of webhooks, as Standard Webhooks 1.0 has them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a secret.
pub(crate) const SECRET_BYTES: usize = 32;

/// The secret that an endpoint shares with us. It prints as `***`.
#[derive(Clone)]
pub(crate) struct Secret([u8; SECRET_BYTES]);

impl Secret {
    /// A secret of these random bytes.
    pub(crate) const fn new(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes, to be stored.
    pub(crate) const fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As its owner gets it, once: `whsec_` and base64.
    pub(crate) fn reveal(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }

    /// The header `webhook-signature` of one attempt.
    pub(crate) fn sign(&self, webhook_id: &str, timestamp_s: i64, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(format!("{webhook_id}.{timestamp_s}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_sha256_over_id_timestamp_and_body() {
        // Computed with `openssl dgst -sha256 -mac HMAC -macopt hexkey:0101...01`.
        let secret = Secret::new([1; SECRET_BYTES]);
        assert_eq!(
            secret.sign("note_1", 1_795_000_000, "{}"),
            "v1,bOUwNH9WZWRgzkTDQZQaBnJE5H3ZivKVGSGDsnN/wHY="
        );
        assert_eq!(secret.reveal(), "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
        assert_eq!(format!("{secret:?}"), "***");
    }
}
