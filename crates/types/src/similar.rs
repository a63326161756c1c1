//! What somebody may have meant who wrote a code that is not known.

/// Codes that are named when an unknown one is spelt much like them.
const NAMED_MAX: usize = 3;

/// Those of the `known` codes that are spelt much like `code`, at most three, the nearest first.
pub fn similar<'k>(code: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    let far = (code.chars().count() / 4).clamp(1, 3);
    let wanted = code.to_lowercase();
    let distance = |other: &'k str| (distance(&wanted, &other.to_lowercase()), other);
    let mut near: Vec<(usize, &str)> =
        known.into_iter().map(distance).filter(|(distance, _)| *distance <= far).collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(NAMED_MAX).map(|(_, other)| other).collect()
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
    fn a_code_is_similar_to_those_that_a_slip_or_two_turn_into_it() {
        let codes = ["UV2-D2-LAMP", "UV2-D2-LAMP-LL", "MS7-TURBO"];
        assert_eq!(similar("uv2-d2-lapm", codes), ["UV2-D2-LAMP"]);
        assert_eq!(similar("PUMP", codes), [""; 0]);
        assert_eq!(similar("X", ["A", "B", "C", "D"]), ["A", "B", "C"]);
    }
}
