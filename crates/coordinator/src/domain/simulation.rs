//! A world in which thousands of plans are carried out: owners with the semantics of the real services, messages
//! that are late and repeated, refusals, delays, losses, absences, silence; all from one seed, in virtual time.

mod ledger;
mod options;
mod owners;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use meridian_types::{CaseId, PlanId, RegionId, SeededIds};

use super::decide::decide;
use super::{
    Decision, Effect, Fact, Input, NewPlan, Plan, PlanState, Search, Stage, Task, TaskState, TaskWork, open,
};
use ledger::Ledger;
use owners::{Channel, Owners};

const SEEDS: u64 = 3000;
/// Inputs after which a plan that is still open is taken to go round in circles.
const TURNS_MAX: usize = 4000;
/// From then on nothing goes wrong any more.
const CALM_AFTER: SignedDuration = SignedDuration::from_hours(12 * 24);
const START: Timestamp = Timestamp::constant(1_795_420_800, 0);

/// Something on its way.
#[derive(Debug, Clone)]
enum Message {
    /// A command to an owner.
    Command(super::Command),
    /// News from an owner, or from the caller.
    News(Input),
    /// Something happens at an owner.
    Happens(owners::Happening),
    /// A search ends.
    Search(super::Search),
    /// The timer fires, if it was not set anew.
    Due(Timestamp),
}

/// The world of one seed.
struct World {
    seed: u64,
    rng: fastrand::Rng,
    now: Timestamp,
    /// By time; those of one time in the order in which they were sent.
    agenda: BTreeMap<(Timestamp, u64), Message>,
    sent: u64,
    /// Messages of one channel arrive in order.
    arrived: BTreeMap<Channel, Timestamp>,
    heard: Vec<Input>,
    /// How many pumps are asked for, where nothing else is.
    wanted: Option<i64>,
    /// Regions that were cut off, or heard late: what they send may be taken to be late without need.
    cut_off: Vec<RegionId>,
    /// The customer needs it earlier than planned.
    needed_earlier: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let (agenda, arrived, heard) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let rng = fastrand::Rng::with_seed(seed);
        let (wanted, cut_off) = (None, Vec::new());
        let mut world = Self {
            seed,
            rng,
            now: START,
            agenda,
            sent: 0,
            arrived,
            heard,
            wanted,
            cut_off,
            needed_earlier: false,
        };
        world.wanted = options::wanted(&mut world);
        world
    }

    /// Whether something that can go wrong does.
    fn mishap(&mut self, probability: f64) -> bool {
        self.now < START + CALM_AFTER && self.rng.f64() < probability
    }

    fn at(&mut self, at: Timestamp, message: Message) {
        self.sent += 1;
        self.agenda.insert((at.max(self.now), self.sent), message);
    }

    /// Sends over a channel that delays, and is cut off now and then.
    fn send(&mut self, channel: Channel, message: Message) {
        let cut_off = self.mishap(0.03);
        let minutes = if cut_off { self.rng.i64(60..3000) } else { self.rng.i64(0..4) };
        self.cut_off.extend(cut_off.then(|| channel.region().clone()));
        let before = self.arrived.get(&channel).copied().unwrap_or(START);
        let at = (self.now + SignedDuration::from_mins(minutes)).max(before);
        self.arrived.insert(channel, at);
        self.at(at, message);
    }
}

