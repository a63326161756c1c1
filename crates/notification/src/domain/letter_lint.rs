//! What every text keeps to, in every language: whole, plain, short.

use std::collections::{BTreeMap, BTreeSet};

use meridian_types::SeededIds;

use super::*;

const WORDS_PER_SENTENCE_MAX: usize = 25;
const SUBJECT_CHARS_MAX: usize = 78;

/// Words of the trade that customers need not know, and marks of a text that is not finished.
const JARGON: [&str; 49] = [
    "sku",
    "milestone",
    "revision",
    "plan ",
    "hold",
    "reservation",
    "allocat",
    "backorder",
    "eta",
    "sla",
    "rma",
    "ticket",
    "dispatch",
    "lane",
    "leg ",
    "depot",
    "transfer",
    "escalat",
    "workflow",
    "status",
    "stakeholder",
    "asap",
    "please be advised",
    "kindly",
    "todo",
    "lorem",
    "xxx",
    "none",
    "undefined",
    "null",
    "bestand",
    "reservierung",
    "disposition",
    "umlagerung",
    "meilenstein",
    "eskalation",
    "zuweisung",
    "varaus",
    "varasto",
    "virstanpylväs",
    "eskal",
    "siirtotilaus",
    "jalon",
    "réservation",
    "escalad",
    "entrepôt",
    "affectation",
    "{{",
    "{%",
];

/// Every set of facts that makes a text read differently.
fn cases() -> Vec<SafeView> {
    let full = sample("2026-11-23T09:00:00Z".parse().unwrap());
    let bare = SafeView {
        thing: None,
        place: None,
        promised_at: None,
        next_word_by: None,
        hand_over_by: None,
        own_is_back: false,
        ..full.clone()
    };
    let exact = |visit: Option<VisitTime>| visit.map(|visit| VisitTime { until: None, ..visit });
    let at_once = SafeView {
        visit: exact(full.visit),
        old_visit: exact(full.old_visit),
        is_planned_again: false,
        ..full.clone()
    };
    let unexpected = SafeView { visit: None, old_visit: None, ..full.clone() };
    let mut cases = vec![full.clone(), bare, at_once, unexpected];
    cases.extend([0, 1].map(|missing| SafeView { missing: Some(missing), ..full.clone() }));
    let reasons = [
        Reason::Unavailable,
        Reason::Lost,
        Reason::Late,
        Reason::Engineer,
        Reason::Unsolved,
        Reason::Partner,
        Reason::Earlier,
        Reason::Changed,
        Reason::Other,
    ];
    cases.extend(reasons.map(|reason| SafeView { reason: Some(reason), ..full.clone() }));
    let resolutions = [Resolution::Referred, Resolution::Withdrawn];
    cases.extend(resolutions.map(|resolution| SafeView { resolution: Some(resolution), ..full.clone() }));
    cases
}

fn letter(milestone: Milestone, language: Language, view: &SafeView) -> Result<Text, LetterError> {
    let case_id = CaseId::fresh(&SeededIds::new(1));
    let addressee = Addressee { name: CustomerText::new("Ada Lovelace"), language, zone: "" };
    write(milestone, case_id, view, addressee)
}

fn every_text(mut look: impl FnMut(Milestone, Language, &Text)) {
    for milestone in Milestone::all() {
        for language in Language::ALL {
            for view in cases() {
                match letter(milestone, language, &view) {
                    Ok(text) => look(milestone, language, &text),
                    // Without its very date, nothing is written.
                    Err(error) => assert!(
                        view.promised_at.is_none() && names_a_date(milestone)
                            || view.visit.is_none() && names_a_visit(milestone),
                        "{error}"
                    ),
                }
            }
        }
    }
}

fn names_a_date(milestone: Milestone) -> bool {
    matches!(milestone, Milestone::PlanAgreed | Milestone::DateChanged | Milestone::ExchangeArrived)
}

fn names_a_visit(milestone: Milestone) -> bool {
    matches!(milestone, Milestone::VisitScheduled | Milestone::VisitMoved | Milestone::VisitCalledOff)
}

/// The variables that a milestone's text uses, found or not.
fn variables(language: Language, name: &str) -> BTreeSet<String> {
    let path = path(language, name);
    TEMPLATES.get_template(&path).unwrap().undeclared_variables(false).into_iter().collect()
}

#[test]
fn the_likely_date_is_told_beside_the_promised_one_when_it_comes_before_it() {
    let full = sample("2026-11-23T09:00:00Z".parse().unwrap());
    let told = |milestone, language, likely_by: &str| {
        let view = SafeView { likely_by: likely_by.parse().ok(), ..full.clone() };
        letter(milestone, language, &view).unwrap().body
    };
    for milestone in [Milestone::PlanAgreed, Milestone::DateChanged] {
        for language in Language::ALL {
            let promised = told(milestone, language, "");
            // Promised is Friday, the 27th.
            let both = told(milestone, language, "2026-11-25T09:00:00Z");
            assert!(both.contains("27") && both.contains("25") && !promised.contains("25"), "{both}");
            assert_eq!(told(milestone, language, "2026-11-28T09:00:00Z"), promised);
        }
    }
}

