//! The rules: pure, without I/O, clock or randomness.

pub(crate) mod hold;
pub(crate) mod item;
pub(crate) mod ledger;
pub(crate) mod next_best;
pub(crate) mod receipt;
pub(crate) mod stock;
pub(crate) mod transfer;

/// An enum whose variants are one word each in the database.
macro_rules! words {
    ($(#[$meta:meta])* pub(crate) enum $name:ident { $( $(#[$doc:meta])* $variant:ident = $word:literal, )+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum $name {
            $( $(#[$doc])* $variant, )+
        }

        impl $name {
            /// The word.
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = meridian_types::Rule;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $( $word => Ok(Self::$variant), )+
                    _ => Err(meridian_types::Rule::new(concat!("a word of ", stringify!($name)))),
                }
            }
        }
    };
}
use words;
