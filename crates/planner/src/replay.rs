//! Whether a stored decision, made again from its snapshot, comes to the same answer, and where it does not.

use std::fmt::{self, Debug};

use meridian_types::LaneId;

use crate::model::{Action, Answer, Claim, Refusal, Solution};

/// One difference between a stored answer and the one that its snapshot gives now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// An option has passed others that are in both answers, or was passed by them.
    Moved {
        /// The option, in words.
        option: String,
        /// Its place in the stored answer, 0 for the best.
        stored_at: usize,
        /// Its place now.
        now_at: usize,
    },
    /// An option that the stored answer does not have.
    Appeared {
        /// The option, in words.
        option: String,
        /// Its place now, 0 for the best.
        now_at: usize,
    },
    /// An option that only the stored answer has.
    Vanished {
        /// The option, in words.
        option: String,
        /// Its place in the stored answer, 0 for the best.
        stored_at: usize,
    },
    /// Something else, with both values as programmers write them.
    Field {
        /// Where (`options[0].steps[3]`), by places in the stored answer.
        path: String,
        /// The stored value.
        stored: String,
        /// The value now.
        now: String,
    },
}

impl Difference {
    /// Whether it is one of the ranking: which options there are, in which order.
    #[must_use]
    pub const fn of_ranking(&self) -> bool {
        !matches!(self, Self::Field { .. })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Moved { option, stored_at, now_at } => {
                write!(f, "{option}: was option {}, is option {}", stored_at + 1, now_at + 1)
            }
            Self::Appeared { option, now_at } => write!(f, "{option}: is new, as option {}", now_at + 1),
            Self::Vanished { option, stored_at } => {
                write!(f, "{option}: was option {}, is gone", stored_at + 1)
            }
            Self::Field { path, stored, now } => write!(f, "{path}: was {stored}, is {now}"),
        }
    }
}

/// Everything in which two answers differ: the ranking first, then what the options both have say, then the rest.
/// Nothing when they are the same byte for byte. Options are the same when they are of one kind and take the same
/// things from the same places along the same lanes, whenever that is and whatever it costs.
#[must_use]
pub fn compare(stored: &Answer, now: &Answer) -> Vec<Difference> {
    let pairs = matched(&stored.options, &now.options);
    let mut differences = ranking(stored, now, &pairs);
    let mut fields = Fields(Vec::new());
    for &(before, after) in &pairs {
        fields.option(&format!("options[{before}]"), &stored.options[before], &now.options[after]);
    }
    fields.compare("policy".to_owned(), &stored.policy, &now.policy);
    fields.compare("policy_version".to_owned(), &stored.policy_version, &now.policy_version);
    fields.compare("earliest".to_owned(), &stored.earliest, &now.earliest);
    fields.compare("cut".to_owned(), &stored.cut, &now.cut);
    fields.compare("holidays_end".to_owned(), &stored.holidays_end, &now.holidays_end);
    fields.compare("defects".to_owned(), &stored.defects, &now.defects);
    fields.refusals(&stored.refused, &now.refused);
    differences.extend(fields.0);
    differences
}

