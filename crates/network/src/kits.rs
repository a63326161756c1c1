//! What kits consist of, and whether one contains itself.

use std::collections::HashMap;

/// Most items that the description of a cycle names.
const NAMED_MAX: usize = 8;

/// The parts of each kit.
#[derive(Debug, Default)]
pub(crate) struct KitContents {
    numbers: HashMap<String, usize>,
    kits: Vec<Kit>,
}

#[derive(Debug)]
struct Kit {
    code: String,
    /// The parts, each with its line.
    parts: Vec<(usize, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visit {
    NotYet,
    UnderWay,
    Done,
}

impl KitContents {
    pub(crate) fn add(&mut self, kit: &str, part: &str, line: u64) {
        let kit = self.number(kit);
        let part = self.number(part);
        self.kits[kit].parts.push((part, line));
    }

    fn number(&mut self, code: &str) -> usize {
        if let Some(number) = self.numbers.get(code) {
            return *number;
        }
        let number = self.kits.len();
        self.numbers.insert(code.to_owned(), number);
        self.kits.push(Kit { code: code.to_owned(), parts: Vec::new() });
        number
    }

    /// Lines that close a circle, each with the circle: `A > B > A`. Walks with a stack of its own, since a
    /// file may nest kits a million deep.
    pub(crate) fn cycles(&self) -> Vec<(u64, String)> {
        let mut visits = vec![Visit::NotYet; self.kits.len()];
        let mut cycles = Vec::new();
        for start in 0..self.kits.len() {
            if visits[start] != Visit::NotYet {
                continue;
            }
            visits[start] = Visit::UnderWay;
            let mut path = vec![(start, 0)];
            while let Some((kit, next)) = path.last_mut() {
                let Some((part, line)) = self.kits[*kit].parts.get(*next).copied() else {
                    visits[*kit] = Visit::Done;
                    path.pop();
                    continue;
                };
                *next += 1;
                match visits[part] {
                    Visit::NotYet => {
                        visits[part] = Visit::UnderWay;
                        path.push((part, 0));
                    }
                    Visit::UnderWay => cycles.push((line, self.describe(&path, part))),
                    Visit::Done => {}
                }
            }
        }
        cycles
    }

    fn describe(&self, path: &[(usize, usize)], part: usize) -> String {
        // The last NAMED_MAX links are enough to find the circle in the file.
        let circle = path.iter().rev().take(NAMED_MAX).map(|(kit, _)| *kit);
        let mut links: Vec<&str> = vec![&self.kits[part].code];
        for kit in circle {
            links.push(&self.kits[kit].code);
            if kit == part {
                break;
            }
        }
        if path.iter().rev().take(NAMED_MAX).all(|(kit, _)| *kit != part) {
            links.extend(["...", &self.kits[part].code]);
        }
        links.reverse();
        links.join(" > ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycles(lines: &[(&str, &str)]) -> Vec<(u64, String)> {
        let mut contents = KitContents::default();
        for (line, (kit, part)) in (2..).zip(lines) {
            contents.add(kit, part, line);
        }
        contents.cycles()
    }

    #[test]
    fn kits_that_share_parts_are_no_cycle() {
        assert!(cycles(&[("A", "B"), ("A", "C"), ("B", "D"), ("C", "D")]).is_empty());
    }

    #[test]
    fn every_circle_is_named_with_the_line_that_closes_it() {
        assert_eq!(cycles(&[("A", "A")]), [(2, "A > A".to_owned())]);
        let two = cycles(&[("A", "B"), ("B", "C"), ("C", "A"), ("X", "Y"), ("Y", "X")]);
        assert_eq!(two, [(4, "A > B > C > A".to_owned()), (6, "X > Y > X".to_owned())]);
    }

    #[test]
    fn a_very_deep_circle_is_found_without_recursion() {
        let codes: Vec<String> = (0..200_000).map(|number| format!("K{number}")).collect();
        let mut contents = KitContents::default();
        for pair in codes.windows(2) {
            contents.add(&pair[0], &pair[1], 2);
        }
        contents.add("K199999", "K0", 3);
        let found = contents.cycles();
        assert_eq!(found.len(), 1);
        assert!(found[0].1.starts_with("K0 > ... > K199992 >"), "{}", found[0].1);
    }
}
