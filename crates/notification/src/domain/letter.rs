//! Letters: templates filled with what customers may know, in the recipient's language.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use meridian_types::CaseId;
use minijinja::{Environment, UndefinedBehavior, Value};

use super::language::Language;
use super::milestone::Milestone;
use super::notice::Text;
use super::texts;
use super::view::{CustomerText, Reason, Resolution, SafeView, VisitTime};
use super::wall_time::Place;

/// The template around every text: greeting, reference, signature.
const LETTER: &str = "letter";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // An error must not carry the values it was about: they may be personal.
    environment.set_debug(false);
    for language in Language::ALL {
        for (name, source) in texts::of(language) {
            environment
                .add_template_owned(path(language, name), *source)
                .expect("the texts are compiled in; a test reads them all");
        }
    }
    environment
});

fn path(language: Language, name: &str) -> String {
    format!("{}/{name}", language.code())
}

/// To whom a letter goes, and how they read.
#[derive(Debug)]
pub(crate) struct Addressee<'a> {
    /// Name as they are addressed.
    pub(crate) name: Option<CustomerText>,
    /// Language they read.
    pub(crate) language: Language,
    /// IANA zone they live in; may be empty.
    pub(crate) zone: &'a str,
}

/// A text that cannot be made from the facts at hand.
#[derive(Debug, thiserror::Error)]
#[error("the text of {milestone} cannot be made: {source}")]
pub(crate) struct LetterError {
    milestone: &'static str,
    source: minijinja::Error,
}

/// What a template can name. A fact that is absent is undefined there: to use it is an error.
type Words = Vec<(&'static str, Option<Value>)>;

/// Writes the letter about a milestone of a case.
///
/// # Errors
/// A fact that the text is about is absent.
pub(crate) fn write(
    milestone: Milestone,
    case_id: CaseId,
    view: &SafeView,
    addressee: Addressee<'_>,
) -> Result<Text, LetterError> {
    let Addressee { name, language, zone } = addressee;
    let failed = |source| LetterError { milestone: milestone.name(), source };
    let words = words(view, language, zone);
    let filled = fill(language, milestone.name(), words).map_err(failed)?;
    let (subject, text) = filled.split_once('\n').unwrap_or((&filled, ""));
    let frame = vec![
        ("name", name.as_ref().map(value)),
        ("text", Some(text.trim().into())),
        ("reference", Some(case_id.to_string().into())),
    ];
    let body = fill(language, LETTER, frame).map_err(failed)?;
    Ok(Text { language: language.code().to_owned(), subject: subject.to_owned(), body })
}

fn fill(language: Language, name: &str, words: Words) -> Result<String, minijinja::Error> {
    let defined = words.into_iter().filter_map(|(name, value)| Some((name, value?)));
    TEMPLATES.get_template(&path(language, name))?.render(Value::from_pairs(defined))
}

fn value(text: &CustomerText) -> Value {
    text.as_str().into()
}

/// The facts as words: dates on the clock of the recipient, or else of the place it is about.
fn words(view: &SafeView, language: Language, zone: &str) -> Words {
    let place = Place::first_known([zone, view.zone.as_deref().unwrap_or_default()]);
    // Only what comes before the promise is worth telling beside it.
    let likely_by = view.likely_by.filter(|likely_by| Some(*likely_by) < view.promised_at);
    let date = |instant: Option<Timestamp>| instant.map(|instant| place.in_words(instant, language).into());
    vec![
        ("thing", view.thing.as_ref().map(value)),
        ("place", view.place.as_ref().map(value)),
        ("party", view.party.as_ref().map(value)),
        ("happened", date(view.happened_at)),
        ("promised", date(view.promised_at)),
        ("likely", date(likely_by)),
        ("old_promised", date(view.old_promised_at)),
        ("next_word_by", date(view.next_word_by)),
        ("answer_by", date(view.answer_by)),
        ("hand_over_by", date(view.hand_over_by)),
        ("visit", date(view.visit.map(|visit| visit.from))),
        ("visit_until", date(view.visit.and_then(|visit| visit.until))),
        ("old_visit", date(view.old_visit.map(|visit| visit.from))),
        ("old_visit_until", date(view.old_visit.and_then(|visit| visit.until))),
        ("planned_again", view.is_planned_again.then(|| true.into())),
        ("own_is_back", view.own_is_back.then(|| true.into())),
        ("missing", view.missing.map(Value::from)),
        ("reason", view.reason.map(|reason| reason.name().into())),
        ("resolution", view.resolution.map(|resolution| resolution.name().into())),
    ]
}

/// Facts as they might be, for previews: everything is there.
pub(crate) fn sample(now: Timestamp) -> SafeView {
    let in_hours = |hours: i64| now.checked_add(SignedDuration::from_hours(hours)).unwrap_or(now);
    let in_days = |days: i64| in_hours(24 * days);
    SafeView {
        thing: CustomerText::new("Pump 7"),
        place: CustomerText::new("Nordhafen Clinic"),
        party: CustomerText::new("Polar Cooling"),
        happened_at: Some(now),
        promised_at: Some(in_days(4)),
        likely_by: Some(in_days(3)),
        old_promised_at: Some(in_days(3)),
        next_word_by: Some(in_days(1)),
        answer_by: Some(in_days(2)),
        hand_over_by: Some(in_days(5)),
        own_is_back: true,
        visit: Some(VisitTime { from: in_days(4), until: Some(in_hours(4 * 24 + 4)) }),
        old_visit: Some(VisitTime { from: in_days(3), until: Some(in_hours(3 * 24 + 4)) }),
        is_planned_again: true,
        zone: Some("Europe/Berlin".to_owned()),
        missing: Some(2),
        reason: Some(Reason::Customs),
        resolution: Some(Resolution::Solved),
    }
}

#[cfg(test)]
#[path = "letter_lint.rs"]
mod lint;
