//! The places that may have blobs, as users write them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use reqwest::Url;

/// A place that may have blobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobSource {
    /// `beacon:URL`, the API of a beacon node that keeps whole blobs.
    Beacon(Url),
    /// `archive:URL`, a server with the bytes of each blob at `URL/` and the blob's versioned hash.
    /// A sequencer's `/v1/blobs` is such an archive.
    Archive(Url),
    /// `folder:PATH`, a folder with the bytes of each blob in a file of that name.
    Folder(PathBuf),
    /// `anvil:URL`, the JSON-RPC of an anvil.
    Anvil(Url),
}

/// The error for a text that names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a source of blobs is beacon:URL, archive:URL, folder:PATH or anvil:URL, for example \
     archive:http://127.0.0.1:8080/v1/blobs"
)]
pub struct NoBlobSource;

impl FromStr for BlobSource {
    type Err = NoBlobSource;

    fn from_str(text: &str) -> std::result::Result<Self, NoBlobSource> {
        let (sort, place) = text.split_once(':').ok_or(NoBlobSource)?;
        let url = || place.parse::<Url>().map_err(|_| NoBlobSource);
        match sort {
            "beacon" => url().map(Self::Beacon),
            "archive" => url().map(Self::Archive),
            "anvil" => url().map(Self::Anvil),
            "folder" if !place.is_empty() => Ok(Self::Folder(place.into())),
            _ => Err(NoBlobSource),
        }
    }
}

impl fmt::Display for BlobSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Beacon(url) => write!(formatter, "beacon:{url}"),
            Self::Archive(url) => write!(formatter, "archive:{url}"),
            Self::Folder(path) => write!(formatter, "folder:{}", path.display()),
            Self::Anvil(url) => write!(formatter, "anvil:{url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_spelt_as_it_is_read() {
        for text in [
            "beacon:http://127.0.0.1:5052/",
            "archive:https://example.org/v1/blobs",
            "folder:/var/blobs",
            "anvil:http://127.0.0.1:8545/",
        ] {
            assert_eq!(
                text.parse::<BlobSource>().map(|source| source.to_string()),
                Ok(text.into())
            );
        }
        for text in ["", "beacon", "beacon:", "folder:", "ftp:http://example.org", "/var/blobs"] {
            assert_eq!(text.parse::<BlobSource>(), Err(NoBlobSource), "{text}");
        }
    }
}
