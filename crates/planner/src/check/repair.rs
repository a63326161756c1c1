//! A repair, whichever way: the right work at the right place, with its parts.

use jiff::Timestamp;
use meridian_types::{EngineerId, InstrumentModel, SerialNumber, SiteId};

use super::{Checker, Delivered, Fault};
use crate::model::{Action, Need, RepairTask, SolutionKind, Step, Subject};

/// The spans of work on the instrument.
pub(super) struct Job<'c> {
    pub(super) engineer: &'c EngineerId,
    pub(super) site: &'c SiteId,
    pub(super) spans: Vec<(usize, &'c Step)>,
}

impl<'c> Checker<'c> {
    /// When a working instrument is where it is needed.
    pub(super) fn working(
        &mut self,
        model: &'c InstrumentModel,
        serial: &SerialNumber,
        delivered: &[Delivered<'c>],
    ) -> Option<Timestamp> {
        let destination = self.request.need.destination();
        let there = |wanted: &Subject| {
            delivered.iter().find(|end| end.subject == wanted && end.site == destination).map(|end| end.at)
        };
        let arrival = match self.solution.kind {
            SolutionKind::Loaner => {
                let arrival = there(&Subject::Loaner(model.clone()));
                self.untouched();
                self.loan(model, arrival);
                arrival
            }
            SolutionKind::AdvanceExchange => {
                self.untouched();
                self.exchange(model, delivered)
            }
            kind => {
                match kind {
                    SolutionKind::ThirdParty => self.outsourced(model),
                    SolutionKind::RemoteFix => self.remote(),
                    SolutionKind::EngineerVisit | SolutionKind::ShipToDepot => self.repair(),
                    _ => self.faults.push(Fault::NeedNotMet),
                }
                there(&Subject::Instrument(serial.clone()))
            }
        };
        self.expect(arrival.is_some(), || Fault::NeedNotMet);
        arrival
    }

    /// Nobody works on the instrument.
    fn untouched(&mut self) {
        let works = self
            .solution
            .steps
            .iter()
            .position(|step| matches!(step.action, Action::Work { .. } | Action::Outsource { .. }));
        if let Some(step) = works {
            self.faults.push(Fault::WrongWork { step });
        }
    }

    /// All work is the task asked for, by one engineer at one place, from afar or not; how long it takes.
    pub(super) fn job(&mut self, afar: bool) -> Option<Job<'c>> {
        let task = self.task()?;
        let mut job: Option<Job<'c>> = None;
        for (index, step) in self.solution.steps.iter().enumerate() {
            let Action::Work { site, engineer, task: done, work_minutes, remote } = &step.action else {
                continue;
            };
            let job = job.get_or_insert_with(|| Job { engineer, site, spans: Vec::new() });
            let right = *done == task.task
                && *remote == afar
                && (job.engineer, job.site) == (engineer, site)
                && *work_minutes == step.end.duration_since(step.start).as_mins()
                && job.spans.last().is_none_or(|(_, last)| last.end <= step.start);
            job.spans.push((index, step));
            self.expect(right, || Fault::WrongWork { step: index });
        }
        job
    }

    /// The work, and who does it.
    fn repair(&mut self) {
        let (Some(task), Some(job)) = (self.task(), self.job(false)) else {
            return self.faults.push(Fault::NeedNotMet);
        };
        self.engineer(&job, task);
    }

    pub(super) fn task(&self) -> Option<&'c RepairTask> {
        let Need::Repair { model, task, .. } = &self.request.need else { return None };
        let fits = |known: &&RepairTask| {
            known.model == *model && task.as_ref().is_none_or(|task| known.task == *task)
        };
        self.world.repair_tasks.iter().find(fits)
    }
}
