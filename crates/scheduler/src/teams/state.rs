//! The teams of each day and what they do, and the way back to what they did before.

use fastrand::Rng;

use super::compile::Compiled;

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Not put anywhere yet.
    Open,
    /// Done by others.
    Outsourced,
    /// Done by a team of a day.
    Planned { day: u32, team: u32, begin_min: i32 },
}

/// Technicians who are together for a day.
#[derive(Debug, Clone, Default)]
pub(super) struct Team {
    pub(super) technicians: Vec<u16>,
    /// How many of them have each skill.
    pub(super) counts: Vec<u16>,
    /// In their order.
    pub(super) jobs: Vec<u32>,
    /// How long all of it takes.
    pub(super) load_min: i32,
    /// What its technicians are worth together.
    pub(super) value: f64,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Day {
    pub(super) teams: Vec<Team>,
    /// Those who are in no team.
    pub(super) free: Vec<u16>,
    /// How many of those have each skill.
    pub(super) counts: Vec<u16>,
}

pub(super) struct State<'p> {
    pub(super) compiled: &'p Compiled,
    pub(super) places: Vec<Place>,
    pub(super) days: Vec<Day>,
    /// Jobs that are not put anywhere.
    pub(super) open: Vec<u32>,
    /// What is outsourced costs this.
    pub(super) outsourcing: i64,
    before: Before,
}

/// Everything as it was once, with nothing open.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    places: Vec<Place>,
    days: Vec<Day>,
    outsourcing: i64,
}

/// What there was when the round began.
#[derive(Default)]
struct Before {
    places: Vec<Place>,
    outsourcing: i64,
    days: usize,
    /// Days that were changed since.
    changed: Vec<(u32, Day)>,
    spare: Vec<Day>,
}

impl<'p> State<'p> {
    pub(super) fn new(compiled: &'p Compiled) -> Self {
        let jobs = compiled.jobs.len();
        Self {
            compiled,
            places: vec![Place::Open; jobs],
            days: Vec::new(),
            open: (0..u32::try_from(jobs).unwrap_or(u32::MAX)).collect(),
            outsourcing: 0,
            before: Before::default(),
        }
    }

    /// Marks where `undo` leads back to. No job is open.
    pub(super) fn begin(&mut self) {
        let before = &mut self.before;
        before.places.clone_from(&self.places);
        before.outsourcing = self.outsourcing;
        before.days = self.days.len();
        before.spare.extend(before.changed.drain(..).map(|(_, day)| day));
    }

    pub(super) fn undo(&mut self) {
        let before = &mut self.before;
        std::mem::swap(&mut self.places, &mut before.places);
        self.outsourcing = before.outsourcing;
        self.days.truncate(before.days);
        for (index, mut day) in before.changed.drain(..) {
            if let Some(now) = self.days.get_mut(index as usize) {
                std::mem::swap(now, &mut day);
            }
            before.spare.push(day);
        }
        self.open.clear();
    }

    pub(super) fn kept(&self) -> Kept {
        Kept { places: self.places.clone(), days: self.days.clone(), outsourcing: self.outsourcing }
    }

    pub(super) fn restore(&mut self, kept: &Kept) {
        self.places.clone_from(&kept.places);
        self.days.clone_from(&kept.days);
        self.outsourcing = kept.outsourcing;
        self.open.clear();
        self.begin();
    }

    /// Days that were changed in this round, as they were before.
    pub(super) fn changed_days(&self) -> &[(u32, Day)] {
        &self.before.changed
    }

    /// Keeps a day as it is for `undo`.
    fn keep(&mut self, day: u32) {
        if self.before.changed.iter().any(|(kept, _)| *kept == day) {
            return;
        }
        let mut kept = self.before.spare.pop().unwrap_or_default();
        kept.clone_from(&self.days[day as usize]);
        self.before.changed.push((day, kept));
    }

    /// Has a day with all who are there free, and those before it, if they were not thought of so far.
    pub(super) fn open_day(&mut self, day: u32) {
        while self.days.len() <= day as usize {
            let index = u32::try_from(self.days.len()).unwrap_or(u32::MAX);
            let mut opened = Day { counts: vec![0; self.compiled.skills], ..Day::default() };
            for (technician, person) in (0..).zip(&self.compiled.technicians) {
                if !person.away.contains(&index) {
                    opened.free.push(technician);
                    add(&mut opened.counts, &person.has);
                }
            }
            self.days.push(opened);
        }
    }

    /// From which minute on a job can begin.
    pub(super) fn earliest_min(&self, job: u32) -> i32 {
        let ends = self.compiled.jobs[job as usize].before.iter().map(|before| self.end_min(*before));
        ends.max().unwrap_or(0)
    }

    /// When a job ends; 0 when it is not planned.
    pub(super) fn end_min(&self, job: u32) -> i32 {
        match self.places[job as usize] {
            Place::Planned { begin_min, .. } => begin_min + self.compiled.jobs[job as usize].duration_min,
            Place::Open | Place::Outsourced => 0,
        }
    }

    /// By when a job must have ended.
    pub(super) fn latest_min(&self, job: u32) -> i32 {
        let begins = self.compiled.jobs[job as usize].then.iter().filter_map(|then| self.begin_min(*then));
        begins.min().unwrap_or(i32::MAX)
    }

    fn begin_min(&self, job: u32) -> Option<i32> {
        match self.places[job as usize] {
            Place::Planned { begin_min, .. } => Some(begin_min),
            Place::Open | Place::Outsourced => None,
        }
    }

    pub(super) fn is_outsourced(&self, job: u32) -> bool {
        self.places[job as usize] == Place::Outsourced
    }

