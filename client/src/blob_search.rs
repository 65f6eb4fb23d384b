//! The search for blobs: L1's nodes forget them after 18 days.
//!
//! No shelf and no source is trusted: a blob is taken only if its versioned hash, which L1 keeps
//! for ever, is the wanted one.

use std::sync::Arc;
use std::time::Duration;

use alloy::eips::eip4844::{BYTES_PER_BLOB, Blob};
use alloy::primitives::{B256, Bytes};
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sheaf_contracts::blobs::{of_words, to_words, versioned_hash};
use sheaf_contracts::shelf::BlobShelf;
use sheaf_ledger::Word;

use crate::blob_source::BlobSource;
use crate::error::{ClientError, Result};

/// How long one request to a source may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of the largest answer: all blobs of a full L1 block as hexadecimal digits.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A blob that a batch names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WantedBlob {
    pub versioned_hash: B256,
    /// The time of the L1 block with the batch, Unix seconds: beacon nodes find blobs by it.
    pub block_time: u64,
}

/// Shelves, and then sources, that are asked one after another.
#[derive(Debug, Clone, Default)]
pub(crate) struct BlobSources {
    shelves: Vec<Arc<dyn BlobShelf>>,
    sources: Vec<BlobSource>,
    http: Client,
}

impl BlobSources {
    /// The same shelves with these sources.
    pub(crate) fn with_sources(self, sources: Vec<BlobSource>) -> Self {
        Self { sources, ..self }
    }

    /// The same with one more shelf, which is asked first and keeps what is found anywhere.
    pub(crate) fn with_shelf(mut self, shelf: Arc<dyn BlobShelf>) -> Self {
        self.shelves.insert(0, shelf);
        self
    }

    /// The words of the wanted blob, from the first shelf or source that has it.
    ///
    /// # Errors
    /// `NoBlob`, with the reason of the source that was asked last; `Shelf`.
    pub(crate) async fn find(&self, wanted: WantedBlob) -> Result<Vec<Word>> {
        let hash = wanted.versioned_hash;
        let words = match self.on_a_shelf(hash).await? {
            Some(words) => words,
            None => self.at_a_source(wanted).await?,
        };
        if let Some(first) = self.shelves.first() {
            first.keep(hash, &words).await.map_err(|source| ClientError::Shelf { source })?;
        }
        Ok(words)
    }

    /// The words of a blob that is on a shelf. One that is damaged there is asked for elsewhere.
    async fn on_a_shelf(&self, hash: B256) -> Result<Option<Vec<Word>>> {
        for shelf in &self.shelves {
            let found = shelf.find(hash).await;
            let found = found.map_err(|source| ClientError::Shelf { source })?;
            let blobs = found.map(|words| of_words(&words)).unwrap_or_default();
            if let Some(words) = blobs.iter().find_map(|blob| words_of(blob, hash)) {
                return Ok(Some(words));
            }
        }
        Ok(None)
    }

    async fn at_a_source(&self, wanted: WantedBlob) -> Result<Vec<Word>> {
        let mut last = None;
        for source in &self.sources {
            match self.ask(source, wanted).await {
                Ok(words) => return Ok(words),
                Err(error) => last = Some(Box::new(error)),
            }
        }
        let versioned_hash = wanted.versioned_hash;
        Err(ClientError::NoBlob { versioned_hash, asked: self.sources.len(), source: last })
    }

    async fn ask(&self, source: &BlobSource, wanted: WantedBlob) -> Result<Vec<Word>> {
        let hash = wanted.versioned_hash;
        let found = match source {
            BlobSource::Folder(folder) => {
                let read = tokio::fs::read(folder.join(hash.to_string())).await;
                vec![Bytes::from(read.map_err(|source| ClientError::BlobFile { source })?)]
            }
            BlobSource::Archive(url) => {
                let url = below(url, &[&hash.to_string()]);
                vec![Bytes::from(self.answer(self.http.get(url)).await?)]
            }
            BlobSource::Beacon(url) => self.beacon(url, wanted).await?,
            BlobSource::Anvil(url) => {
                let body = json!({
                    "jsonrpc": "2.0", "id": 1, "method": "anvil_getBlobByHash", "params": [hash],
                });
                let request = self.http.post(url.clone()).json(&body);
                let Answer { result } = self.json(request).await?;
                result.into_iter().collect()
            }
        };
        let mut blobs = found.iter().filter_map(|bytes| Blob::try_from(bytes.as_ref()).ok());
        let words = blobs.find_map(|blob| words_of(&blob, hash));
        words.ok_or(ClientError::OtherBlob { versioned_hash: hash })
    }