/// Places of the options that are in both answers, in the stored order. Equals first: some ways are taken twice.
fn matched(stored: &[Solution], now: &[Solution]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let same: [fn(&Solution, &Solution) -> bool; 2] = [|a, b| a == b, |a, b| way(a) == way(b)];
    for same in same {
        for (before, option) in stored.iter().enumerate() {
            let free = |after: usize| pairs.iter().all(|pair| pair.0 != before && pair.1 != after);
            let partner = (0..now.len()).find(|&after| free(after) && same(option, &now[after]));
            pairs.extend(partner.map(|after| (before, after)));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// What makes an option the same one at another time.
fn way(option: &Solution) -> (String, Vec<String>, Vec<&LaneId>) {
    let claim = |claim: &Claim| match claim {
        Claim::Engineer { engineer, site, .. } => format!("engineer {engineer} at {site}"),
        Claim::Party { party, .. } => format!("party {party}"),
        other => format!("{other:?}"),
    };
    let lanes = option.steps.iter().filter_map(|step| match &step.action {
        Action::Move { lane, .. } => Some(lane),
        _ => None,
    });
    (format!("{:?}", option.kind), option.claims.iter().map(claim).collect(), lanes.collect())
}

fn words(option: &Solution) -> String {
    let (kind, _, lanes) = way(option);
    let lanes: Vec<String> = lanes.iter().map(ToString::to_string).collect();
    if lanes.is_empty() { kind } else { format!("{kind} by {}", lanes.join(", ")) }
}

fn ranking(stored: &Answer, now: &Answer, pairs: &[(usize, usize)]) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (stored_at, option) in stored.options.iter().enumerate() {
        let option = words(option);
        let Some(&(_, now_at)) = pairs.iter().find(|pair| pair.0 == stored_at) else {
            differences.push(Difference::Vanished { option, stored_at });
            continue;
        };
        let before = pairs.iter().filter(|pair| pair.0 < stored_at).count();
        let after = pairs.iter().filter(|pair| pair.1 < now_at).count();
        if before != after {
            differences.push(Difference::Moved { option, stored_at, now_at });
        }
    }
    for (now_at, option) in now.options.iter().enumerate() {
        if pairs.iter().all(|pair| pair.1 != now_at) {
            differences.push(Difference::Appeared { option: words(option), now_at });
        }
    }
    differences
}

/// Differences found so far.
struct Fields(Vec<Difference>);

impl Fields {
    fn compare<T: PartialEq + Debug>(&mut self, path: String, stored: &T, now: &T) {
        if stored != now {
            let (stored, now) = (format!("{stored:?}"), format!("{now:?}"));
            self.0.push(Difference::Field { path, stored, now });
        }
    }

    fn option(&mut self, at: &str, stored: &Solution, now: &Solution) {
        self.compare(format!("{at}.arrival"), &stored.arrival, &now.arrival);
        self.compare(format!("{at}.cost_minor"), &stored.cost_minor, &now.cost_minor);
        self.compare(format!("{at}.co2_g"), &stored.co2_g, &now.co2_g);
        self.compare(format!("{at}.risk"), &stored.risk, &now.risk);
        let path = format!("{at}.in_time_probability");
        self.compare(path, &stored.in_time_probability, &now.in_time_probability);
        self.compare(format!("{at}.likely_by"), &stored.likely_by, &now.likely_by);
        self.compare(format!("{at}.slack_minutes"), &stored.slack_minutes, &now.slack_minutes);
        self.compare(format!("{at}.meets_deadline"), &stored.meets_deadline, &now.meets_deadline);
        let path = format!("{at}.latest_safe_decision");
        self.compare(path, &stored.latest_safe_decision, &now.latest_safe_decision);
        self.compare(format!("{at}.claims"), &stored.claims, &now.claims);
        self.compare(format!("{at}.reason"), &stored.reason, &now.reason);
        for index in 0..stored.steps.len().max(now.steps.len()) {
            let steps = (stored.steps.get(index), now.steps.get(index));
            self.compare(format!("{at}.steps[{index}]"), &steps.0, &steps.1);
        }
    }

    fn refusals(&mut self, stored: &[Refusal], now: &[Refusal]) {
        let of = |refusals: &'_ [Refusal], wanted: &Refusal| {
            refusals.iter().find(|refusal| refusal.candidate == wanted.candidate).cloned()
        };
        for refusal in stored {
            self.compare(path(refusal), &Some(refusal.clone()), &of(now, refusal));
        }
        for refusal in now.iter().filter(|refusal| of(stored, refusal).is_none()) {
            self.compare(path(refusal), &None, &Some(refusal.clone()));
        }
        let order = |refusals: &[Refusal]| -> Vec<_> {
            refusals.iter().map(|refusal| refusal.candidate.clone()).collect()
        };
        self.compare("refused".to_owned(), &order(stored), &order(now));
    }
}

fn path(refusal: &Refusal) -> String {
    format!("refused[{:?}]", refusal.candidate)
}