/// A plan in its world.
struct Run {
    world: World,
    owners: Owners,
    plan: Plan,
    ledger: Ledger,
    turns: usize,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut world = World::new(seed);
        let ids = SeededIds::new(seed);
        let needed = world.wanted.unwrap_or(1);
        let Some(chosen) = options::option(&mut world, &Search::default(), needed, 0) else {
            unreachable!("nothing is excluded yet")
        };
        let deadline =
            world.rng.bool().then(|| chosen.arrival + SignedDuration::from_mins(world.rng.i64(-600..3000)));
        let new = NewPlan {
            plan_id: PlanId::fresh(&ids),
            case_id: CaseId::fresh(&ids),
            region: "eu".parse().unwrap(),
            office: "OFFICE".to_owned(),
            chosen,
            deadline,
            lent: Vec::new(),
            taken_back: None,
            attended: world.rng.f64() < 0.3,
        };
        if new.attended {
            let gone = START + SignedDuration::from_mins(world.rng.i64(1..60));
            world.at(gone, Message::News(Input::CallerGone));
        }
        if world.rng.f64() < 0.05 {
            let withdrawn = START + SignedDuration::from_mins(world.rng.i64(1..10_000));
            let end = if world.rng.bool() { Input::Withdrawn } else { Input::CalledOff };
            world.at(withdrawn, Message::News(end));
        }
        if world.rng.f64() < 0.2 {
            let back = START + SignedDuration::from_mins(world.rng.i64(1..10_000));
            world.at(back, Message::News(Input::CameBack));
        }
        if world.rng.f64() < 0.1 {
            let (told, needed) = (world.rng.i64(1..5_000), world.rng.i64(1..5_000));
            let deadline = START + SignedDuration::from_mins(told + needed);
            let moved = Message::News(Input::DeadlineMoved(Some(deadline)));
            world.at(START + SignedDuration::from_mins(told), moved);
            world.needed_earlier = true;
        }
        let opened = open(new, START);
        let plan = opened.plan.clone();
        let mut run = Self { world, owners: Owners::default(), plan, ledger: Ledger::default(), turns: 0 };
        run.take(opened, false);
        run
    }

    /// Lives until nothing more happens.
    fn live(mut self) -> Self {
        while let Some(((at, _), message)) = self.world.agenda.pop_first() {
            self.world.now = at;
            self.ledger.check_nothing_passed(self.plan.stage(), at, self.world.seed);
            match message {
                Message::Command(command) => self.owners.obey(&mut self.world, command),
                Message::Happens(happening) => self.owners.happen(&mut self.world, happening),
                Message::Search(search) => {
                    self.check_is_up_to_date(&search);
                    let outcome = options::outcome(&mut self.world, search);
                    self.hear(outcome);
                }
                Message::Due(due) if self.plan.due_at() == Some(due) => self.hear(Input::Due),
                Message::Due(_) => {}
                Message::News(Input::CameBack) => self.get_back(),
                Message::News(input) => {
                    self.hear(input);
                    if self.plan.has_something_out() && self.world.mishap(0.05) {
                        let soon = at + SignedDuration::from_mins(self.world.rng.i64(0..60));
                        self.world.at(soon, Message::News(Input::CameBack));
                    }
                }
            }
        }
        self
    }

    /// The office has back what has left, and says so, unless it is told that nothing is out. It waits for what is being
    /// called off.
    fn get_back(&mut self) {
        let is_called_off =
            |task: &Task| matches!(task.work, TaskWork::Send { .. }) && task.state == TaskState::Undoing;
        if self.plan.has_something_out() && !self.plan.tasks.iter().any(is_called_off) {
            let is_met = self.plan.stage().is_some() && self.plan.due_back().is_some();
            self.owners.take_back(options::replaces(self.world.seed) && is_met);
            self.hear(Input::CameBack);
        }
    }

    fn hear(&mut self, input: Input) {
        let seed = self.world.seed;
        self.turns += 1;
        assert!(self.turns < TURNS_MAX, "seed {seed}: no end of {:#?}", self.plan);
        let is_due = matches!(input, Input::Due);
        let decision = decide(self.plan.clone(), input.clone(), self.world.now);
        self.take(decision, is_due);
        // Said again, it is believed of what is being called off.
        let is_doubted = matches!(input, Input::CameBack) && self.plan.has_something_out();
        if !is_due {
            if !is_doubted {
                self.assert_unmoved_by(&input);
            }
            self.world.heard.push(input);
        }
        if self.world.rng.f64() < 0.05 && !self.world.heard.is_empty() {
            let late = self.world.heard[self.world.rng.usize(0..self.world.heard.len())].clone();
            if !matches!(
                late,
                Input::OptionsFound { .. }
                    | Input::NothingNeeded { .. }
                    | Input::CallerGone
                    | Input::CameBack
                    | Input::Withdrawn
            ) {
                self.assert_unmoved_by(&late);
            }
        }
    }

    /// What was heard before changes nothing.
    fn assert_unmoved_by(&self, input: &Input) {
        let again = decide(self.plan.clone(), input.clone(), self.world.now);
        let seed = self.world.seed;
        assert_eq!(again.plan, self.plan, "seed {seed}: {input:?} heard again");
        assert_eq!(again.effects, Vec::new(), "seed {seed}: {input:?} heard again");
    }

    fn take(&mut self, decision: Decision, is_due: bool) {
        let (seed, now) = (self.world.seed, self.world.now);
        let Decision { plan, effects } = decision;
        assert!(plan.revision >= self.plan.revision, "seed {seed}: revisions grow");
        self.plan = plan;
        for effect in effects {
            match effect {
                Effect::Send(command) => {
                    self.check_is_not_tried_again(&command);
                    let channel = Channel::to(&command);
                    self.world.send(channel, Message::Command(command));
                }
                Effect::Tell(fact) => {
                    if matches!(fact, Fact::Parked(super::Disruption::LoanOverdue, _)) {
                        // The office gets it back without us, and says so or closes the case.
                        let over = now + SignedDuration::from_mins(self.world.rng.i64(1..5_000));
                        let end = if self.world.rng.bool() { Input::CameBack } else { Input::Withdrawn };
                        self.world.at(over, Message::News(end));
                    }
                    self.ledger.hear(&fact, seed);
                }
                Effect::Search(search) => {
                    // A worker may die with it; the watchdog asks again.
                    if !self.world.mishap(0.05) {
                        let at = now + SignedDuration::from_mins(self.world.rng.i64(0..12));
                        self.world.at(at, Message::Search(search));
                    }
                }
            }
        }
        self.check_is_watched(is_due);
        if let Some(due) = self.plan.due_at() {
            // The timer is polled.
            let late = SignedDuration::from_secs(self.world.rng.i64(0..60));
            self.world.at(due.max(now) + late, Message::Due(due));
        }
    }

    /// Who could not solve it is not sent again.
    fn check_is_not_tried_again(&self, command: &super::Command) {
        let super::Command::Ask(_, TaskWork::Visit { claim, .. }) = command else { return };
        let is_same = |task: &&Task| {
            matches!(&task.work, TaskWork::Visit { visit, claim: other }
            if (&other.region, &other.engineer) == (&claim.region, &claim.engineer)
                && self.world.heard.contains(&Input::VisitProgressed(*visit, super::VisitMilestone::Unsolved)))
        };
        let seed = self.world.seed;
        assert_eq!(self.plan.tasks.iter().find(is_same), None, "seed {seed}: once more");
    }

    /// A search whose answer counts knows of everything that was sent.
    fn check_is_up_to_date(&self, search: &super::Search) {
        let waits = matches!(self.plan.stage(), Some(Stage::Replanning { .. } | Stage::Parked { .. }));
        if waits && search.search == self.plan.searches {
            let sent = self.plan.tasks.iter().filter(|task| match &task.work {
                TaskWork::Send { claim, .. } => {
                    !claim.on_loan && (task.is_on_the_way() || task.state == TaskState::Done)
                }
                TaskWork::Order { claim, .. } => !claim.is_repair() && task.state == TaskState::Done,
                _ => false,
            });
            assert_eq!(sent.count(), search.at_hand.len(), "seed {}: {search:?}", self.world.seed);
        }
    }

    /// An open plan always has something that will move it.
    fn check_is_watched(&self, is_due: bool) {
        let (seed, now) = (self.world.seed, self.world.now);
        let PlanState::Open(stage, responsibility) = &self.plan.state else { return };
        assert!(!responsibility.owner.is_empty() && !responsibility.next_action.is_empty(), "seed {seed}");
        if is_due {
            assert!(responsibility.due > now, "seed {seed}: due again at once: {:#?}", self.plan);
        }
        let idle = |task: &&Task| task.revision < self.plan.revision && task.state.is_claimed();
        assert_eq!(self.plan.tasks.iter().find(idle), None, "seed {seed}: kept for nothing");
        if matches!(stage, Stage::Holding | Stage::Executing) {
            let open =
                self.plan.current().any(|task| !task.state.is_settled() && task.state != TaskState::Pending);
            let open = open || self.plan.due_back().is_some();
            assert!(open, "seed {seed}: {stage:?} without a task that goes on: {:#?}", self.plan);
        }
    }

    /// What was asked for has come; and nothing was sent twice that came as planned, unless it was to come earlier.
    fn check_delivered(&self) {
        let (all, as_planned) = self.owners.delivered(&self.world.cut_off);
        let seed = self.world.seed;
        if self.plan.state == PlanState::Completed {
            assert_eq!(self.owners.lent(), 0, "seed {seed}: a loaner is forgotten: {:#?}", self.plan);
        }
        let Some(wanted) = self.world.wanted else {
            let forgotten = options::replaces(seed) && all > 1 && self.plan.state == PlanState::Completed;
            assert!(!forgotten, "seed {seed}: a unit is forgotten: {:#?}", self.plan);
            return;
        };
        if self.plan.state == PlanState::Completed {
            assert!(all >= wanted, "seed {seed}: {all} of {wanted}: {:#?}", self.plan);
        }
        let twice = as_planned > wanted && !self.world.needed_earlier;
        assert!(!twice, "seed {seed}: {as_planned} instead of {wanted}: {:#?}", self.plan);
    }

    fn check_end(&self) {
        let seed = self.world.seed;
        assert!(self.plan.stage().is_none(), "seed {seed}: never ended: {:#?}", self.plan);
        assert!(
            self.plan
                .tasks
                .iter()
                .all(|task| !matches!(task.state, TaskState::Undoing | TaskState::Shelving)),
            "seed {seed}: something is still to be given back: {:#?}",
            self.plan
        );
        self.owners.check_no_orphans(seed);
        self.check_delivered();
        self.ledger.check_end(&self.plan, seed);
    }
}

