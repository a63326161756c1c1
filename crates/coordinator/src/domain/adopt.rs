//! Taking another solution in place of the present one.

use jiff::Timestamp;

use super::decide::Turn;
use super::disruption::CHANGES_PER_HOUR;
use super::plan::{Disruption, Plan, Stage};
use super::solution::{Chosen, SolutionKind, StockClaim};
use super::task::{Task, TaskState, TaskWork};

impl Plan {
    /// Until when goods on their way are in time: by the date told, or by the one needed where that is later. Once the
    /// customer needs them earlier than that, it is what counts.
    pub(super) fn in_time_until(&self) -> Timestamp {
        match (self.deadline, self.promise.or(self.taken_back)) {
            (Some(deadline), _) if self.last_disruption == Some(Disruption::NeededEarlier) => deadline,
            (deadline, Some(told)) => told.promised_at.max(deadline.unwrap_or(told.promised_at)),
            (deadline, None) => deadline.unwrap_or(self.chosen.arrival),
        }
    }

    /// Whether goods are on their way and come in time, so that no others need be sent.
    pub(super) fn comes_in_time(&self, task: &Task) -> bool {
        let brings_goods = matches!(&task.work, TaskWork::Send { claim, .. } if !claim.on_loan);
        brings_goods && task.is_on_the_way() && task.expected_at <= self.in_time_until()
    }
}

impl Turn {
    /// Takes another solution. What it needs and the plan has claimed already is kept; the rest is given back;
    /// what moves goes on moving, and is watched where the new work counts on it.
    pub(super) fn adopt(&mut self, option: Chosen) {
        let kept: Vec<usize> =
            self.current().into_iter().filter(|&index| self.can_keep(index, &option)).collect();
        let sends: Vec<usize> = kept.iter().filter_map(|&index| self.send_of(index)).collect();
        let awaited = self.awaited(&option);
        for index in self.current().into_iter().rev() {
            if !kept.contains(&index) && !sends.contains(&index) && !awaited.contains(&index) {
                self.undo(index);
            }
        }
        self.plan.revision += 1;
        for index in awaited {
            self.await_as_expected(index);
        }
        for index in kept.into_iter().chain(sends) {
            self.plan.tasks[index].revision = self.plan.revision;
            self.reschedule(index, &option);
        }
        self.plan.need.clone_from(&option.need);
        self.plan.chosen = option;
        self.plan.changed_at.push(self.now);
        let forgotten = self.plan.changed_at.len().saturating_sub(CHANGES_PER_HOUR);
        self.plan.changed_at.drain(..forgotten);
        self.plan.attended = false;
        self.begin();
    }

    /// Whether a claim serves the other solution too, as it is.
    fn can_keep(&self, index: usize, option: &Chosen) -> bool {
        let task = &self.plan.tasks[index];
        // Whoever is asked already is not called off and asked the same again.
        let is_asked = task.state == TaskState::Requested && matches!(task.work, TaskWork::Order { .. });
        (task.state.is_claimed() || is_asked)
            && match &task.work {
                TaskWork::Hold { claim, .. } => {
                    let still_there = |send: usize| {
                        matches!(
                            self.plan.tasks[send].state,
                            TaskState::Pending | TaskState::Requested | TaskState::Confirmed
                        )
                    };
                    option.stock.iter().any(|wanted| wanted.same_goods(claim))
                        && self.send_of(index).is_some_and(still_there)
                }
                TaskWork::Visit { claim, .. } => option.engineers.contains(claim),
                TaskWork::Order { claim, .. } => option.orders.iter().any(|wanted| wanted.same_order(claim)),
                TaskWork::Send { .. } | TaskWork::MoveInstrument { .. } | TaskWork::Refer { .. } => false,
            }
    }

    /// All that is needed comes in time already: nothing else is carried out any more. Whether anything does come.
    pub(super) fn adopt_what_comes(&mut self) -> bool {
        // What comes was found to meet what is needed now.
        self.plan.chosen.need.clone_from(&self.plan.need);
        let present = &self.plan.chosen;
        let kind = if present.party.is_some() { SolutionKind::Transfer } else { present.kind };
        let (stock, engineers, moves, party) = Default::default();
        let arrival = self.now;
        let coming = Chosen { kind, arrival, stock, engineers, moves, party, ..present.clone() };
        let comes = !self.awaited(&coming).is_empty();
        if comes {
            self.adopt(coming);
        }
        comes
    }

    /// When the need is met by another solution, with what it counts on.
    pub(super) fn arrival_of(&self, option: &Chosen) -> Timestamp {
        let awaited = self.awaited(option);
        awaited.iter().map(|&index| self.plan.tasks[index].expected_at).fold(option.arrival, Timestamp::max)
    }

