//! The container of snarkjs' binary files: four letters, a version, and numbered sections.
//!
//! All integers are little-endian. A section is its number (4 bytes), its length (8 bytes) and its
//! content; the order of sections is free.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::encoding::{FilePoint, decode_points};
use crate::error::{CeremonyFile, Error};

/// The version of the container that this program writes and the newest that it reads.
const VERSION: u32 = 1;
/// Bytes of a section's number and length.
const HEADER_BYTES: u64 = 12;

/// Where a section's content lies in its file, in bytes.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: u64,
    length: u64,
}

/// An open file and the places of its sections.
#[derive(Debug)]
pub(super) struct Sections<R> {
    reader: R,
    file: CeremonyFile,
    places: BTreeMap<u32, Place>,
}

impl<R: Read + Seek> Sections<R> {
    /// Reads the list of sections.
    ///
    /// # Errors
    /// [`Error::CeremonyRead`] when the file cannot be read; [`Error::CeremonyRefused`] when it
    /// does not begin with `magic`, has another version, ends too early, or has a section twice.
    pub(super) fn open(mut reader: R, file: CeremonyFile, magic: [u8; 4]) -> Result<Self, Error> {
        let failed = |source| Error::CeremonyRead { file, source };
        let refused = |fault: String| Error::CeremonyRefused { file, fault };
        let end = reader.seek(SeekFrom::End(0)).map_err(failed)?;
        reader.rewind().map_err(failed)?;
        let mut header = [0; 12];
        if end < header.len() as u64 {
            return Err(refused("it is too short".to_owned()));
        }
        reader.read_exact(&mut header).map_err(failed)?;
        if header[..4] != magic {
            let expected = String::from_utf8_lossy(&magic).into_owned();
            return Err(refused(format!("it does not begin with `{expected}`")));
        }
        let [version, count] = [4, 8].map(|at| u32_at(&header, at));
        if version != VERSION {
            return Err(refused(format!("it has version {version}, not {VERSION}")));
        }
        let mut places = BTreeMap::new();
        let mut at = header.len() as u64;
        for _ in 0..count {
            let start = at + HEADER_BYTES;
            if start > end {
                return Err(refused(format!("it ends after {} of {count} sections", places.len())));
            }
            reader.seek(SeekFrom::Start(at)).map_err(failed)?;
            reader.read_exact(&mut header).map_err(failed)?;
            let (number, length) = (u32_at(&header, 0), u64_at(&header, 4));
            at = start.checked_add(length).filter(|next| *next <= end).ok_or_else(|| {
                refused(format!("it ends within section {number}, so it is incomplete"))
            })?;
            if places.insert(number, Place { start, length }).is_some() {
                return Err(refused(format!("it has section {number} twice")));
            }
        }
        Ok(Self { reader, file, places })
    }

    /// The length of a section in bytes; `None` if the file has no such section.
    pub(super) fn length(&self, number: u32) -> Option<u64> {
        self.places.get(&number).map(|place| place.length)
    }

    /// Demands that a section has exactly this length.
    ///
    /// # Errors
    /// [`Error::CeremonyRefused`] when the section is missing or has another length.
    pub(super) fn require(&self, number: u32, length: u64) -> Result<(), Error> {
        match self.length(number) {
            Some(found) if found == length => Ok(()),
            Some(found) => Err(self.refused(format!(
                "section {number} has {found} bytes where its header demands {length}"
            ))),
            None => Err(self.refused(format!("it has no section {number}"))),
        }
    }

