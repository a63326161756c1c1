//! The languages we write in.

/// A language with texts under `templates/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    En,
    /// German.
    De,
    /// Finnish.
    Fi,
    /// French.
    Fr,
}

impl Language {
    /// Every language.
    pub(crate) const ALL: [Self; 4] = [Self::En, Self::De, Self::Fi, Self::Fr];

    /// ISO 639-1 code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fi => "fi",
            Self::Fr => "fr",
        }
    }

    /// The language of an exact code.
    pub(crate) fn coded(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The language of a tag, whatever its region or case ("de-AT").
    fn tagged(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::coded(&primary.to_ascii_lowercase())
    }

    /// The language to write in: the first of the recipient's wishes that we can, otherwise English.
    pub(crate) fn for_recipient(preferred: &str, own: &str) -> Self {
        [preferred, own].into_iter().find_map(Self::tagged).unwrap_or(Self::En)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipient_decides_on_the_language() {
        assert_eq!(Language::for_recipient("fi", "fr"), Language::Fi);
        assert_eq!(Language::for_recipient("", "fr"), Language::Fr);
        assert_eq!(Language::for_recipient("", "de-AT"), Language::De);
        assert_eq!(Language::for_recipient("sv", "FI_fi"), Language::Fi);
        assert_eq!(Language::for_recipient("", "sw"), Language::En);
        assert_eq!(Language::for_recipient("", ""), Language::En);
    }
}
