//! Codes that the network knows, and what somebody may have meant who wrote another.

use anyhow::{Result, bail};

/// Codes that are named when an unknown one is spelt much like them.
const NAMED_MAX: usize = 3;

/// Refuses a `code` that is not among those `known`, and names those that are spelt much like it. `rule` says what it
/// must be.
pub(super) fn known<'k>(
    option: &str,
    code: &str,
    rule: &str,
    known: impl Iterator<Item = &'k str>,
) -> Result<()> {
    let far = (code.chars().count() / 4).clamp(1, 3);
    let mut near: Vec<(usize, &str)> = Vec::new();
    for other in known {
        if other == code {
            return Ok(());
        }
        let distance = distance(&code.to_lowercase(), &other.to_lowercase());
        if distance <= far {
            near.push((distance, other));
        }
    }
    near.sort_unstable();
    near.dedup();
    let near: Vec<&str> = near.into_iter().take(NAMED_MAX).map(|(_, other)| other).collect();
    if near.is_empty() {
        bail!("{option} {code:?}: {rule}");
    }
    bail!("{option} {code:?}: {rule}; did you mean {}?", near.join(" or "))
}

/// Letters to insert, leave out, replace or swap with their neighbour to come from one word to the other.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for i in 1..=one.len() {
        let mut row = vec![i];
        for j in 1..=other.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
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
