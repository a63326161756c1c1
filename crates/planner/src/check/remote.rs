//! Guidance from afar: who, when, and how likely it is to help.

use super::clock::{merged, minutes_within, shared, spans};
use super::{Checker, Fault};
use crate::model::{Action, Need, Subject};

impl Checker<'_> {
    /// An engineer with the skill guides the customer in one sitting, while the site is open.
    pub(super) fn remote(&mut self) {
        let Need::Repair { site: stands, .. } = &self.request.need else { return };
        let (Some(task), Some(job)) = (self.task(), self.job(true)) else {
            return self.faults.push(Fault::NeedNotMet);
        };
        let ([(index, step)], Some(fix)) = (job.spans.as_slice(), task.remote) else {
            return self.faults.push(Fault::NeedNotMet);
        };
        let (index, during) = (*index, (step.start, step.end));
        let Some(engineer) = self.world.engineers.iter().find(|known| known.id == *job.engineer) else {
            return self.faults.push(Fault::NotQualified { step: index });
        };
        let skilled = self.skilled(engineer, task);
        self.expect(skilled, || Fault::NotQualified { step: index });
        let travels = self.solution.steps.iter().any(|step| {
            matches!(&step.subject, Subject::Engineer(_)) || matches!(step.action, Action::Outsource { .. })
        });
        self.expect(job.site == stands && !travels, || Fault::WrongWork { step: index });
        let minutes = during.1.duration_since(during.0).as_mins();
        self.expect(minutes >= fix.work_minutes.max(1), || Fault::TooShort { step: index });
        let open = self.site_open(job.site, during);
        let attended = minutes_within(&shared(&open, &self.works(engineer)), during);
        self.expect(attended == minutes, || Fault::SiteClosed { step: index });
        let booked = self.booked(engineer, &engineer.home);
        let free = booked.iter().any(|claim| claim.0 <= during.0 && during.1 <= claim.1);
        self.expect(free, || Fault::NotFree { step: index });
        self.rests(engineer, &[during], index);
        let regular = minutes_within(&shared(&open, &merged(spans(&engineer.free))), during);
        self.labour(engineer, regular, minutes - regular);
        self.in_time *= fix.success_probability.clamp(0.0, 1.0);
    }
}
