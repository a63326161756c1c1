//! Ruin and recreate under simulated annealing, from several beginnings.
//!
//! Which priority is planned first decides most, and no small step leads from one sequence of them to another. So there is
//! a line of search for each of several sequences; heat by heat those that came furthest are gone on with.

use fastrand::Rng;

use super::compile::Compiled;
use super::model::{Plan, Problem};
use super::recreate::Recreate;
use super::ruin::Ruin;
use super::score::{Score, Scorer};
use super::state::{Kept, State};
use super::tell::tell;
use crate::Progress;
use crate::cooling::{Cooling, accepts};

/// Rounds between two looks at what was spent.
const ROUNDS_APART: u64 = 16;
/// How many lines are gone on with in each heat, and which part of everything is spent when it ends.
const HEATS: [(usize, f64); 4] = [(LINES, 0.3), (8, 0.55), (3, 0.8), (1, 1.0)];
/// All sequences of four priorities.
const LINES: usize = 24;
/// Where each heat begins and ends, in parts of what the plan costs.
const HOT: f64 = 0.003;
const COLD: f64 = 0.000_03;

/// The best plan found until `spent` says that everything is spent that may be.
pub(super) fn anneal(problem: &Problem, seed: u64, spent: &mut dyn FnMut(&Progress) -> f64) -> Plan {
    let compiled = Compiled::of(problem);
    let mut search = Search::new(&compiled, seed, spent);
    let mut lines = search.first();
    if !compiled.jobs.is_empty() && search.spent() < 1.0 {
        search.heats(&mut lines);
    }
    tell(&compiled, &search.best, search.rounds)
}

/// A search with one sequence of priorities.
struct Line {
    /// When each priority has its turn.
    turns: Vec<usize>,
    score: Score,
    kept: Kept,
}

struct Search<'p> {
    state: State<'p>,
    scorer: Scorer,
    recreate: Recreate,
    /// That of the state.
    score: Score,
    best: Kept,
    best_cost: i64,
    rounds: u64,
    rng: Rng,
    spent: &'p mut dyn FnMut(&Progress) -> f64,
}

impl<'p> Search<'p> {
    fn new(compiled: &'p Compiled, seed: u64, spent: &'p mut dyn FnMut(&Progress) -> f64) -> Self {
        Self {
            state: State::new(compiled),
            scorer: Scorer::of(compiled),
            recreate: Recreate::of(compiled),
            score: Score::WORST,
            best: Kept::default(),
            best_cost: i64::MAX,
            rounds: 0,
            rng: Rng::with_seed(seed),
            spent,
        }
    }

    /// What is no number, such as nothing of nothing, is all of it.
    fn spent(&mut self) -> f64 {
        let spent = (self.spent)(&Progress { rounds: self.rounds, cost: self.best_cost, absent: 0 });
        if spent.is_nan() { 1.0 } else { spent }
    }

    /// A beginning for each of several sequences of priorities; at least one.
    fn first(&mut self) -> Vec<Line> {
        let compiled = self.state.compiled;
        let mut used: Vec<usize> = compiled.jobs.iter().map(|job| job.priority).collect();
        used.sort_unstable();
        used.dedup();
        let mut lines: Vec<Line> = Vec::new();
        while lines.len() < LINES && (lines.is_empty() || self.spent() < 1.0) {
            let mut turns = vec![0; compiled.priority_costs.len()];
            for (turn, priority) in sequence(&used, lines.len()).into_iter().enumerate() {
                turns[priority] = turn;
            }
            self.state = State::new(compiled);
            self.state.begin();
            self.recreate.run(&mut self.state, &turns, false, &mut self.rng);
            self.score = self.scorer.score(&self.state);
            self.note();
            lines.push(Line { turns, score: self.score, kept: self.state.kept() });
        }
        lines
    }

    fn heats(&mut self, lines: &mut Vec<Line>) {
        let ruin = Ruin::of(self.state.compiled);
        for (count, ends) in HEATS {
            lines.sort_by(|one, other| one.score.smooth.total_cmp(&other.score.smooth));
            lines.truncate(count);
            let mut left = f64::from(u32::try_from(lines.len()).unwrap_or(u32::MAX));
            for line in &mut *lines {
                let from = self.spent();
                if from >= 1.0 {
                    return;
                }
                self.go_on(line, &ruin, (from, from + (ends - from).max(0.0) / left));
                left -= 1.0;
            }
        }
    }

    /// Anneals a line once, until so much is spent.
    fn go_on(&mut self, line: &mut Line, ruin: &Ruin, (from, till): (f64, f64)) {
        self.state.restore(&line.kept);
        self.score = line.score;
        #[expect(clippy::cast_precision_loss, reason = "a scale")]
        let scale = (line.score.cost as f64).max(1.0);
        let cooling = Cooling { hot: scale * HOT, cold: scale * COLD };
        loop {
            let now = self.spent();
            if now >= till {
                break;
            }
            let temperature = cooling.at((now - from) / (till - from));
            for _ in 0..ROUNDS_APART {
                self.round(&line.turns, ruin, temperature);
            }
        }
        line.score = self.score;
        line.kept = self.state.kept();
    }

    fn round(&mut self, turns: &[usize], ruin: &Ruin, temperature: f64) {
        self.rounds += 1;
        self.state.begin();
        ruin.run(&mut self.state, &mut self.rng);
        let wild = self.rng.u32(0..WILD_EVERY) == 0;
        self.recreate.run(&mut self.state, turns, wild, &mut self.rng);
        let score = self.scorer.score(&self.state);
        if accepts(score.smooth - self.score.smooth, temperature, &mut self.rng) {
            self.score = score;
            self.note();
        } else {
            self.state.undo();
        }
    }

    /// Keeps what is better than everything so far.
    fn note(&mut self) {
        if self.score.cost < self.best_cost {
            self.best_cost = self.score.cost;
            self.best = self.state.kept();
        }
    }
}

/// One round of so many is wild: it puts jobs back without regard to priorities, and often later than it could.
const WILD_EVERY: u32 = 8;

/// The sequences of some priorities by number: the first as they are, later ones all there are, over and over.
fn sequence(priorities: &[usize], mut number: usize) -> Vec<usize> {
    let mut left = priorities.to_vec();
    let mut found = Vec::new();
    while !left.is_empty() {
        let many = left.len();
        found.push(left.remove(number % many));
        number /= many;
    }
    found
}