    /// The blobs of a beacon node's block with this hash; all blobs of the block from a node that
    /// does not know the filter.
    async fn beacon(&self, url: &Url, wanted: WantedBlob) -> Result<Vec<Bytes>> {
        let genesis = below(url, &["eth", "v1", "beacon", "genesis"]);
        let genesis: Data<Genesis> = self.json(self.http.get(genesis)).await?;
        let spec = below(url, &["eth", "v1", "config", "spec"]);
        let spec: Data<Spec> = self.json(self.http.get(spec)).await?;
        let (Ok(start), Ok(length)) =
            (genesis.data.genesis_time.parse(), spec.data.seconds_per_slot.parse::<u64>())
        else {
            return Err(ClientError::NoSlot);
        };
        let since = wanted.block_time.checked_sub(start).ok_or(ClientError::NoSlot)?;
        let slot = since.checked_div(length).ok_or(ClientError::NoSlot)?;
        let blobs = below(url, &["eth", "v1", "beacon", "blobs", &slot.to_string()]);
        let hash = wanted.versioned_hash.to_string();
        let blobs = self.http.get(blobs).query(&[("versioned_hashes", hash)]);
        let blobs: Data<Vec<Bytes>> = self.json(blobs).await?;
        Ok(blobs.data)
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        let body = self.answer(request).await?;
        serde_json::from_slice(&body).map_err(|source| ClientError::Unreadable { source })
    }

