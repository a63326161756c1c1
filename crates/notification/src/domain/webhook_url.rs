//! Addresses of webhooks.

use meridian_types::Rule;
use url::{Host, Url};

use super::public_address::is_public;

const CHARS_MAX: usize = 2048;
/// Names that lead into the own machine or network.
const PRIVATE_SUFFIXES: [&str; 6] = ["localhost", "local", "internal", "intranet", "lan", "home.arpa"];

/// Where signed requests go. Read as browsers read addresses, so that what is checked here is what is connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebhookUrl(Url);

impl WebhookUrl {
    /// The address, when it may be called. `allow_private` permits plain HTTP, any port, and the own network.
    ///
    /// # Errors
    /// The rule that `text` breaks.
    pub(crate) fn parse(text: &str, allow_private: bool) -> Result<Self, Rule> {
        if text.len() > CHARS_MAX {
            return Err(Rule::new("at most 2048 characters"));
        }
        if text.chars().any(|char| char.is_control() || char.is_whitespace()) {
            return Err(Rule::new("no spaces and no control characters"));
        }
        let url = Url::parse(text).map_err(|_| Rule::new("a URL such as https://example.com/meridian"))?;
        match url.scheme() {
            "https" => {}
            "http" if allow_private => {}
            _ => return Err(Rule::new("must begin with https://")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Rule::new("no user name and no password"));
        }
        if url.fragment().is_some() {
            return Err(Rule::new("no '#'"));
        }
        if !allow_private && url.port().is_some() {
            return Err(Rule::new("no port other than 443"));
        }
        let is_open = match url.host() {
            Some(Host::Ipv4(address)) => is_public(address.into()),
            Some(Host::Ipv6(address)) => is_public(address.into()),
            Some(Host::Domain(name)) => is_public_name(name),
            None => false,
        };
        if is_open || allow_private { Ok(Self(url)) } else { Err(Rule::new("must be on the open internet")) }
    }

    /// The address as text.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The parsed address.
    pub(crate) const fn url(&self) -> &Url {
        &self.0
    }
}

/// Whether a name is one of the open internet: it has a dot and no private ending.
fn is_public_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let is_private = |suffix: &&str| name.strip_suffix(*suffix).is_some_and(|rest| rest.ends_with('.'));
    name.contains('.') && !PRIVATE_SUFFIXES.iter().any(is_private)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_that_lead_inside_or_elsewhere_are_refused() {
        let refused = [
            "",
            "example.com",
            "http://example.com/",
            "http://127.0.0.1",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:169.254.169.254]/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0x7f.1/",
            "https://017700000001/",
            "https://127.1/",
            "https://localhost/",
            "https://localhost./",
            "https://LOCALHOST/",
            "https://a.localhost/",
            "https://metadata.google.internal/",
            "https://printer/",
            "https://user:pass@example.com/",
            "https://user@example.com/",
            "https://example.com@10.0.0.1/",
            "https://example.com/#@evil.example",
            "https://example.com:22/",
            "https://example.com:6379/",
            "https://example.com:8443/",
            "https://[fe80::1%25eth0]/",
            "https://",
            "https:///etc/passwd",
            "file:///etc/passwd",
            "gopher://example.com/",
            "ftp://example.com/",
            "javascript:alert(1)",
            "https://example.com/a b",
            "https://example.com/\r\nX: y",
            "https://exa\tmple.com/",
            "https://１２７.０.０.１/",
            "https://127。0。0。1/",
        ];
        for text in refused {
            assert!(WebhookUrl::parse(text, false).is_err(), "{text:?}");
        }
        let long = format!("https://example.com/{}", "x".repeat(10_000));
        assert!(WebhookUrl::parse(&long, true).is_err());
        for text in [
            "https://example.com/hook?key=1",
            "https://example.com:443/",
            "https://1.1.1.1/",
            "https://bücher.example/",
        ] {
            assert!(WebhookUrl::parse(text, false).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn private_addresses_are_for_where_they_are_allowed() {
        assert!(WebhookUrl::parse("http://127.0.0.1:8080/hook", true).is_ok());
        for text in ["file:///etc/passwd", "http://user:pass@127.0.0.1/", "gopher://127.0.0.1/"] {
            assert!(WebhookUrl::parse(text, true).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_check(text in ".{0,80}", address in any::<u32>()) {
            let _ = WebhookUrl::parse(&text, false);
            let _ = WebhookUrl::parse(&format!("https://{text}/"), false);
            let accepted = WebhookUrl::parse(&format!("https://{address}/"), false).is_ok();
            prop_assert_eq!(accepted, is_public(std::net::Ipv4Addr::from(address).into()));
        }
    }
}