    pub(super) fn is_planned(&self, job: u32) -> bool {
        matches!(self.places[job as usize], Place::Planned { .. })
    }

    /// Whether anything is outsourced that need not be.
    pub(super) fn outsourcing_any(&self) -> bool {
        self.compiled.outsources && self.places.contains(&Place::Outsourced)
    }

    /// Has free technicians join a team of a day, a new one when there is none.
    pub(super) fn join(&mut self, day: u32, team: Option<u32>, technicians: &[u16]) -> u32 {
        self.keep(day);
        let compiled = self.compiled;
        let of_day = &mut self.days[day as usize];
        let index = team.unwrap_or_else(|| {
            of_day.teams.push(Team { counts: vec![0; compiled.skills], ..Team::default() });
            u32::try_from(of_day.teams.len() - 1).unwrap_or(u32::MAX)
        });
        let team = &mut of_day.teams[index as usize];
        of_day.free.retain(|free| !technicians.contains(free));
        for &technician in technicians {
            let person = &compiled.technicians[usize::from(technician)];
            team.technicians.push(technician);
            team.value += person.value;
            add(&mut team.counts, &person.has);
            subtract(&mut of_day.counts, &person.has);
        }
        index
    }

    /// Puts an open job at a place in the order of a team; what comes later gives way as far as it has to.
    pub(super) fn insert(&mut self, job: u32, (day, team, at): (u32, u32, usize), begin_min: i32) {
        self.keep(day);
        let compiled = self.compiled;
        let of_team = &mut self.days[day as usize].teams[team as usize];
        of_team.jobs.insert(at, job);
        of_team.load_min += compiled.jobs[job as usize].duration_min;
        self.places[job as usize] = Place::Planned { day, team, begin_min };
        let mut free_min = begin_min;
        for &other in &of_team.jobs[at..] {
            if let Place::Planned { begin_min, .. } = &mut self.places[other as usize] {
                *begin_min = (*begin_min).max(free_min);
                free_min = *begin_min + compiled.jobs[other as usize].duration_min;
            }
        }
    }

    /// Takes a job out; its team stays as it is until `settle`.
    pub(super) fn take_out(&mut self, job: u32) {
        match self.places[job as usize] {
            Place::Open => return,
            Place::Outsourced => self.outsourcing -= self.compiled.jobs[job as usize].outsourcing_cost,
            Place::Planned { day, team, .. } => {
                self.keep(day);
                let team = &mut self.days[day as usize].teams[team as usize];
                team.jobs.retain(|other| *other != job);
                team.load_min -= self.compiled.jobs[job as usize].duration_min;
            }
        }
        self.places[job as usize] = Place::Open;
        self.open.push(job);
    }

    /// Has others do an open job.
    pub(super) fn outsource(&mut self, job: u32) {
        self.open.retain(|open| *open != job);
        self.places[job as usize] = Place::Outsourced;
        self.outsourcing += self.compiled.jobs[job as usize].outsourcing_cost;
    }

    /// Frees, on days that were changed in this round, who is not needed for what is left to do, in an order of chance or
    /// the most worthy first, and dissolves teams that have nothing to do.
    pub(super) fn settle(&mut self, rng: &mut Rng) {
        let compiled = self.compiled;
        let worthy_first = rng.bool();
        let mut needed = vec![0_u16; compiled.skills];
        for (day, _) in &self.before.changed {
            let Some(of_day) = self.days.get_mut(*day as usize) else { continue };
            for team in &mut of_day.teams {
                if worthy_first {
                    let value = |one: u16| compiled.technicians[usize::from(one)].value;
                    team.technicians.sort_by(|one, other| value(*other).total_cmp(&value(*one)));
                } else {
                    rng.shuffle(&mut team.technicians);
                }
                team.shrink(compiled, &mut needed, (&mut of_day.free, &mut of_day.counts));
            }
            let mut index = 0;
            while let Some(team) = of_day.teams.get(index) {
                if !team.jobs.is_empty() {
                    index += 1;
                    continue;
                }
                of_day.teams.swap_remove(index);
                for &job in of_day.teams.get(index).iter().flat_map(|moved| &moved.jobs) {
                    if let Place::Planned { team, .. } = &mut self.places[job as usize] {
                        *team = u32::try_from(index).unwrap_or(u32::MAX);
                    }
                }
            }
        }
    }
}

impl Team {
    /// Frees those who are not needed, the first of its technicians first.
    fn shrink(
        &mut self,
        compiled: &Compiled,
        needed: &mut [u16],
        (free, counts): (&mut Vec<u16>, &mut [u16]),
    ) {
        needed.fill(0);
        for &job in &self.jobs {
            for &(skill, count) in &compiled.jobs[job as usize].needs {
                let needed = &mut needed[usize::from(skill)];
                *needed = (*needed).max(count);
            }
        }
        let mut at = 0;
        while let Some(&technician) = self.technicians.get(at) {
            let person = &compiled.technicians[usize::from(technician)];
            let mut skills = self.counts.iter().zip(&person.has).zip(needed.iter());
            if skills.any(|((count, has), needed)| count - has < *needed) {
                at += 1;
                continue;
            }
            self.technicians.remove(at);
            self.value -= person.value;
            subtract(&mut self.counts, &person.has);
            free.push(technician);
            add(counts, &person.has);
        }
    }
}

fn add(counts: &mut [u16], has: &[u16]) {
    for (count, has) in counts.iter_mut().zip(has) {
        *count += has;
    }
}

fn subtract(counts: &mut [u16], has: &[u16]) {
    for (count, has) in counts.iter_mut().zip(has) {
        *count -= has;
    }
}