    /// The body of an answer, up to `ANSWER_BYTES_MAX`.
    async fn answer(&self, request: RequestBuilder) -> Result<Vec<u8>> {
        let silent = |source: reqwest::Error| ClientError::SourceSilent {
            // The URL may contain a key.
            source: source.without_url(),
        };
        let mut answer = request.timeout(REQUEST_TIMEOUT).send().await.map_err(silent)?;
        if answer.status() != StatusCode::OK {
            return Err(ClientError::NoReason { status: answer.status() });
        }
        let mut body = Vec::with_capacity(BYTES_PER_BLOB);
        while let Some(chunk) = answer.chunk().await.map_err(silent)? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(ClientError::SourceVerbose { bytes: ANSWER_BYTES_MAX });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// The words of a blob; `None` if the blob has none, or another versioned hash.
fn words_of(blob: &Blob, hash: B256) -> Option<Vec<Word>> {
    // Only a blob of numbers that the field has can be hashed.
    to_words(blob).ok().filter(|_| versioned_hash(blob) == hash)
}

/// The URL with more segments at its end.
fn below(url: &Url, segments: &[&str]) -> Url {
    let mut url = url.clone();
    // A URL that cannot have segments stays as it is, and the request for it fails.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

#[derive(Deserialize)]
struct Answer {
    result: Option<Bytes>,
}

#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

#[derive(Deserialize)]
struct Genesis {
    genesis_time: String,
}

#[derive(Deserialize)]
struct Spec {
    #[serde(rename = "SECONDS_PER_SLOT")]
    seconds_per_slot: String,
}

#[cfg(test)]
mod tests {
    use sheaf_contracts::blobs;

    use super::*;
    use crate::server::Server;

    #[test]
    fn segments_go_below_the_path() {
        let url = |text: &str| text.parse::<Url>().expect("a URL");
        for start in ["http://a/v1/blobs", "http://a/v1/blobs/"] {
            assert_eq!(below(&url(start), &["0x12"]), url("http://a/v1/blobs/0x12"));
        }
        assert_eq!(below(&url("http://a"), &["x", "y"]), url("http://a/x/y"));
    }

    #[tokio::test]
    async fn a_folder_has_a_blob_only_if_the_hash_is_its_own() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let [blob] = &blobs::of_words(&[Word([1, 2, 3, 4])])[..] else { panic!("one blob") };
        let (own, other) = (versioned_hash(blob), B256::repeat_byte(1));
        for name in [own, other] {
            std::fs::write(folder.path().join(name.to_string()), blob).expect("it is written");
        }
        let sources =
            BlobSources::default().with_sources(vec![BlobSource::Folder(folder.path().to_owned())]);
        let find = |versioned_hash| sources.find(WantedBlob { versioned_hash, block_time: 0 });
        assert_eq!(find(own).await.expect("it is there"), words(blob));
        let refused = |error| match error {
            ClientError::NoBlob { source: Some(source), .. } => *source,
            other => panic!("{other}"),
        };
        let foreign = refused(find(other).await.expect_err("another blob is there"));
        assert!(matches!(foreign, ClientError::OtherBlob { .. }), "{foreign}");
        let missing = refused(find(B256::repeat_byte(2)).await.expect_err("nothing is there"));
        assert!(matches!(missing, ClientError::BlobFile { .. }), "{missing}");
        std::fs::write(folder.path().join(own.to_string()), &blob[1..]).expect("it is cut");
        let cut = refused(find(own).await.expect_err("it is cut"));
        assert!(matches!(cut, ClientError::OtherBlob { .. }), "{cut}");
    }

    fn a_blob() -> Blob {
        blobs::of_words(&[Word([1, 2, 3, 4])])[0]
    }

    fn words(blob: &Blob) -> Vec<Word> {
        to_words(blob).expect("it is a batch's")
    }

    /// A beacon node finds a block by its slot, and shows blobs of other transactions, too.
    #[tokio::test]
    async fn a_beacon_node_is_asked_for_the_slot_of_the_l1_block() {
        let (blob, other) = (a_blob(), blobs::of_words(&[Word([5, 6, 7, 8])])[0]);
        let server = Server::start(3, move |place, line| {
            let (path, body) = match place {
                0 => ("/eth/v1/beacon/genesis ", json!({ "genesis_time": "1000" })),
                1 => ("/eth/v1/config/spec ", json!({ "SECONDS_PER_SLOT": "12" })),
                _ => ("/eth/v1/beacon/blobs/7?versioned_hashes=0x01", json!([other, blob])),
            };
            assert!(line.starts_with(&format!("GET {path}")), "{line}");
            (200, json!({ "data": body }).to_string())
        });
        let url = server.url.parse().expect("a URL");
        let sources = BlobSources::default().with_sources(vec![BlobSource::Beacon(url)]);
        let wanted = WantedBlob { versioned_hash: versioned_hash(&blob), block_time: 1_000 + 84 };
        assert_eq!(sources.find(wanted).await.expect("it is among them"), words(&blob));
        assert_eq!(server.asked(), 3);
    }

    /// A source that is silent, refuses or lies is passed over.
    #[tokio::test]
    async fn the_next_source_is_asked_if_one_has_no_blob() {
        let blob = a_blob();
        let refuses = Server::start(1, |_, _| (404, String::new()));
        let lies = Server::start(1, |_, _| (200, json!({ "result": Blob::ZERO }).to_string()));
        let tells = Server::start(1, move |_, _| (200, json!({ "result": blob }).to_string()));
        let url = |server: &Server| server.url.parse::<Url>().expect("a URL");
        let sources = BlobSources::default().with_sources(vec![
            BlobSource::Archive(url(&refuses)),
            BlobSource::Anvil(url(&lies)),
            BlobSource::Anvil(url(&tells)),
        ]);
        let wanted = WantedBlob { versioned_hash: versioned_hash(&blob), block_time: 0 };
        assert_eq!(sources.find(wanted).await.expect("the last one has it"), words(&blob));
        for server in [refuses, lies, tells] {
            assert_eq!(server.asked(), 1);
        }
        // Now nobody listens any more.
        let silent = sources.find(wanted).await.expect_err("nobody has it");
        assert!(matches!(silent, ClientError::NoBlob { asked: 3, .. }), "{silent}");
    }
}
