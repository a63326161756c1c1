//! Which of the free technicians join a team.

use fastrand::Rng;

use super::compile::{Compiled, Task};
use super::state::Day;

/// How technicians are picked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taste {
    /// What somebody of average worth counts against one more need they meet: 0 for few people, 1 for cheap ones.
    pub(super) thrift: f64,
    /// How much chance there is in it, in needs met.
    pub(super) whim: f64,
}

/// Crews that were thought of, and the best of them.
#[derive(Debug, Default)]
pub(super) struct Crews {
    missing: Vec<(u16, u16)>,
    open: Vec<(u16, u16)>,
    tried: Vec<u16>,
    pub(super) best: Vec<u16>,
}

impl Crews {
    /// Free technicians with whom a team of so many with each skill can do a job, none of them in vain. What they are
    /// worth; none where there are none.
    pub(super) fn join(
        &mut self,
        compiled: &Compiled,
        day: &Day,
        (counts, task): (&[u16], &Task),
        taste: Taste,
        rng: &mut Rng,
    ) -> Option<f64> {
        self.tried.clear();
        self.missing.clear();
        for &(skill, count) in &task.needs {
            let lacking = count.saturating_sub(counts[usize::from(skill)]);
            if lacking > day.counts[usize::from(skill)] {
                return None;
            }
            if lacking > 0 {
                self.missing.push((skill, lacking));
            }
        }
        self.open.clone_from(&self.missing);
        while !self.open.is_empty() {
            let next = self.next(compiled, day, taste, rng)?;
            self.tried.push(next);
            for (skill, lacking) in &mut self.open {
                *lacking -= compiled.technicians[usize::from(next)].has[usize::from(*skill)];
            }
            self.open.retain(|(_, lacking)| *lacking > 0);
        }
        self.thin_out(compiled);
        Some(self.tried.iter().map(|one| compiled.technicians[usize::from(*one)].value).sum())
    }

    /// The crew that was found last is the best.
    pub(super) fn keep(&mut self) {
        std::mem::swap(&mut self.best, &mut self.tried);
    }

    fn next(&self, compiled: &Compiled, day: &Day, taste: Taste, rng: &mut Rng) -> Option<u16> {
        let mut best: Option<(f64, u16)> = None;
        for &technician in &day.free {
            let person = &compiled.technicians[usize::from(technician)];
            let met: u16 = self.open.iter().map(|(skill, _)| person.has[usize::from(*skill)]).sum();
            if met == 0 || self.tried.contains(&technician) {
                continue;
            }
            let rank = f64::from(met) - taste.thrift * person.value + taste.whim * rng.f64();
            if best.is_none_or(|best| rank > best.0) {
                best = Some((rank, technician));
            }
        }
        best.map(|(_, technician)| technician)
    }

    /// Leaves out whose skills the others have.
    fn thin_out(&mut self, compiled: &Compiled) {
        let has = |technician: u16, skill: u16| {
            compiled.technicians[usize::from(technician)].has[usize::from(skill)]
        };
        let mut at = 0;
        while at < self.tried.len() && self.tried.len() > 1 {
            let one = self.tried[at];
            let spare = self.missing.iter().all(|(skill, lacking)| {
                let all: u16 = self.tried.iter().map(|other| has(*other, *skill)).sum();
                all - has(one, *skill) >= *lacking
            });
            if spare {
                self.tried.remove(at);
            } else {
                at += 1;
            }
        }
    }
}