    /// Reads a part of a section.
    ///
    /// # Errors
    /// [`Error::CeremonyRefused`] when the section has no such part; [`Error::CeremonyRead`] when
    /// the file cannot be read.
    pub(super) fn read(&mut self, number: u32, from: u64, length: u64) -> Result<Vec<u8>, Error> {
        let place = self.places.get(&number).copied();
        let place = place.ok_or_else(|| self.refused(format!("it has no section {number}")))?;
        if from.checked_add(length).is_none_or(|end| end > place.length) {
            return Err(self.refused(format!("section {number} is too short")));
        }
        let mut bytes = vec![0; length as usize];
        let start = SeekFrom::Start(place.start + from);
        let read = self.reader.seek(start).and_then(|_| self.reader.read_exact(&mut bytes));
        read.map_err(|source| Error::CeremonyRead { file: self.file, source })?;
        Ok(bytes)
    }

    /// Reads a whole section.
    ///
    /// # Errors
    /// As [`Sections::read`].
    pub(super) fn read_whole(&mut self, number: u32) -> Result<Vec<u8>, Error> {
        self.read(number, 0, self.length(number).unwrap_or_default())
    }

    /// Reads `count` points of a section, from the point with index `first` on. Every point is on
    /// its curve; points of G2 may lie outside the group.
    ///
    /// # Errors
    /// As [`Sections::read`]; [`Error::CeremonyRefused`] when a point is not on its curve.
    pub(super) fn points<A: FilePoint>(
        &mut self,
        number: u32,
        first: usize,
        count: usize,
    ) -> Result<Vec<A>, Error> {
        let size = A::BYTES as u64;
        let bytes = self.read(number, first as u64 * size, count as u64 * size)?;
        decode_points(&bytes).map_err(|index| {
            self.refused(format!("point {} of section {number} is not on its curve", first + index))
        })
    }

    /// The error that this file is refused.
    pub(super) fn refused(&self, fault: String) -> Error {
        Error::CeremonyRefused { file: self.file, fault }
    }
}

/// Writes a file of sections, each with its length known in advance.
#[derive(Debug)]
pub(super) struct SectionWriter<W> {
    writer: W,
    file: CeremonyFile,
}

impl<W: Write> SectionWriter<W> {
    /// Begins a file of `count` sections.
    ///
    /// # Errors
    /// [`Error::CeremonyWrite`] with the writer's error, as every method here.
    pub(super) fn new(
        writer: W,
        file: CeremonyFile,
        magic: [u8; 4],
        count: u32,
    ) -> Result<Self, Error> {
        let mut own = Self { writer, file };
        own.write(&magic)?;
        own.write(&[VERSION, count].map(u32::to_le_bytes).concat())?;
        Ok(own)
    }

    /// Begins a section, whose `length` bytes must follow.
    pub(super) fn begin(&mut self, number: u32, length: u64) -> Result<(), Error> {
        self.write(&number.to_le_bytes())?;
        self.write(&length.to_le_bytes())
    }

    /// Writes a whole section.
    pub(super) fn section(&mut self, number: u32, content: &[u8]) -> Result<(), Error> {
        self.begin(number, content.len() as u64)?;
        self.write(content)
    }

    /// Writes a section of points.
    pub(super) fn points<A: FilePoint>(&mut self, number: u32, points: &[A]) -> Result<(), Error> {
        self.begin(number, (points.len() * A::BYTES) as u64)?;
        self.write_points(points)
    }

    /// Writes some of a section's points.
    pub(super) fn write_points<A: FilePoint>(&mut self, points: &[A]) -> Result<(), Error> {
        /// Points that are encoded at once.
        const POINTS: usize = 1 << 14;
        let mut bytes = Vec::with_capacity(POINTS.min(points.len()) * A::BYTES);
        for some in points.chunks(POINTS) {
            bytes.clear();
            some.iter().for_each(|point| point.encode(&mut bytes));
            self.write(&bytes)?;
        }
        Ok(())
    }

    /// Writes bytes of a section's content.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.writer.write_all(bytes).map_err(|source| self.failed(source))
    }

    /// Hands all bytes to the operating system.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.writer.flush().map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::CeremonyWrite { file: self.file, source }
    }
}

/// The integer that begins at byte `at`, which the caller has read.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

/// As [`u32_at`], of eight bytes.
fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}