#[test]
fn every_milestone_has_a_text_in_every_language() {
    let full = sample("2026-11-23T09:00:00Z".parse().unwrap());
    for milestone in Milestone::all() {
        for language in Language::ALL {
            let text = letter(milestone, language, &full).unwrap();
            assert!(text.body.contains("Ada Lovelace") && text.body.contains("case_"), "{}", text.body);
            assert_eq!(text.language, language.code());
        }
    }
    for language in Language::ALL {
        assert_eq!(texts::of(language).len(), Milestone::all().count() + 1);
    }
}

#[test]
fn every_language_says_the_same_with_known_facts_only() {
    let full = words(&sample(Timestamp::UNIX_EPOCH), Language::En, "");
    assert!(full.iter().all(|(_, value)| value.is_some()), "the sample has every fact");
    let known: BTreeSet<String> = full.iter().map(|(name, _)| (*name).to_owned()).collect();
    let frame: BTreeSet<String> = ["name", "text", "reference"].map(ToOwned::to_owned).into();
    for milestone in Milestone::all() {
        let by_language: BTreeMap<_, _> =
            Language::ALL.map(|language| (language.code(), variables(language, milestone.name()))).into();
        for used in by_language.values() {
            assert!(used.is_subset(&known), "{}: {used:?}", milestone.name());
            assert_eq!(*used, by_language["en"], "{}", milestone.name());
        }
    }
    for language in Language::ALL {
        assert_eq!(variables(language, LETTER), frame);
    }
}

#[test]
fn a_subject_is_short_and_holds_no_fact() {
    for language in Language::ALL {
        for (name, source) in texts::of(language) {
            let subject = source.lines().next().unwrap();
            assert!(subject.chars().count() <= SUBJECT_CHARS_MAX, "{subject}");
            assert!(*name == LETTER || !subject.contains(['{', '}']), "{subject}");
            assert!(*name == LETTER || source.lines().nth(1) == Some(""), "{name}: no line between");
        }
    }
}

#[test]
fn no_jargon() {
    every_text(|milestone, language, text| {
        // Names of things are ours to show; the words around them are ours to choose.
        let words = format!("{} {}", text.subject, text.body).to_lowercase();
        for word in JARGON {
            let found = words
                .match_indices(word)
                .any(|(at, _)| !words[..at].chars().next_back().is_some_and(char::is_alphabetic));
            assert!(!found, "{} in {}: {word:?} in {words}", milestone.name(), language.code());
        }
    });
}

#[test]
fn sentences_are_short() {
    every_text(|milestone, language, text| {
        for line in text.body.lines() {
            for sentence in line.split_inclusive(". ").flat_map(|part| part.split_inclusive(": ")) {
                let count = sentence.split_whitespace().count();
                assert!(
                    count <= WORDS_PER_SENTENCE_MAX,
                    "{} in {}: {count} words: {sentence}",
                    milestone.name(),
                    language.code()
                );
            }
        }
    });
}

#[test]
fn texts_are_neatly_set() {
    every_text(|milestone, language, text| {
        let body = &text.body;
        let where_ = format!("{} in {}:\n{body}", milestone.name(), language.code());
        assert!(!body.contains("  ") && !body.contains("\n\n\n") && !body.contains(" ."), "{where_}");
        assert!(!body.contains(" ,") && !body.contains("..") && !body.contains("()"), "{where_}");
        assert!(body.lines().all(|line| line == line.trim_end()), "{where_}");
    });
}

#[test]
fn a_correction_names_both_dates_and_the_reason() {
    let view = sample("2026-11-26T09:00:00Z".parse().unwrap());
    let text = letter(Milestone::DateChanged, Language::En, &view).unwrap();
    assert!(text.body.contains("Before: Sunday, 29 November 2026, 10:00 (Berlin time)."), "{}", text.body);
    assert!(text.body.contains("Now: Monday, 30 November 2026, 10:00 (Berlin time)."), "{}", text.body);
    assert!(text.body.contains("customs need more time"), "{}", text.body);
    let undated = SafeView { promised_at: None, ..view };
    assert!(letter(Milestone::DateChanged, Language::En, &undated).is_err());
}

#[test]
fn a_visit_that_moves_names_both_times_and_the_reason() {
    let view = sample("2026-11-26T09:00:00Z".parse().unwrap());
    let view = SafeView { reason: Some(Reason::Engineer), ..view };
    let text = letter(Milestone::VisitMoved, Language::En, &view).unwrap();
    let before = "Before: between Sunday, 29 November 2026, 10:00 (Berlin time) \
                  and Sunday, 29 November 2026, 14:00 (Berlin time).";
    assert!(text.body.contains(before), "{}", text.body);
    assert!(text.body.contains("Now: between Monday, 30 November 2026, 10:00"), "{}", text.body);
    assert!(text.body.contains("our engineer cannot come"), "{}", text.body);
}

#[test]
fn a_name_that_looks_like_a_template_stays_a_name() {
    let name = CustomerText::new("{{ 7*7 }}{% raw %}<b>");
    let view = SafeView { thing: name.clone(), ..sample(Timestamp::UNIX_EPOCH) };
    let addressee = Addressee { name, language: Language::En, zone: "" };
    let text = write(Milestone::Shipped, CaseId::fresh(&SeededIds::new(1)), &view, addressee).unwrap();
    assert!(text.body.starts_with("Hello {{ 7*7 }}{% raw %}<b>,"), "{}", text.body);
    assert!(text.body.contains("({{ 7*7 }}{% raw %}<b>)"), "{}", text.body);
}