    /// Goods on their way, of whichever revision, that the other solution counts on, since searches leave out what is
    /// at hand: all of them where it works, and where it brings goods those that come in time.
    fn awaited(&self, option: &Chosen) -> Vec<usize> {
        let brings_goods = option.engineers.is_empty()
            && option.moves.is_empty()
            && option.party.is_none()
            && !option.stock.iter().any(|claim| claim.on_loan);
        let is_awaited = |index: &usize| match &self.plan.tasks[*index] {
            task @ Task { work: TaskWork::Send { claim, .. }, .. } => {
                let is_worked_on = option.engineers.iter().any(|visit| visit.site == claim.to_site);
                let goes_to_need = || {
                    brings_goods
                        && !self.plan.is_outdated()
                        && self.plan.comes_in_time(task)
                        && !self.is_part(claim)
                };
                task.is_on_the_way() && !claim.on_loan && (is_worked_on || goes_to_need())
            }
            _ => false,
        };
        (0..self.plan.tasks.len()).filter(is_awaited).collect()
    }

    /// Whether it was sent to be put into a kit.
    fn is_part(&self, part: &StockClaim) -> bool {
        let is_kit_of_it =
            |task: &Task| matches!(&task.work, TaskWork::Send { claim, .. } if part.feeds(claim));
        self.plan.tasks.iter().any(is_kit_of_it)
    }

    /// Takes a transfer into the present revision, which was made for the time at which it is expected now.
    fn await_as_expected(&mut self, index: usize) {
        let task = &mut self.plan.tasks[index];
        task.revision = self.plan.revision;
        if let TaskWork::Send { claim, .. } = &mut task.work {
            claim.arrives = task.expected_at;
        }
    }

    /// A search that finds the present way again knows by which departures it goes now: the next one may be days later.
    pub(super) fn learn_times(&mut self, options: &[Chosen]) {
        if !matches!(self.stage(), Some(Stage::Replanning { .. })) {
            return;
        }
        let Some(same) = options.iter().find(|option| self.is_present_way(option)) else { return };
        for index in self.current() {
            if matches!(self.plan.tasks[index].work, TaskWork::Send { .. }) {
                self.reschedule(index, same);
            }
        }
        self.plan.chosen = same.clone();
    }

    /// Whether it is about the same goods, none of which has left, and nothing else is different but the times.
    fn is_present_way(&self, option: &Chosen) -> bool {
        let present = &self.plan.chosen;
        let rest = |chosen: &Chosen| (chosen.engineers.clone(), chosen.moves.clone(), chosen.party.clone());
        let same_orders = present.orders.len() == option.orders.len()
            && present.orders.iter().all(|order| option.orders.iter().any(|other| other.same_order(order)));
        let sends: Vec<&Task> =
            self.plan.current().filter(|task| matches!(task.work, TaskWork::Send { .. })).collect();
        let is_same = |task: &&Task| match &task.work {
            TaskWork::Send { claim, .. } => {
                !task.is_on_the_way()
                    && !task.state.is_settled()
                    && task.state != TaskState::Undoing
                    && option.stock.iter().any(|wanted| wanted.same_goods(claim))
            }
            _ => false,
        };
        !sends.is_empty()
            && sends.len() == option.stock.len()
            && sends.iter().all(is_same)
            && rest(present) == rest(option)
            && same_orders
    }

    fn send_of(&self, hold_index: usize) -> Option<usize> {
        let TaskWork::Hold { hold, .. } = self.plan.tasks[hold_index].work else { return None };
        self.find(|work| matches!(work, TaskWork::Send { hold: id, .. } if *id == hold))
    }

    /// The same goods, at the times of the other solution.
    fn reschedule(&mut self, index: usize, option: &Chosen) {
        let (TaskWork::Hold { claim, .. } | TaskWork::Send { claim, .. }) = &mut self.plan.tasks[index].work
        else {
            return;
        };
        let Some(wanted) = option.stock.iter().find(|wanted| wanted.same_goods(claim)) else { return };
        let heard = std::mem::replace(claim, wanted.clone()).awaited;
        for awaited in &mut claim.awaited {
            let before = heard.iter().find(|before| before.receipt == awaited.receipt);
            awaited.told_at = before.and_then(|before| before.told_at);
        }
        let departs = wanted.departs;
        let task = &mut self.plan.tasks[index];
        task.expected_at = task.work.expected_at();
        if task.state == TaskState::Confirmed {
            self.plan.tasks[index].due_at = self.hand_over_due(departs);
        }
    }
}