#[test]
fn every_plan_ends_and_leaves_nothing_behind() {
    let mut ends = BTreeMap::new();
    for seed in 0..SEEDS {
        let run = Run::new(seed).live();
        run.check_end();
        let end = match (&run.plan.state, run.plan.revision) {
            (PlanState::Completed, 1) => "completed as planned",
            (PlanState::Completed, _) => "completed another way",
            _ => "ended",
        };
        *ends.entry(end).or_insert(0) += 1;
        for seen in run.ledger.seen() {
            *ends.entry(seen).or_insert(0) += 1;
        }
        if run.world.heard.contains(&Input::CameBack) {
            *ends.entry("came back").or_insert(0) += 1;
        }
        *ends.entry("shelved").or_insert(0) += run.owners.shelved();
    }
    // The world is rough enough to have shown everything.
    for end in [
        "completed as planned",
        "completed another way",
        "ended",
        "parked",
        "corrected",
        "taken back",
        "kept",
        "shelved",
        "came back",
    ] {
        assert!(ends.get(end).is_some_and(|seeds| *seeds >= 50), "{end}: {ends:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_life() {
    for seed in 0..20 {
        assert_eq!(Run::new(seed).live().plan, Run::new(seed).live().plan);
    }
}

impl Ledger {
    /// What happened, in the words of the test above.
    fn seen(&self) -> Vec<&'static str> {
        let words = [
            (self.parked, "parked"),
            (self.corrected, "corrected"),
            (self.taken_back, "taken back"),
            (self.kept, "kept"),
        ];
        words.into_iter().filter(|(seen, _)| *seen).map(|(_, word)| word).collect()
    }
}

/// Facts that say a plan is over.
const fn is_end(fact: &Fact) -> bool {
    matches!(fact, Fact::Completed | Fact::Ended)
}
