//! Codes that the network knows, and what somebody may have meant who wrote another.

use anyhow::{Result, bail};
use meridian_types::similar;

/// Refuses a `code` that is not among those `known`, and names those that are spelt much like it. `rule` says what it
/// must be.
pub(super) fn known<'k>(
    option: &str,
    code: &str,
    rule: &str,
    known: impl Iterator<Item = &'k str>,
) -> Result<()> {
    let known: Vec<&str> = known.collect();
    if known.contains(&code) {
        return Ok(());
    }
    let near = similar(code, known);
    if near.is_empty() {
        bail!("{option} {code:?}: {rule}");
    }
    bail!("{option} {code:?}: {rule}; did you mean {}?", near.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_is_not_known_is_refused_with_those_that_are_spelt_like_it() {
        let codes = ["UV2-D2-LAMP", "UV2-D2-LAMP-LL", "MS7-TURBO"];
        let told =
            |code| known("--item", code, "an item", codes.into_iter()).map_err(|error| error.to_string());
        assert_eq!(told("MS7-TURBO"), Ok(()));
        let did_you_mean = "--item \"uv2-d2-lapm\": an item; did you mean UV2-D2-LAMP?";
        assert_eq!(told("uv2-d2-lapm"), Err(did_you_mean.to_owned()));
        assert_eq!(told("PUMP"), Err("--item \"PUMP\": an item".to_owned()));
    }
}
