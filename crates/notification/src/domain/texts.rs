//! The templates, compiled in: a text that is missing in one language does not compile.

use super::language::Language;

macro_rules! texts {
    ($language:literal: $($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../templates/", $language, "/", $name, ".txt")))),+]
    };
}

macro_rules! all_texts {
    ($language:literal) => {
        texts!($language:
            "letter" "CASE_OPENED" "PLAN_AGREED" "SHIPPED" "IN_CUSTOMS" "ARRIVED" "LOANER_ARRIVED" "EXCHANGE_ARRIVED"
            "ENGINEER_ON_THE_WAY" "REPAIRED" "INSTRUMENT_SHIPPED" "STILL_LOOKING" "DATE_CHANGED" "DONE" "REFERRAL_OFFERED" "REFERRED"
            "REFERRAL_RETURNED" "CLOSED" "VISIT_SCHEDULED" "VISIT_MOVED" "VISIT_CALLED_OFF" "VISIT_FINISHED" "VISIT_UNSOLVED")
    };
}

/// Name and source of every template of a language: one for each milestone, and "letter" around them.
pub(crate) const fn of(language: Language) -> &'static [(&'static str, &'static str)] {
    match language {
        Language::En => all_texts!("en"),
        Language::De => all_texts!("de"),
        Language::Fi => all_texts!("fi"),
        Language::Fr => all_texts!("fr"),
    }
}
