//! Addresses of this machine, which no proxy of the environment reaches.

use std::net::IpAddr;

/// Whether a URL's host names the machine itself: localhost, or an address such as `127.0.0.1` or
/// `[::1]`.
///
/// ```
/// use sheaf_wire::is_loopback;
///
/// assert!(is_loopback("localhost") && is_loopback("127.0.0.9") && is_loopback("[::1]"));
/// assert!(!is_loopback("localhost.example") && !is_loopback("10.0.0.1"));
/// ```
pub fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}
