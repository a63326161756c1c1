//! What is planned, and what comes of it.

/// Work of a large site or a depot, and who is there to do it.
///
/// Technicians, domains, jobs and days are counted from 0. Every day has `day_min` minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Minutes of work in a day, from 1 to 10,000. Times are minutes since the first day began, days set end to end.
    pub day_min: i32,
    /// How many skill domains there are.
    pub domains: u32,
    /// The highest level in a domain.
    pub levels: u32,
    /// Who works.
    pub technicians: Vec<Technician>,
    /// What is to be done.
    pub jobs: Vec<Job>,
    /// What each minute costs until the last job of each priority has ended, priority by priority; 0 or more.
    pub priority_costs: Vec<i64>,
    /// What each minute costs until the last job of all has ended; 0 or more.
    pub whole_cost: i64,
    /// What outsourcing may cost in all; 0 or more.
    pub outsourcing_budget: i64,
}

/// Somebody who works in one team a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Technician {
    /// Level in each domain, 0 for none.
    pub levels: Vec<u32>,
    /// Days on which they are not there.
    pub away: Vec<u32>,
}

/// A work order. It begins and ends on the same day, and one team does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// How long it takes, at least 1 minute.
    pub duration_min: i32,
    /// Jobs that have ended before it begins.
    pub after: Vec<u32>,
    /// Its priority, one of [`Problem::priority_costs`].
    pub priority: u32,
    /// Whom it takes, all at the same time; anybody where it asks for nothing.
    pub needs: Vec<Need>,
    /// What it costs to have it done by others; 0 or more. They begin after everything else: what comes after it is
    /// outsourced too.
    pub outsourcing_cost: i64,
}

/// So many technicians of a team have at least this level in a domain. One technician counts for every need that they
/// meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Which domain.
    pub domain: u32,
    /// Which level at least, from 1.
    pub level: u32,
    /// How many of them.
    pub technicians: u32,
}

/// Teams for each day with what they do, and what is outsourced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Teams that do anything, day by day.
    pub teams: Vec<Team>,
    /// Jobs that others do, in their order.
    pub outsourced: Vec<u32>,
    /// What it costs until everything has ended, by [`Problem::priority_costs`] and [`Problem::whole_cost`].
    pub cost: i64,
    /// How many rounds of the search it took.
    pub rounds: u64,
}

/// Technicians who stay together for a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Which day.
    pub day: u32,
    /// Who is in it, in their order.
    pub technicians: Vec<u32>,
    /// What it does, one after the other.
    pub works: Vec<Work>,
}

/// A job with its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Which job.
    pub job: u32,
    /// When it begins, in minutes since the first day began.
    pub begin_min: i32,
    /// When it ends.
    pub end_min: i32,
}
